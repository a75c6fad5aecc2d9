"""Circuits with noise: the density matrix of n wires as a state of 2n wires.

Each wire becomes two, one for the row and one for the column of the density matrix. A
unitary acts on the rows, its complex conjugate on the columns, and a channel is one matrix
on both, which need not be unitary. So the plan and its moves are those of any circuit; only
reading the result differs (`qeras.measurements.densities`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from qeras.circuit.channels import entries_of, is_channel
from qeras.circuit.circuit import Circuit, Operation, Wire
from qeras.circuit.expressions import Constant as ConstantExpression
from qeras.circuit.expressions import call, constant
from qeras.circuit.gates import GATES, decomposed
from qeras.plan.factors import Constant, Entries, Factor
from qeras.plan.lowering import embed

TOLERANCE = 1e-12


def doubled(circuit: Circuit) -> Circuit:
    """The circuit on rows and columns of the density matrix.

    Wire number w has its row on axis 2w and its column on axis 2w + 1, so that a channel is
    on neighbours. The measurements stay those of the circuit, on its own wires.
    """
    place = {wire: number for number, wire in enumerate(circuit.wires)}
    operations: list[Operation] = []
    for whole in circuit.operations:
        if is_channel(whole):
            operations.append(_channel(whole, place))
            continue
        for operation in decomposed(whole):
            operations.append(_on(operation, place, 0))
            operations.append(_on(conjugate(operation), place, 1))
    starts = [one for one in operations if one.gate == "StatePrep"]
    others = [one for one in operations if one.gate != "StatePrep"]
    wires = tuple(range(2 * len(circuit.wires)))
    return replace(circuit, wires=wires, operations=tuple(starts + others))


def _on(operation: Operation, place: dict[Wire, int], side: int) -> Operation:
    def moved(wires: tuple[Wire, ...]) -> tuple[Wire, ...]:
        return tuple(2 * place[wire] + side for wire in wires)

    return replace(operation, wires=moved(operation.wires), controls=moved(operation.controls))


def _channel(operation: Operation, place: dict[Wire, int]) -> Operation:
    rows = tuple(2 * place[wire] for wire in operation.wires)
    wires = (*rows, *(row + 1 for row in rows))
    return Operation("QubitUnitary", wires, entries_of(operation))


def fixed_channels(factors: Sequence[Factor]) -> list[Factor]:
    """The factors, where matrices of constant entries, those of channels with constant
    probabilities, are constants: parts of the blocks around them."""
    return [_fixed(f) if isinstance(f, Entries) and f.kind == "matrix" else f for f in factors]


def _fixed(factor: Entries) -> Factor:
    values = [one.value for one in factor.entries if isinstance(one, ConstantExpression)]
    if len(values) != len(factor.entries) or not np.isfinite(values).all():
        return factor
    real, imaginary = np.array(values).reshape(2, *[2 ** len(factor.axes)] * 2)
    return Constant(factor.axes, real + 1j * imaginary, unitary=False)


def conjugate(operation: Operation) -> Operation:
    """The operation whose matrix is the complex conjugate; it has no decomposition."""
    gate = GATES[operation.gate]
    if gate.matrix is not None:
        return _conjugate_constant(operation, gate.matrix)
    if gate.rotation is not None:
        return _conjugate_rotation(operation)
    if operation.gate == "Evolution":
        angle, *entries = operation.parameters
        parameters = (call("negative", angle), *_conjugate_entries(tuple(entries)))
        return replace(operation, parameters=parameters)
    return replace(operation, parameters=_conjugate_entries(operation.parameters))


def _conjugate_entries(entries: tuple) -> tuple:
    half = len(entries) // 2
    return (*entries[:half], *(call("negative", one) for one in entries[half:]))


def _conjugate_constant(operation: Operation, matrix: np.ndarray) -> Operation:
    if not matrix.imag.any():
        return operation
    diagonal = np.diag(matrix)
    is_diagonal = np.array_equal(matrix, np.diag(diagonal))
    values = (diagonal if is_diagonal else matrix).conj().reshape(-1)
    name = "DiagonalQubitUnitary" if is_diagonal else "QubitUnitary"
    return replace(operation, gate=name, parameters=_constants(values))


def _constants(values: np.ndarray) -> tuple:
    return tuple(constant(value) for value in (*values.real.tolist(), *values.imag.tolist()))


def _conjugate_rotation(operation: Operation) -> Operation:
    """exp(-i angle G*): of a real generator the inverse, of an imaginary one the same."""
    (angle,) = operation.parameters
    back = replace(operation, parameters=(call("negative", angle),))
    if operation.gate == "PauliRot":
        return operation if operation.pauli_word.count("Y") % 2 else back
    rotation = GATES[operation.gate].rotation(operation)  # type: ignore[misc]
    if not rotation.basis:
        return back
    count = len(operation.wires)
    basis = reduce(
        lambda total, part: embed(part[1], part[0], count) @ total,
        rotation.basis,
        np.eye(2**count, dtype=complex),
    )
    generator = basis @ np.diag(rotation.diagonal) @ basis.conj().T
    if np.abs(generator.imag).max() < TOLERANCE:
        return back
    if np.abs(generator.real).max() < TOLERANCE:
        return operation
    entries = _constants(generator.conj().reshape(-1))
    return replace(operation, gate="Evolution", parameters=(call("negative", angle), *entries))
