"""Each gate of the table by itself: PennyLane's matrix, and values and gradients of the
engine against `default.qubit` in double precision, with zero to three controls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest

from qeras.circuit.circuit import Circuit, Measurement, Operation, Wire
from qeras.circuit.expressions import Expression, call, constant, reference
from qeras.circuit.gates import DATA_GATES, GATES
from qeras.pipeline import Program
from qeras.testing.random_circuits import (
    constants,
    random_hermitian,
    random_unitary,
    random_values,
    symbolic_diagonal,
    symbolic_unitary,
)
from qeras.testing.reference import evaluate, matrix_of
from tests import backends
from tests.oracle import default_qubit

SIMPLE = sorted(set(GATES) - set(DATA_GATES))
X, W = reference("inputs", 0), reference("weights", 1)
BOTH = call("add", call("multiply", reference("inputs", 1), reference("weights", 0)), W)
# An input, a weight, both, and twice the same weight.
ANGLES: tuple[Expression, ...] = (X, W, BOTH, call("multiply", constant(2.0), W))
WORD = "XYZ"
OF_BOTH = "Evolution of inputs and weights"


@pytest.mark.backend_independent
@pytest.mark.parametrize("name", SIMPLE)
def test_matrix_is_that_of_pennylane(name: str) -> None:
    operation = _operation(name, (0, 1, 2, 3), 0)
    values = {"inputs": np.array([0.3, -0.8]), "weights": np.array([1.1, 2.3])}
    numbers = evaluate(operation.parameters, values)
    wires = operation.wires
    if name == "PauliRot":
        expected = qml.PauliRot.compute_matrix(numbers[0], WORD)
    elif name == "MultiRZ":
        expected = qml.MultiRZ.compute_matrix(numbers[0], len(wires))
    elif name == "GlobalPhase":
        expected = qml.GlobalPhase.compute_matrix(numbers[0], 0)
    else:
        expected = getattr(qml, name).compute_matrix(*numbers)
    np.testing.assert_allclose(matrix_of(operation, numbers), expected, atol=1e-15)


# Five wires are one register, seven are several windows.
@pytest.mark.parametrize("width", [5, 7])
@pytest.mark.parametrize("name", [*SIMPLE, *sorted(set(DATA_GATES) - {"StatePrep"}), OF_BOTH])
def test_values_and_gradients(name: str, width: int) -> None:
    circuit = _circuit(name, width)
    inputs, weights = random_values(circuit, seed=5, batch=2)
    values = default_qubit.values(circuit, inputs, weights)
    generator = np.random.default_rng(0)
    shape = values[0].shape
    cotangents = [generator.normal(size=shape) + 1j * generator.normal(size=shape)]
    to_inputs, to_weights = default_qubit.gradients(circuit, inputs, weights, cotangents)
    (found,), found_to_inputs, found_to_weights = backends.differentiate(
        Program(circuit).run, inputs, weights, cotangents, "float64"
    )
    np.testing.assert_allclose(found, values[0], atol=1e-12)
    np.testing.assert_allclose(found_to_inputs, to_inputs, atol=1e-11)
    np.testing.assert_allclose(found_to_weights["weights"], to_weights["weights"], atol=1e-11)


def _circuit(name: str, width: int) -> Circuit:
    """The gate with zero, one, two and three controls, each time on other wires, between
    rotations by inputs and weights."""
    wires = tuple(range(width))
    operations = [Operation("RY", (wire,), (constant(0.4 + 0.3 * wire),)) for wire in wires]
    operations += [Operation("RX", (wire,), (ANGLES[wire % 4],)) for wire in wires]
    generator = np.random.default_rng(len(name))
    for count in range(4):
        order = tuple(int(wire) for wire in generator.permutation(width))
        operation = _operation(name, order, count)
        rest = [wire for wire in order if wire not in operation.wires]
        if len(rest) >= count:
            values = (False, True, False)[:count]
            operation = replace(operation, controls=tuple(rest[:count]), control_values=values)
            operations.append(operation)
    return Circuit(
        name=name,
        wires=wires,
        features=2,
        input_name="inputs",
        weight_shapes={"weights": (2,)},
        operations=tuple(operations),
        measurements=(Measurement("state", wires=wires),),
    )


def _operation(name: str, wires: tuple[Wire, ...], turn: int) -> Operation:
    """The gate on the first of the wires; `turn` says which angle comes first."""
    angles = ANGLES[turn:] + ANGLES[:turn]
    if name == OF_BOTH:
        return _evolution(wires[:2], turn, angles)
    size = GATES[name].num_wires
    if name in DATA_GATES:
        return _data(name, wires, turn, angles)
    targets = wires[: len(WORD) if size is None else size]
    parameters = angles[: GATES[name].num_parameters]
    return Operation(name, targets, parameters, pauli_word=WORD if name == "PauliRot" else "")


def _evolution(wires: tuple[Wire, ...], turn: int, angles: tuple[Expression, ...]) -> Operation:
    """exp(i theta (a G + b H)) with a and b inputs or weights."""
    generator = np.random.default_rng(turn)
    first, second = (constants(random_hermitian(generator, 4)) for _ in range(2))
    summed = (
        call("add", call("multiply", angles[0], one), call("multiply", angles[1], other))
        for one, other in zip(first, second, strict=True)
    )
    return Operation("Evolution", wires, (constant(0.6), *summed))


def _data(
    name: str, wires: tuple[Wire, ...], turn: int, angles: tuple[Expression, ...]
) -> Operation:
    generator = np.random.default_rng(turn)
    if name == "Evolution":
        matrix = constants(random_hermitian(generator, 4))
        return Operation(name, wires[:2], (angles[0], *matrix))
    if name == "DiagonalQubitUnitary":
        return Operation(name, wires[:2], symbolic_diagonal(angles))
    if turn == 1:
        return Operation(name, wires[:2], constants(random_unitary(generator, 4)))
    return Operation(name, wires[:1], symbolic_unitary(*angles[:2]))
