"""Mid-circuit measurements, by deferral: a measured wire becomes a control, and what is
measured again or reset is copied to a wire of its own first.

Statistics of measured values are those of the wires that hold them at the end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
from pennylane import measurements as mp

from qeras.capture.errors import CaptureError
from qeras.capture.observables import MAX_DENSE_WIRES
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import HermitianTerm, Measurement, Observable, Wire
from qeras.circuit.expressions import ONE

_KINDS = {
    mp.ExpectationMP: "expval",
    mp.VarianceMP: "var",
    mp.ProbabilityMP: "probs",
    mp.SampleMP: "sample",
    mp.CountsMP: "counts",
}


def deferred(qnode: qml.QNode, tape: qml.tape.QuantumScript) -> qml.tape.QuantumScript:
    """The tape without mid-circuit measurements; itself if it has none.

    Postselection becomes a projector, after which the state has another norm.

    Raises:
        CaptureError: for what deferral cannot express.
    """
    measured = [one for one in tape.operations if isinstance(one, qml.ops.MidMeasure)]
    if not measured:
        return tape
    _check_postselection(qnode, tape, measured)
    for process in tape.measurements:
        if isinstance(process, mp.StateMP) and not isinstance(process, mp.DensityMatrixMP):
            raise CaptureError(
                "Expected a circuit with mid-circuit measurements to end in a mixed state, which "
                "no state vector describes. Received: qml.state(). Return "
                "qml.density_matrix(wires)."
            )
        if not (process.wires or process.obs or has_mid_circuit_values(process)):
            raise CaptureError(
                "Expected measurements that name their wires after mid-circuit measurements. "
                f"Received: {process}. Write its wires."
            )
    (result,), _ = qml.defer_measurements(tape)
    return result


def _check_postselection(
    qnode: qml.QNode, tape: qml.tape.QuantumScript, measured: list[Any]
) -> None:
    selects = any(one.postselect is not None for one in measured)
    if selects and qnode.shots and qnode.execute_kwargs["postselect_mode"] != "fill-shots":
        raise CaptureError(
            "Expected postselection with shots that keeps their number. Received: a QNode whose "
            "shots that are not selected are lost, so the shape of its results is not known. "
            "Write @qml.qnode(device, postselect_mode='fill-shots', mcm_method='deferred'), or "
            "run without shots."
        )


def has_mid_circuit_values(process: Any) -> bool:
    """Whether a measurement is of values that were measured before."""
    return getattr(process, "mv", None) is not None


def mid_circuit_statistics(process: Any) -> Measurement:
    """The measurement of mid-circuit values, on the wires that hold them.

    Raises:
        CaptureError: for too many values in one.
    """
    kind = _KINDS[type(process)]
    value = process.mv
    if isinstance(value, list):
        return Measurement(kind, wires=tuple(wire for one in value for wire in _wires(one)))
    if kind == "probs":
        return Measurement(kind, wires=_wires(value))
    return Measurement(kind, observable=_values(value))


def _wires(value: Any) -> tuple[Wire, ...]:
    return wire_labels(one.wires[0] for one in value.measurements)


def _values(value: Any) -> Observable:
    """A diagonal observable: the value in each branch."""
    wires = _wires(value)
    if len(wires) > MAX_DENSE_WIRES:
        raise CaptureError(
            f"Expected at most {MAX_DENSE_WIRES} mid-circuit measurements in one value. "
            f"Received: {len(wires)}. Return their sample or probs as a list."
        )
    levels = [float(qml.math.toarray(result)) for _, result in value.items()]
    return (HermitianTerm(ONE, wires, tuple(map(tuple, np.diag(levels).tolist()))),)
