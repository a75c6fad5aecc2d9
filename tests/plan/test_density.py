"""Doubled circuits: conjugate gates, and channels that are what PennyLane's matrices say."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

from qeras.circuit.channels import CHANNELS, entries_of
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import Expression, constant, reference
from qeras.circuit.gates import GATES, decomposed
from qeras.circuit.operation_checks import validate
from qeras.plan.density import conjugate
from qeras.plan.moves import ApplyEntries, ApplyMatrix
from qeras.plan.planner import plan
from qeras.testing.random_circuits import random_circuit
from qeras.testing.reference import evaluate, matrix_of

VALUES = {
    "BitFlip": [0.2],
    "PhaseFlip": [0.3],
    "PauliError": [0.15],
    "DepolarizingChannel": [0.4],
    "AmplitudeDamping": [0.25],
    "GeneralizedAmplitudeDamping": [0.25, 0.1],
    "PhaseDamping": [0.35],
    "ResetError": [0.2, 0.3],
    "ThermalRelaxationError": [0.3, 1.2, 0.8, 0.5],
}


def matrix(operation: Operation) -> np.ndarray:
    numbers = evaluate(operation.parameters, {"inputs": np.array([0.7]), "w": np.ones(64)})
    return matrix_of(operation, numbers)


@pytest.mark.parametrize("gate", sorted(GATES))
def test_conjugate(gate: str) -> None:
    start = () if gate == "StatePrep" else (gate,)
    circuit = random_circuit(3, wires=5, operations=4, gates=start or ("RX",))
    found = [one for one in circuit.operations if one.gate == gate]
    for operation in (part for one in found for part in decomposed(one)):
        values = {"inputs": np.linspace(-1, 1, circuit.features)}
        values |= {
            name: np.linspace(0.2, 1, int(np.prod(shape))).reshape(shape)
            for name, shape in circuit.weight_shapes.items()
        }
        one, other = (
            matrix_of(each, evaluate(each.parameters, values))
            for each in (operation, conjugate(operation))
        )
        np.testing.assert_allclose(other, one.conj(), atol=1e-12)
        assert conjugate(operation).controls == operation.controls


def superoperator(operation: Operation) -> np.ndarray:
    numbers = np.array(evaluate(entries_of(operation), {"inputs": np.array([0.2])}))
    half = len(numbers) // 2
    side = int(np.sqrt(half))
    return (numbers[:half] + 1j * numbers[half:]).reshape(side, side)


@pytest.mark.parametrize("name", VALUES)
def test_channels(name: str) -> None:
    word = "XY" if name == "PauliError" else ""
    wires = (0, 1) if word else (0,)
    operation = Operation(name, wires, tuple(map(constant, VALUES[name])), pauli_word=word)
    validate(operation)
    made = (
        qml.PauliError(word, *VALUES[name], wires=wires)
        if word
        else getattr(qml, name)(*VALUES[name], wires=wires)
    )
    expected = sum(np.kron(kraus, np.conj(kraus)) for kraus in made.kraus_matrices())
    np.testing.assert_allclose(superoperator(operation), expected, atol=1e-12)


def test_slow_relaxation_and_kraus_matrices() -> None:
    """T2 above T1, where PennyLane takes other matrices."""
    values = [0.3, 1.2, 2.1, 0.5]
    relaxation = Operation("ThermalRelaxationError", (0,), tuple(map(constant, values)))
    made = qml.ThermalRelaxationError(*values, wires=0).kraus_matrices()
    expected = sum(np.kron(kraus, np.conj(kraus)) for kraus in made)
    np.testing.assert_allclose(superoperator(relaxation), expected, atol=1e-12)
    flat = np.array(made).reshape(-1)
    parameters = tuple(map(constant, (*flat.real, *flat.imag)))
    channel = Operation("QubitChannel", (0,), parameters)
    validate(channel)
    np.testing.assert_allclose(superoperator(channel), expected, atol=1e-12)


ONE = constant(1.0)


def test_table() -> None:
    assert {*VALUES, "QubitChannel"} == set(CHANNELS)


@pytest.mark.parametrize(
    ("probability", "kind"), [(constant(0.2), ApplyMatrix), (reference("w", 0), ApplyEntries)]
)
def test_constant_channels_are_parts_of_blocks(probability: Expression, kind: type) -> None:
    """And their moves know that a transpose does not undo them."""
    operations = (
        Operation("RX", (0,), (reference("inputs", 0),)),
        *(Operation("RY", (wire,), (reference("w", 1),)) for wire in range(4)),
        Operation("SWAP", (0, 3)),
        *(Operation("DepolarizingChannel", (wire,), (probability,)) for wire in range(4)),
    )
    measured = Measurement("expval", observable=(PauliTerm(ONE, ((0, "Z"),)),))
    circuit = Circuit("noisy", (0, 1, 2, 3), 1, "inputs", {"w": (2,)}, operations, (measured,))
    steps = plan(circuit).layout.steps
    found = [step for step in steps if not isinstance(step, ApplyMatrix) or not step.unitary]
    assert any(isinstance(step, kind) for step in found)
    # Wires 1 and 2 are still alone in their registers.
    count = sum(isinstance(step, ApplyEntries) for step in steps)
    assert count == (2 if kind is ApplyEntries else 0)
