"""Two programs of one circuit, compared."""

from __future__ import annotations

import numpy as np

from qeras.circuit.circuit import Circuit
from qeras.pipeline import Program
from qeras.testing.reference import simulate
from tests import backends


def assert_alike(one: Program, other: Program, circuit: Circuit, seed: int) -> None:
    """That both have the circuit's exact values, and equal gradients, in double precision."""
    generator = np.random.default_rng(seed)
    inputs = generator.uniform(-3, 3, (3, circuit.features))
    weights = {"weights": generator.uniform(-3, 3, circuit.weight_shapes["weights"])}
    cotangents = [generator.normal(size=3) for _ in circuit.measurements]
    found, expected = (
        backends.differentiate(program.run, inputs, weights, cotangents, "float64")
        for program in (one, other)
    )
    exact = [simulate(circuit, sample, weights) for sample in inputs]
    np.testing.assert_allclose(np.transpose(found[0]), exact, atol=1e-10)
    np.testing.assert_allclose(found[1], expected[1], atol=1e-10)
    np.testing.assert_allclose(found[2]["weights"], expected[2]["weights"], atol=1e-10)
