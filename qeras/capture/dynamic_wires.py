"""Wires that a circuit borrows by `qml.allocate`: they get labels that nothing else has."""

from __future__ import annotations

import pennylane as qml
from pennylane.devices.preprocess import device_resolve_dynamic_wires


def labelled(qnode: qml.QNode, tape: qml.tape.QuantumScript) -> qml.tape.QuantumScript:
    """The tape with wires of its device, or new ones, in place of borrowed ones; itself if it
    borrows none. A wire that was given back in another state than |0> is not used again, as
    on `default.qubit` where measurements are deferred."""
    if not any(isinstance(one, qml.allocation.Allocate) for one in tape.operations):
        return tape
    (result,), _ = device_resolve_dynamic_wires(tape, wires=qnode.device.wires, allow_resets=False)
    return result
