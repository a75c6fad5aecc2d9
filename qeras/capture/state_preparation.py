"""Preparation of states: basis states, state vectors, and their unitaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.arrays import concrete, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries
from qeras.capture.operations import check_axes, operations
from qeras.capture.scalar import Scalar, real_part
from qeras.capture.symbol import unwrap
from qeras.capture.wires import touched, wire_labels
from qeras.circuit.circuit import Operation, Wire
from qeras.circuit.expressions import ONE, ZERO, Expression, call, constant


@operations.register(qml.StatePrep)
@operations.register(qml.MottonenStatePreparation)
def _(operator: Any) -> list[Operation]:
    state = operator.data[0]
    sparse = qml.math.get_interface(state) == "scipy"
    array = to_array(state.toarray().reshape(-1) if sparse else unwrap(state))
    check_axes(array, 1, operator)
    return [Operation("StatePrep", wire_labels(operator.wires), entries(array))]


@operations.register(qml.BasisState)
def _(operator: qml.BasisState) -> list[Operation]:
    bits = to_array(unwrap(operator.data[0]))
    return [
        step
        for wire, bit in zip(wire_labels(operator.wires), bits, strict=True)
        for step in _flip(wire, bit)
    ]


def _flip(wire: Wire, bit: Scalar) -> list[Operation]:
    """X to the power of a bit. A value that is no bit makes the sample's results nan, as
    it cannot be an error once the circuit runs."""
    if bit.value is not None:
        return [Operation("PauliX", (wire,))] if bit.value else []
    value = real_part(bit, "a bit of BasisState")
    angle = call("where", _is_bit(value), value, constant(np.nan))
    return [
        Operation("RX", (wire,), (call("multiply", angle, constant(np.pi)),)),
        Operation("GlobalPhase", (), (call("multiply", angle, constant(-np.pi / 2)),)),
    ]


def _is_bit(value: Expression) -> Expression:
    return call("maximum", call("equal", value, ZERO), call("equal", value, ONE))


def as_unitary(steps: Iterable[Operation]) -> list[Operation]:
    """The operations where state vectors are prepared by gates, as is needed where their
    wires are not in |0...0>, and to invert or control them.

    Raises:
        CaptureError: if the state vector depends on inputs or weights.
    """
    return [
        part
        for step in steps
        for part in (_by_rotations(step) if step.gate == "StatePrep" else [step])
    ]


def _by_rotations(step: Operation) -> list[Operation]:
    half = len(step.parameters) // 2
    numbers = concrete(to_array([Scalar(value) for value in step.parameters]))
    if numbers is None:
        raise CaptureError(
            f"Expected a state of inputs or weights to be prepared by the first operation on its "
            f"wires. Received: StatePrep on wires {list(step.wires)} behind other operations, "
            "controlled or inverted. Move it to the front."
        )
    vector = numbers[:half] + 1j * numbers[half:]
    parts = qml.MottonenStatePreparation.compute_decomposition(vector, qml.wires.Wires(step.wires))
    return [operation for part in parts for operation in operations(part)]


def on_fresh_wires(steps: Sequence[Operation]) -> list[Operation]:
    """The operations of a circuit, where `StatePrep` stays only on wires that no operation
    touched before."""
    result: list[Operation] = []
    used: set[Wire] = set()
    for step in steps:
        parts = [step] if used.isdisjoint(step.wires) else as_unitary([step])
        used.update(touched(parts))
        result += parts
    return result
