"""The reference simulator against `default.qubit`, and what the random circuits cover."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import MEASUREMENT_KINDS
from qeras.circuit.expressions import FUNCTIONS, Call, topological
from qeras.circuit.gates import GATES
from qeras.circuit.operation_checks import validate
from qeras.testing.random_circuits import random_circuit, random_values
from qeras.testing.reference import simulate
from tests.oracle import default_qubit

pytestmark = pytest.mark.backend_independent

CIRCUITS = [random_circuit(seed) for seed in range(500)]


@pytest.mark.parametrize("first", range(0, 500, 50))
def test_reference_equals_default_qubit(first: int) -> None:
    for seed in range(first, first + 50):
        circuit = CIRCUITS[seed]
        inputs, weights = random_values(circuit, seed, batch=1)
        expected = default_qubit.values(circuit, inputs, weights)
        for result, value in zip(simulate(circuit, inputs[0], weights), expected, strict=True):
            np.testing.assert_allclose(result, value[0], rtol=0, atol=1e-12)


def test_random_circuits_are_valid() -> None:
    for circuit in CIRCUITS:
        for operation in circuit.operations:
            validate(operation)


def test_random_circuits_use_every_gate() -> None:
    used = {operation.gate for circuit in CIRCUITS for operation in circuit.operations}
    assert used == set(GATES)


def test_random_circuits_use_every_function() -> None:
    nodes = topological(root for circuit in CIRCUITS for root in circuit.expressions())
    assert {node.function for node in nodes if isinstance(node, Call)} == set(FUNCTIONS)


def test_random_circuits_use_every_measurement() -> None:
    used = {item.kind for circuit in CIRCUITS for item in circuit.measurements}
    assert used == set(MEASUREMENT_KINDS) - {"sample", "counts"}  # these need shots


def test_random_circuits_have_every_size() -> None:
    assert {len(circuit.wires) for circuit in CIRCUITS} == {1, 2, 3, 4, 5, 6}
    assert {len(circuit.measurements) for circuit in CIRCUITS} == {1, 2, 3}
    operations = [operation for circuit in CIRCUITS for operation in circuit.operations]
    assert {len(operation.controls) for operation in operations} == {0, 1, 2, 3}


def test_equal_seeds_give_equal_circuits() -> None:
    assert random_circuit(7) == random_circuit(7)
    assert random_circuit(7) != random_circuit(8)
