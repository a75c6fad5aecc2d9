"""Factors as dense complex matrices, and circuits to take them from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np

from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import Expression, call, constant, reference
from qeras.plan.factors import (
    Constant,
    Entries,
    Factor,
    Folded,
    Permutation,
    Phase,
    Rotated,
)
from qeras.plan.lowering import embed, embed_source, embed_vector, lower
from qeras.testing.random_circuits import random_hermitian, random_unitary
from qeras.testing.reference import evaluate

ROTATIONS = ("RX", "RY", "RZ", "PhaseShift", "CRX", "CRY", "IsingXX", "IsingZZ", "Evolution")
FIXED = ("Hadamard", "S", "SX", "PauliX", "PauliY", "CNOT", "SWAP", "RX of a constant", "unitary")
WEIGHTS = 4


def circuit_of(operations: list[Operation], wires: int, *measurements: Measurement) -> Circuit:
    return Circuit(
        "circuit", tuple(range(wires)), 1, "inputs", {"weights": (4,)},
        tuple(operations), measurements,
    )  # fmt: skip


def matrix_of(factor: Factor, count: int, values: dict[str, np.ndarray]) -> np.ndarray:
    """The factor as a matrix on all axes, at given values."""
    if isinstance(factor, Constant):
        return embed(factor.matrix, factor.axes, count)
    if isinstance(factor, Permutation):
        return np.eye(2**count)[embed_source(factor.source, factor.axes, count)]
    if isinstance(factor, Phase):
        angle = evaluate([factor.angle], values)[0]
        return np.diag(np.exp(1j * angle * embed_vector(factor.generator, factor.axes, count)))
    if isinstance(factor, Rotated):
        return product(factor.as_phase(), count, values)
    if isinstance(factor, Folded):
        return product(factor.factors, count, values)
    if isinstance(factor, Entries):
        numbers = np.array(evaluate(factor.entries, values))
        half = len(numbers) // 2
        entries = numbers[:half] + 1j * numbers[half:]
        if factor.kind == "diagonal":
            return np.diag(embed_vector(entries, factor.axes, count))
        size = 2 ** len(factor.axes)
        return embed(entries.reshape(size, size), factor.axes, count)
    angle = evaluate([factor.angle], values)[0]
    rotation = np.diag(np.cos(angle * factor.rate)) + factor.turn * np.sin(angle * factor.rate)
    return embed(rotation, factor.axes, count)


def product(factors: Sequence[Factor], count: int, values: dict[str, np.ndarray]) -> np.ndarray:
    matrices = (matrix_of(factor, count, values) for factor in factors)
    return reduce(lambda total, matrix: matrix @ total, matrices, np.eye(2**count, dtype=complex))


def factors_of(names: Sequence[str], wires: int, seed: int) -> list[Factor]:
    """Factors of gates on random wires, whose angles are weights, or multiples of weights."""
    generator = np.random.default_rng(seed)
    operations = [_operation(name, wires, generator) for name in names]
    return lower(circuit_of(operations, wires))


def _operation(name: str, wires: int, generator: np.random.Generator) -> Operation:
    own = [int(wire) for wire in generator.permutation(wires)]
    angle: Expression = reference("weights", int(generator.integers(WEIGHTS)))
    if generator.random() < 0.2:
        angle = call("multiply", constant(0.5), angle)
    if name == "CNOT":
        return Operation("PauliX", (own[0],), controls=(own[1],), control_values=(True,))
    if name in ("CRX", "CRY"):
        value = bool(generator.integers(2))
        return Operation(name[1:], (own[0],), (angle,), controls=(own[1],), control_values=(value,))
    if name == "RX of a constant":
        return Operation("RX", (own[0],), (constant(0.3),))
    if name == "unitary":
        return Operation("QubitUnitary", tuple(own[:2]), _numbers(random_unitary(generator, 4)))
    if name == "Evolution":
        generators = _numbers(random_hermitian(generator, 4))
        return Operation(name, tuple(own[:2]), (angle, *generators))
    if name in ("IsingXX", "IsingZZ"):
        return Operation(name, tuple(own[:2]), (angle,))
    if name == "SWAP":
        return Operation(name, tuple(own[:2]))
    return Operation(name, (own[0],), (angle,) if name in ROTATIONS else ())


def _numbers(matrix: np.ndarray) -> tuple:
    flat = matrix.reshape(-1)
    return tuple(constant(float(number)) for number in (*flat.real, *flat.imag))
