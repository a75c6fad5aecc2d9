"""A small simulator in complex128 that is plain to read: the measure of the engine.

One matrix per gate, one sample at a time, no planning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Operation,
    PauliTerm,
    Term,
    Wire,
)
from qeras.circuit.expressions import (
    FUNCTIONS,
    Call,
    Constant,
    Expression,
    Reference,
    constant,
    topological,
)
from qeras.circuit.gates import GATES

_PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def evaluate(roots: Iterable[Expression], values: Mapping[str, np.ndarray]) -> list[float]:
    """The numbers that expressions stand for.

    Args:
        roots: the expressions.
        values: the tensor of each source, by name.
    """
    roots = list(roots)
    flat = {name: np.asarray(value, dtype=float).reshape(-1) for name, value in values.items()}
    numbers: dict[Expression, float] = {}
    for node in topological(roots):
        if isinstance(node, Constant):
            numbers[node] = node.value
        elif isinstance(node, Reference):
            numbers[node] = float(flat[node.source][node.index])
        elif isinstance(node, Call):
            numbers[node] = _call(node.function, [numbers[item] for item in node.arguments])
    return [numbers[root] for root in roots]


def _call(function: str, arguments: list[float]) -> float:
    try:
        return FUNCTIONS[function][1](*arguments)
    except (ArithmeticError, ValueError):
        return float("nan")


def simulate(
    circuit: Circuit, inputs: np.ndarray, weights: Mapping[str, np.ndarray]
) -> list[np.ndarray]:
    """The results of the circuit's measurements for one sample.

    Args:
        circuit: the circuit.
        inputs: `(features,)`.
        weights: each weight, by name.

    Raises:
        ValueError: for a circuit with shots or channels, of which this is no measure.
    """
    if circuit.shots or any(map(is_channel, circuit.operations)):
        raise ValueError(
            "Expected a circuit without shots and channels. Received: "
            f"{circuit.name!r} with shots={circuit.shots}; compare it with PennyLane."
        )
    values = {circuit.input_name: np.asarray(inputs), **weights}
    state = final_state(circuit, values)
    return [_measure(item, state, circuit.wires, values) for item in circuit.measurements]


def final_state(circuit: Circuit, values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The state after all operations, of shape `(2,) * wires`; of norm 1 if they postselect."""
    state = np.zeros((2,) * len(circuit.wires), dtype=complex)
    state[(0,) * len(circuit.wires)] = 1
    for operation in circuit.operations:
        state = _apply(operation, state, circuit.wires, values)
    return state / np.linalg.norm(state) if circuit.postselects else state


def _apply(
    operation: Operation,
    state: np.ndarray,
    wires: tuple[Wire, ...],
    values: Mapping[str, np.ndarray],
) -> np.ndarray:
    numbers = evaluate(operation.parameters, values)
    axes = [wires.index(wire) for wire in (*operation.controls, *operation.wires)]
    matrix = _controlled(matrix_of(operation, numbers), operation.control_values)
    return _contract(matrix, state, axes)


def _contract(matrix: np.ndarray, state: np.ndarray, axes: list[int]) -> np.ndarray:
    count = len(axes)
    tensor = matrix.reshape((2,) * (2 * count))
    moved = np.tensordot(tensor, state, axes=(list(range(count, 2 * count)), axes))
    return np.moveaxis(moved, list(range(count)), axes)


def _controlled(matrix: np.ndarray, values: tuple[bool, ...]) -> np.ndarray:
    size, count = len(matrix), len(values)
    result = np.eye(2**count * size, dtype=complex)
    start = sum(value << place for place, value in enumerate(reversed(values))) * size
    result[start : start + size, start : start + size] = matrix
    return result


def matrix_of(operation: Operation, numbers: list[float]) -> np.ndarray:
    """The matrix of an operation on its target wires, without its controls."""
    gate, count = GATES[operation.gate], len(operation.wires)
    if gate.matrix is not None:
        return np.array(gate.matrix)
    if gate.rotation is not None:
        rotation = gate.rotation(operation)
        basis = np.eye(2**count, dtype=complex)
        for positions, block in rotation.basis:
            basis = _on_positions(block, positions, count) @ basis
        phases = np.exp(1j * numbers[0] * rotation.diagonal)
        return basis @ np.diag(phases) @ basis.conj().T
    if gate.decomposition is not None:
        known = replace(operation, parameters=tuple(map(constant, numbers)))
        return _product(gate.decomposition(known), count)
    return _data_matrix(operation, numbers)


