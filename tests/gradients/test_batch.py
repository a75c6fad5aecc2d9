"""Laws of the batch, for values and gradients: samples know nothing of each other."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from tests import backends

BATCH = 4
# (seed, wires): of small and wide circuits, with start vectors, entropies and all the rest.
CASES = [(2, None), (5, None), (11, None), (13, None), (20, None), (1003, 7), (1004, 8)]


class Case:
    def __init__(self, seed: int, wires: int | None):
        self.circuit = _using_inputs(seed, wires)
        self.inputs, self.weights = random_values(self.circuit, seed, BATCH)
        self.program = Program(self.circuit)
        values = backends.evaluate(self.program.run, self.inputs, self.weights, "float64")
        generator = np.random.default_rng(seed)
        self.cotangents = [generator.normal(size=value.shape) for value in values]

    def run(self, rows: list[int], inputs: np.ndarray | None = None) -> tuple:
        """Values and gradients of these samples."""
        given = self.inputs if inputs is None else inputs
        cotangents = [cotangent[rows] for cotangent in self.cotangents]
        return backends.differentiate(
            self.program.run, given[rows], self.weights, cotangents, "float64"
        )


def _using_inputs(seed: int, wires: int | None) -> Circuit:
    """The first random circuit from this seed on whose gates depend on the inputs."""
    while True:
        circuit = random_circuit(seed, wires, operations=10)
        if circuit.input_name in circuit.sources():
            return circuit
        seed += 10_000


@pytest.fixture(params=CASES, ids=str, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return Case(*request.param)


def close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, atol=1e-11)


def test_order_does_not_matter(case: Case) -> None:
    rows = [2, 0, 3, 1]
    values, to_inputs, to_weights = case.run(list(range(BATCH)))
    permuted, to_permuted, to_weights_again = case.run(rows)
    for one, other in zip(values, permuted, strict=True):
        close(other, one[rows])
    close(to_permuted, to_inputs[rows])
    for name in to_weights:
        close(to_weights_again[name], to_weights[name])


def test_a_batch_is_its_samples(case: Case) -> None:
    """Values and gradients by inputs are each sample's own, those by weights are summed."""
    values, to_inputs, to_weights = case.run(list(range(BATCH)))
    single = [case.run([row]) for row in range(BATCH)]
    for place, value in enumerate(values):
        close(np.concatenate([own[0][place] for own in single]), value)
    close(np.concatenate([own[1] for own in single]), to_inputs)
    for name in to_weights:
        close(sum(own[2][name] for own in single), to_weights[name])


def test_an_empty_batch(case: Case) -> None:
    values, to_inputs, to_weights = case.run([])
    whole, _, _ = case.run(list(range(BATCH)))
    assert [value.shape for value in values] == [(0, *value.shape[1:]) for value in whole]
    assert to_inputs.shape == (0, case.circuit.features)
    for name, gradient in to_weights.items():
        np.testing.assert_array_equal(gradient, np.zeros(case.weights[name].shape))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_nan_stays_in_its_sample(case: Case, broken: float) -> None:
    inputs = case.inputs.copy()
    inputs[1] = broken
    rows, others = list(range(BATCH)), [0, 2, 3]
    values, to_inputs, _ = case.run(rows)
    found, found_to_inputs, _ = case.run(rows, inputs)
    for one, other in zip(values, found, strict=True):
        close(other[others], one[others])
    close(found_to_inputs[others], to_inputs[others])
    assert any(np.isnan(value[1]).any() for value in found)
