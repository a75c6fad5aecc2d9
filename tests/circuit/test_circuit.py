"""A circuit prints, and knows which tensors it uses."""

from __future__ import annotations

import copy
import pickle

import pytest

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import call, constant, reference
from qeras.testing.random_circuits import random_circuit

X, W = reference("features", 0), reference("w", 1)


def test_it_prints() -> None:
    circuit = Circuit(
        name="ansatz",
        wires=(0, "a"),
        features=2,
        input_name="features",
        weight_shapes={"w": (2,)},
        operations=(
            Operation("RX", (0,), (call("multiply", X, W),)),
            Operation("PauliX", ("a",), controls=(0, 1), control_values=(True, False)),
            Operation("PauliRot", (0, "a"), (constant(0.5),), pauli_word="XY"),
            Operation("QubitUnitary", (0,), tuple(constant(number) for number in range(8))),
        ),
        measurements=(Measurement("probs", wires=("a",)),),
    )
    header, *operations, measurement = str(circuit).splitlines()
    assert header == "ansatz(features[2], {'w': (2,)})"
    assert operations == [
        "  RX(multiply(features[0], w[1]), wires=[0])",
        "  PauliX(wires=['a'], controls=[0, !1])",
        "  PauliRot(0.5, 'XY', wires=[0, 'a'])",
        "  QubitUnitary(0, 1, 2, 3, ..., wires=[0])",
    ]
    assert measurement.startswith("  -> Measurement(kind='probs', wires=('a',)")


def test_sources_are_those_in_use() -> None:
    observable = (PauliTerm(W, ((0, "Z"),)),)
    circuit = Circuit(
        "circuit", (0,), 1, "features", {"w": (2,), "unused": ()},
        (Operation("RX", (0,), (X,)),), (Measurement("expval", observable=observable),),
    )  # fmt: skip
    assert circuit.sources() == {"features", "w"}
    assert list(circuit.expressions()) == [X, W]


@pytest.mark.parametrize("seed", range(10))
def test_copies_and_pickles_are_equal(seed: int) -> None:
    circuit = random_circuit(seed)
    assert copy.deepcopy(circuit) == circuit
    assert pickle.loads(pickle.dumps(circuit)) == circuit
