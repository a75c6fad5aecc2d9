"""The engine against `default.qubit` in complex128: 500 random circuits of 1 to 6 wires,
and wider ones, whose plans have several windows.

Rounding: float32 keeps 6e-8 of each number, and the 10 to 30 moves of such a circuit add up
to 1e-6 where observables and derivatives are of order one, as the generator makes them.
Entropies could be worse: with an eigenvalue p of a nearly pure part their gradient contains
sqrt(p) log(p), where a rounding error e of p counts as e/sqrt(p): 1e-4 for p below 1e-6.
Of these seeds few have such an eigenvalue, and where p is zero the error is e log(e).
"""

from __future__ import annotations

import keras
import numpy as np
import pytest

from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from tests import backends, compilation
from tests.oracle import default_qubit

# (values, gradients) may differ by
TOLERANCE = {"float32": (1e-5, 1e-4), "float64": (1e-10, 1e-8)}
BATCH = 2
# On JAX each precision is another program to compile, so most small circuits run in one.
DTYPES = ("float64",) if keras.backend.backend() == "jax" else tuple(TOLERANCE)


@pytest.mark.parametrize("seed", range(500))
def test_small(seed: int) -> None:
    _compare(seed, tuple(TOLERANCE) if seed % 5 == 0 else DTYPES)


@pytest.mark.parametrize("seed", range(1000, 1020))
def test_wide(seed: int) -> None:
    _compare(seed, tuple(TOLERANCE), 7 + seed % 2, operations=16)


@pytest.mark.parametrize("seed", [*range(0, 500, 50), 1000])
def test_as_compiled_for_users(seed: int) -> None:
    with compilation.as_for_users():
        _compare(seed, ("float32",), *((7, 16) if seed >= 1000 else ()))


def _compare(
    seed: int, dtypes: tuple[str, ...], wires: int | None = None, operations: int | None = None
) -> None:
    circuit = random_circuit(seed, wires, operations)
    inputs, weights = random_values(circuit, seed, BATCH)
    values = default_qubit.values(circuit, inputs, weights)
    cotangents = _cotangents(seed, values)
    to_inputs, to_weights = default_qubit.gradients(circuit, inputs, weights, cotangents)
    program = Program(circuit)
    for dtype in dtypes:
        value_tolerance, gradient_tolerance = TOLERANCE[dtype]
        found, found_to_inputs, found_to_weights = backends.differentiate(
            program.run, inputs, weights, cotangents, dtype
        )
        for result, value in zip(found, values, strict=True):
            np.testing.assert_allclose(result, value, rtol=0, atol=value_tolerance)
        np.testing.assert_allclose(found_to_inputs, to_inputs, rtol=0, atol=gradient_tolerance)
        for name, gradient in to_weights.items():
            np.testing.assert_allclose(
                found_to_weights[name], gradient, rtol=0, atol=gradient_tolerance
            )


def _cotangents(seed: int, values: list[np.ndarray]) -> list[np.ndarray]:
    """A random linear functional of the results."""
    generator = np.random.default_rng(seed)
    return [
        generator.normal(size=value.shape) + 1j * generator.normal(size=value.shape)
        for value in values
    ]
