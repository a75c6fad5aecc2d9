"""Operation -> factors: the gate table's records written as the engine's few kinds."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import reduce
from itertools import product

import numpy as np

from qeras.circuit.circuit import Circuit, Operation
from qeras.circuit.expressions import ONE, ZERO, Expression, call
from qeras.circuit.expressions import Constant as ConstantExpression
from qeras.circuit.gates import GATES, Rotation, decomposed
from qeras.plan.factors import Constant, Entries, Factor, Permutation, Phase, Rotated

TOLERANCE = 1e-12


def lower(circuit: Circuit) -> list[Factor]:
    """The circuit's operations as factors on axes, in order."""
    axis = {wire: position for position, wire in enumerate(circuit.wires)}
    return [
        factor
        for whole in circuit.operations
        for operation in decomposed(whole)
        for factor in _lower_operation(operation, axis)
    ]


def _lower_operation(operation: Operation, axis: dict) -> list[Factor]:
    gate = GATES[operation.gate]
    axes = tuple(axis[wire] for wire in (*operation.controls, *operation.wires))
    if gate.matrix is not None:
        return [_constant(axes, gate.matrix, operation)]
    if gate.rotation is not None:
        (angle,) = operation.parameters
        return [_rotation(axes, gate.rotation(operation), angle, operation)]
    return _data(axes, operation)


def _active(operation: Operation) -> np.ndarray:
    """One where all controls have their values, else zero; over the controls' states."""
    bits = [np.array([0.0, 1.0]) if value else np.array([1.0, 0.0])
            for value in operation.control_values]  # fmt: skip
    return reduce(np.kron, bits, np.ones(1))


def _controlled_matrix(matrix: np.ndarray, operation: Operation) -> np.ndarray:
    active = _active(operation)
    size = len(matrix)
    result = np.eye(len(active) * size, dtype=complex)
    start = int(np.argmax(active)) * size
    result[start : start + size, start : start + size] = matrix
    return result


def _constant(axes: tuple[int, ...], matrix: np.ndarray, operation: Operation) -> Factor:
    if _is_permutation(matrix):
        local = np.argmax(np.abs(matrix), axis=1)
        return Permutation(axes, _controlled_source(local, operation))
    diagonal = np.diag(matrix)
    if np.allclose(matrix, np.diag(diagonal), atol=TOLERANCE):
        generator = np.kron(_active(operation), np.angle(diagonal))
        return Phase(axes, generator, ONE)
    return Constant(axes, _controlled_matrix(matrix, operation))


def _is_permutation(matrix: np.ndarray) -> bool:
    ones = np.abs(matrix - 1) < TOLERANCE
    zeros = np.abs(matrix) < TOLERANCE
    return bool(np.all(ones | zeros) and np.all(ones.sum(0) == 1) and np.all(ones.sum(1) == 1))


def _controlled_source(local: np.ndarray, operation: Operation) -> np.ndarray:
    active = _active(operation)
    source = np.arange(len(active) * len(local))
    start = int(np.argmax(active)) * len(local)
    source[start : start + len(local)] = start + local
    return source


def _rotation(
    axes: tuple[int, ...], rotation: Rotation, angle: Expression, operation: Operation
) -> Factor:
    generator = np.kron(_active(operation), rotation.diagonal)
    if not rotation.basis:
        return Phase(axes, generator, angle)
    targets = axes[len(operation.controls) :]
    basis = tuple(
        Constant(tuple(targets[position] for position in positions), matrix)
        for positions, matrix in rotation.basis
    )
    return Rotated(axes, generator, basis, angle)


def embed(matrix: np.ndarray, positions: tuple[int, ...], count: int) -> np.ndarray:
    """A matrix on `positions` of `count` axes as a matrix on all of them."""
    width = len(positions)
    rest = [position for position in range(count) if position not in positions]
    whole = np.kron(matrix, np.eye(2 ** (count - width))).reshape((2,) * (2 * count))
    order = np.argsort([*positions, *rest])
    return whole.transpose([*order, *(order + count)]).reshape(2**count, 2**count)