def _product(parts: list[Operation], count: int) -> np.ndarray:
    """The product of a decomposition into gates with known angles on all `count` wires."""
    result = np.eye(2**count, dtype=complex)
    for part in parts:
        result = matrix_of(part, evaluate(part.parameters, {})) @ result
    return result


def _data_matrix(operation: Operation, numbers: list[float]) -> np.ndarray:
    theta = numbers[0]
    data = numbers[1:] if operation.gate == "Evolution" else numbers
    half = len(data) // 2
    entries = np.array(data[:half]) + 1j * np.array(data[half:])
    size = 2 ** len(operation.wires)
    if operation.gate == "DiagonalQubitUnitary":
        return np.diag(entries)
    if operation.gate == "StatePrep":
        return np.outer(entries, np.eye(size)[0])
    matrix = entries.reshape(size, size)
    if operation.gate == "QubitUnitary":
        return matrix
    energies, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.exp(1j * theta * energies)) @ vectors.conj().T


def _on_positions(block: np.ndarray, positions: tuple[int, ...], count: int) -> np.ndarray:
    identity = np.eye(2**count).reshape((2,) * count + (2**count,))
    return _contract(block, identity, list(positions)).reshape(2**count, 2**count)


def _measure(
    item: Measurement,
    state: np.ndarray,
    wires: tuple[Wire, ...],
    values: Mapping[str, np.ndarray],
) -> np.ndarray:
    axes = [wires.index(wire) for wire in item.wires]
    if item.kind in ("expval", "var"):
        return _moments(item, state, wires, values)
    if item.kind == "state":
        return state.transpose(axes).reshape(-1)
    if item.kind == "probs":
        return _probabilities(item, state, axes)
    if item.kind == "density_matrix":
        return _density(state, axes)
    if item.kind == "purity":
        rho = _density(state, axes)
        return np.real(np.trace(rho @ rho))
    if item.kind == "vn_entropy":
        return _entropy(_density(state, axes), item.log_base)
    others = [wires.index(wire) for wire in item.other_wires]
    parts = [_density(state, one) for one in (axes, others, axes + others)]
    first, second, both = (_entropy(rho, item.log_base) for rho in parts)
    return first + second - both


def _probabilities(item: Measurement, state: np.ndarray, axes: list[int]) -> np.ndarray:
    if item.basis:
        state = _contract(np.array(item.basis), state, axes)
    return np.real(np.diag(_density(state, axes)))


def _density(state: np.ndarray, axes: list[int]) -> np.ndarray:
    rest = [axis for axis in range(state.ndim) if axis not in axes]
    matrix = state.transpose(axes + rest).reshape(2 ** len(axes), -1)
    return matrix @ matrix.conj().T


def _entropy(rho: np.ndarray, base: float | None) -> np.ndarray:
    eigenvalues = np.linalg.eigvalsh(rho)
    positive = eigenvalues[eigenvalues > 1e-15]
    return -np.sum(positive * np.log(positive)) / np.log(base or np.e)


def _moments(
    item: Measurement,
    state: np.ndarray,
    wires: tuple[Wire, ...],
    values: Mapping[str, np.ndarray],
) -> np.ndarray:
    applied = sum(
        (_apply_term(term, state, wires, values) for term in item.observable),
        np.zeros_like(state),
    )
    mean = np.real(np.vdot(state, applied))
    return mean if item.kind == "expval" else np.real(np.vdot(applied, applied)) - mean**2


def _apply_term(
    term: Term, state: np.ndarray, wires: tuple[Wire, ...], values: Mapping[str, np.ndarray]
) -> Any:
    coefficient = evaluate([term.coefficient], values)[0]
    if isinstance(term, HermitianTerm):
        axes = [wires.index(wire) for wire in term.wires]
        return coefficient * _contract(np.array(term.matrix), state, axes)
    assert isinstance(term, PauliTerm)
    return coefficient * reduce(
        lambda current, factor: _contract(_PAULI[factor[1]], current, [wires.index(factor[0])]),
        term.factors,
        state,
    )
