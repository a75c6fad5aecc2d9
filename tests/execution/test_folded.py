"""Circuits on several windows, folded much or not at all: values and gradients are the same."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.backend import arrays
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Expression, call, reference
from qeras.pipeline import Program
from qeras.plan.moves import ApplyMatrix, Permute
from tests.execution.programs import assert_alike

WIRES = 7
FEATURES = 2
GATES = ("RX", "RY", "RZ", "IsingXX", "IsingYY", "IsingZZ", "SingleExcitation", "CRX", "CNOT")


def entangled(seed: int, count: int) -> Circuit:
    """Random gates of one and two wires, mostly of weights, most of them of neighbours."""
    generator = np.random.default_rng(seed)
    weights = 0

    def angle() -> Expression:
        nonlocal weights
        if generator.random() < 0.1:
            return reference("inputs", int(generator.integers(FEATURES)))
        weights += 1
        return reference("weights", weights - 1)

    operations = []
    for _ in range(count):
        gate = str(generator.choice(GATES))
        first = int(generator.integers(WIRES))
        second = (first + int(generator.choice((1, 1, 1, 2)))) % WIRES
        if gate == "CNOT":
            flip = Operation("PauliX", (second,), controls=(first,), control_values=(True,))
            operations.append(flip)
        elif gate == "CRX":
            operations.append(
                Operation("RX", (second,), (angle(),), controls=(first,), control_values=(True,))
            )
        else:
            wires = (first,) if len(gate) == 2 else (first, second)
            operations.append(Operation(gate, wires, (angle(),)))
    return circuit_of(operations, weights)


def circuit_of(operations: list[Operation], weights: int) -> Circuit:
    words = (((0, "Z"),), ((3, "X"), (4, "Y")), ((6, "Y"),))
    return Circuit(
        name="entangled",
        wires=tuple(range(WIRES)),
        features=FEATURES,
        input_name="inputs",
        weight_shapes={"weights": (max(weights, 1),)},
        operations=tuple(operations),
        measurements=tuple(
            Measurement("expval", observable=(PauliTerm(ONE, word),)) for word in words
        ),
    )


@pytest.mark.parametrize("seed", range(12))
def test_folded_and_not(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = entangled(seed, 30)
    monkeypatch.setattr(arrays, "complex_cost", 0.5)
    folded = Program(circuit)
    monkeypatch.setattr(arrays, "complex_cost", 1e9)
    plain = Program(circuit)
    assert len(folded.plan.layout.steps) < len(plain.plan.layout.steps)
    assert_alike(folded, plain, circuit, seed)


def test_a_feature_map_is_few_phases() -> None:
    """Hadamards and CNOT, RZ, CNOT of products of inputs, twice: no permutation is left."""
    operations = []
    both = call("multiply", reference("inputs", 0), reference("inputs", 1))
    for _ in range(2):
        operations += [Operation("Hadamard", (wire,)) for wire in range(WIRES)]
        for wire in range(WIRES - 1):
            flip = Operation("PauliX", (wire + 1,), controls=(wire,), control_values=(True,))
            operations += [flip, Operation("RZ", (wire + 1,), (both,)), flip]
    operations += [Operation("RX", (wire,), (reference("weights", 0),)) for wire in range(WIRES)]
    circuit = circuit_of(operations, 1)
    program = Program(circuit)
    steps = program.plan.layout.steps
    assert not any(isinstance(step, Permute) for step in steps)
    assert sum(not isinstance(step, ApplyMatrix) for step in steps) <= 3
    assert_alike(program, Program(circuit), circuit, 0)
