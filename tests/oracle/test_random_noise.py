"""The engine against `default.mixed` in complex128: random circuits with random channels.

Derivatives are compared along random directions, in which every input, weight and
probability of a channel has a part.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from qeras.testing.random_noise import with_channels
from tests import backends
from tests.oracle import default_mixed, default_qubit

# PennyLane makes the matrix of Y for every PauliError, real where the word has no Y.
pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")

# (values, derivatives) may differ by
TOLERANCE = {"float32": (1e-5, 2e-4), "float64": (1e-10, 1e-8)}
BATCH, DIRECTIONS = 2, 2


def noisy(seed: int) -> Circuit:
    """One wire to four."""
    return with_channels(random_circuit(seed, wires=1 + seed % 4, operations=6), seed)


@pytest.mark.parametrize("seed", range(12))
def test_float64(seed: int) -> None:
    compare(seed, "float64")


@pytest.mark.parametrize("seed", range(100, 103))
def test_float32(seed: int) -> None:
    compare(seed, "float32")


def compare(seed: int, dtype: str) -> None:
    circuit = noisy(seed)
    inputs, weights = random_values(circuit, seed, BATCH)
    values = default_qubit.values(circuit, inputs, weights)
    generator = np.random.default_rng(seed)

    def normal(like: Any) -> np.ndarray:
        return generator.normal(size=np.shape(like))

    cotangents = [normal(value) + 1j * normal(value) for value in values]
    found, to_inputs, to_weights = backends.differentiate(
        Program(circuit).run, inputs, weights, cotangents, dtype
    )
    for_values, for_slopes = TOLERANCE[dtype]
    for result, value in zip(found, values, strict=True):
        np.testing.assert_allclose(result, value, rtol=0, atol=for_values)
    for _ in range(DIRECTIONS):
        along = normal(inputs), {name: normal(weight) for name, weight in weights.items()}
        expected = default_mixed.slope(circuit, inputs, weights, cotangents, *along)
        parts = [np.sum(along[0] * to_inputs)]
        parts += [np.sum(along[1][name] * to_weights[name]) for name in weights]
        np.testing.assert_allclose(sum(parts), expected, rtol=0, atol=for_slopes)
