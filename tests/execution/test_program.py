"""`Program`: its stages, and results in one tensor."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, reference
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from tests import backends


@pytest.mark.parametrize("seed", [0, 4, 12, 16])
def test_flat_results_are_all_side_by_side(seed: int) -> None:
    circuit = random_circuit(seed)
    inputs, weights = random_values(circuit, seed, batch=3)
    program = Program(circuit)
    separate = backends.evaluate(program.run, inputs, weights, "float64")
    (flat,) = backends.evaluate(
        lambda inputs, weights: program.run(inputs, weights, flat=True), inputs, weights, "float64"
    )
    expected = np.concatenate([result.reshape(3, -1) for result in separate], axis=1)
    assert flat.dtype == expected.dtype
    np.testing.assert_allclose(flat, expected, atol=1e-13)
    assert flat.shape == (3, program.plan.readouts.size)


def test_stages_are_kept() -> None:
    double = (Operation("Hadamard", (0,)),) * 2
    turn = Operation("RX", (0,), (reference("inputs", 0),))
    observable = (PauliTerm(ONE, ((0, "Z"),)),)
    circuit = Circuit(
        "circuit", (0, 1), 1, "inputs", {}, (*double, turn),
        (Measurement("expval", observable=observable),), single=True,
    )  # fmt: skip
    program = Program(circuit)
    assert program.captured is circuit
    assert program.circuit.operations == (turn,)
    assert program.plan.circuit is program.circuit


def test_both_precisions_from_one_program() -> None:
    circuit = random_circuit(8)
    inputs, weights = random_values(circuit, 8, batch=2)
    program = Program(circuit)
    single = backends.evaluate(program.run, inputs, weights, "float32")
    double = backends.evaluate(program.run, inputs, weights, "float64")
    for one, other in zip(single, double, strict=True):
        assert other.dtype.itemsize == 2 * one.dtype.itemsize
        np.testing.assert_allclose(one, other, atol=1e-5)