def embed_vector(vector: np.ndarray, positions: tuple[int, ...], count: int) -> np.ndarray:
    """A function of the bits at `positions` as a function of all `count` bits."""
    rest = [position for position in range(count) if position not in positions]
    whole = np.kron(vector, np.ones(2 ** len(rest))).reshape((2,) * count)
    return whole.transpose(np.argsort([*positions, *rest])).reshape(-1)


def embed_source(source: np.ndarray, positions: tuple[int, ...], count: int) -> np.ndarray:
    """A permutation of the states of `positions` as one of all `count` axes."""
    index = np.arange(2**count, dtype="int32").reshape((2,) * count)
    rest = [position for position in range(count) if position not in positions]
    order = [*positions, *rest]
    moved = index.transpose(order).reshape(len(source), -1)[source]
    return moved.reshape((2,) * count).transpose(np.argsort(order)).reshape(-1)


def _numbers(parameters: tuple[Expression, ...]) -> np.ndarray | None:
    """The complex numbers that the parameters spell, or None if any is not constant."""
    if not all(isinstance(parameter, ConstantExpression) for parameter in parameters):
        return None
    values = np.array([parameter.value for parameter in parameters])  # type: ignore[attr-defined]
    half = len(values) // 2
    return values[:half] + 1j * values[half:]


def _data(axes: tuple[int, ...], operation: Operation) -> list[Factor]:
    parameters = operation.parameters
    if operation.gate == "Evolution":
        matrix = _numbers(parameters[1:])
        if matrix is None:
            generator = replace(operation, parameters=_scaled_generator(parameters))
            return [Entries(axes, "evolution", _controlled_entries("evolution", generator))]
        width = len(operation.wires)
        values, vectors = np.linalg.eigh(matrix.reshape(2**width, 2**width))
        rotation = Rotation(values, ((tuple(range(width)), vectors),))
        return [_rotation(axes, rotation, parameters[0], operation)]
    kind = {
        "QubitUnitary": "matrix",
        "DiagonalQubitUnitary": "diagonal",
        "StatePrep": "state",
    }[operation.gate]
    numbers = _numbers(parameters)
    if numbers is not None and kind == "matrix":
        size = 2 ** len(operation.wires)
        matrix = numbers.reshape(size, size)
        if np.allclose(matrix @ matrix.conj().T, np.eye(size), atol=1e-10):
            return [_constant(axes, matrix, operation)]
    if numbers is not None and kind == "diagonal" and np.allclose(np.abs(numbers), 1, atol=1e-10):
        return [Phase(axes, np.kron(_active(operation), np.angle(numbers)), ONE)]
    return [Entries(axes, kind, _controlled_entries(kind, operation))]


def _scaled_generator(parameters: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """theta G of exp(i theta G), of G's lower triangle, as `eigh` takes it."""
    theta, half = parameters[0], len(parameters) // 2
    side = math.isqrt(half)
    real: list[Expression] = []
    imaginary: list[Expression] = []
    for row, column in product(range(side), repeat=2):
        place = 1 + max(row, column) * side + min(row, column)
        real.append(call("multiply", theta, parameters[place]))
        below = call("multiply", theta, parameters[half + place])
        above = call("negative", below)
        imaginary.append(ZERO if row == column else below if row > column else above)
    return (*real, *imaginary)


def _controlled_entries(kind: str, operation: Operation) -> tuple[Expression, ...]:
    """The entries over controls and wires, where the gate may be controlled."""
    if not operation.controls:
        return operation.parameters
    size = 2 ** len(operation.wires)
    active = _active(operation)
    start = int(np.argmax(active)) * size
    total = len(active) * size
    half = len(operation.parameters) // 2
    parts: list[Expression] = []
    one = ZERO if kind == "evolution" else ONE  # nothing is generated elsewhere
    for part, unit in ((operation.parameters[:half], one), (operation.parameters[half:], ZERO)):
        if kind == "diagonal":
            parts += [unit] * start + list(part) + [unit] * (total - start - size)
            continue
        whole = [
            [unit if row == column else ZERO for column in range(total)] for row in range(total)
        ]
        for row in range(size):
            whole[start + row][start : start + size] = part[row * size : (row + 1) * size]
        parts += [entry for row in whole for entry in row]
    return tuple(parts)
