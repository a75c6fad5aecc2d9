"""Inverse, control and power of operations, exact with their phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from qeras.capture.arrays import to_array
from qeras.capture.errors import CaptureError
from qeras.circuit.circuit import Operation, Wire
from qeras.circuit.expressions import Expression, call, constant
from qeras.circuit.gates import GATES

# Gates whose inverse is a phase, which merges with others, and not a matrix.
_INVERSE_PHASES = {"S": -np.pi / 2, "T": -np.pi / 4}


def unitary(matrix: np.ndarray, wires: Sequence[Wire]) -> Operation:
    """The gate with this square matrix, of numbers or scalars."""
    return Operation("QubitUnitary", tuple(wires), entries(matrix))


def entries(array: np.ndarray) -> tuple[Expression, ...]:
    """All real parts, then all imaginary parts, row by row."""
    scalars = list(to_array(array).flat)
    return (*(item.re for item in scalars), *(item.im for item in scalars))


def controlled(
    operations: Iterable[Operation], wires: Sequence[Wire], values: Sequence[bool]
) -> list[Operation]:
    """The operations where `wires` have `values`, else nothing."""
    return [
        replace(
            operation,
            controls=(*wires, *operation.controls),
            control_values=(*values, *operation.control_values),
        )
        for operation in operations
    ]


def inverse(operations: Sequence[Operation]) -> list[Operation]:
    """Operations that undo `operations`."""
    return [one for operation in reversed(operations) for one in _inverse(operation)]


def _inverse(operation: Operation) -> list[Operation]:
    gate = GATES[operation.gate]
    if gate.decomposition is not None:
        parts = inverse(gate.decomposition(replace(operation, controls=(), control_values=())))
        return controlled(parts, operation.controls, operation.control_values)
    if gate.matrix is not None:
        return [_inverse_constant(operation, gate.matrix)]
    if gate.rotation is not None or gate.name == "Evolution":
        angle, *rest = operation.parameters
        return [replace(operation, parameters=(call("negative", angle), *rest))]
    if gate.name == "StatePrep":
        raise CaptureError(f"Expected operations with an inverse. Received: {operation}")
    return [replace(operation, parameters=_adjoint_entries(operation))]


def _inverse_constant(operation: Operation, matrix: np.ndarray) -> Operation:
    if np.allclose(matrix, matrix.conj().T):
        return operation
    if operation.gate in _INVERSE_PHASES:
        angle = constant(_INVERSE_PHASES[operation.gate])
        return replace(operation, gate="PhaseShift", parameters=(angle,))
    return replace(operation, gate="QubitUnitary", parameters=entries(matrix.conj().T))


def _adjoint_entries(operation: Operation) -> tuple[Expression, ...]:
    half = len(operation.parameters) // 2
    order = np.arange(half)
    if operation.gate == "QubitUnitary":
        side = 2 ** len(operation.wires)
        order = order.reshape(side, side).T.reshape(-1)
    re = (operation.parameters[i] for i in order)
    im = (call("negative", operation.parameters[half + i]) for i in order)
    return (*re, *im)


def power(operations: Sequence[Operation], exponent: int) -> list[Operation]:
    """The operations `exponent` times, inverted where it is negative."""
    once = list(operations) if exponent >= 0 else inverse(operations)
    return once * abs(exponent)
