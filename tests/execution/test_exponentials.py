"""exp(iG) against SciPy's, and its gradient against that of the eigenvalues' formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from keras import ops
from scipy.linalg import expm, expm_frechet

from qeras.execution.context import Constants
from qeras.execution.exponentials import SQUARINGS, exponentiated
from qeras.plan.parameters import exponents_of
from qeras.testing.random_circuits import random_hermitian
from tests import backends

# First slots of matrices among entries of which two are none of theirs.
STARTS, SLOTS = [(1, 4), (33, 2), (41, 2)], 50


def entries(scale: float, batch: int) -> np.ndarray:
    """(slots, batch)"""
    generator = np.random.default_rng(4)
    found = generator.normal(size=(SLOTS, batch))
    for sample in range(batch):
        for start, size in STARTS:
            matrix = scale * random_hermitian(generator, size)
            flat = np.concatenate([matrix.real.ravel(), matrix.imag.ravel()])
            found[start : start + len(flat), sample] = flat
    return found


def matrix_in(column: np.ndarray, start: int, size: int) -> np.ndarray:
    real, imaginary = column[start : start + 2 * size**2].reshape(2, size, size)
    return real + 1j * imaginary


def run(values: Any, _: Mapping[str, Any], dtype: str = "float64") -> list[Any]:
    return [exponentiated(exponents_of(SLOTS, STARTS), values, Constants(dtype))]


@pytest.mark.parametrize(("dtype", "atol"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("scale", [0.0, 0.01, 1.0, 12.0])
def test_values(scale: float, dtype: str, atol: float) -> None:
    given = entries(scale, 3)
    (found,) = backends.evaluate(lambda x, w: run(x, w, dtype), given, {}, dtype)
    np.testing.assert_allclose(found[[0, 49]], given[[0, 49]], atol=1e-6)
    for sample in range(3):
        for start, size in STARTS:
            expected = expm(1j * matrix_in(given[:, sample], start, size))
            result = matrix_in(found[:, sample], start, size)
            np.testing.assert_allclose(result, expected, atol=atol * max(scale, 1))


def test_one_column() -> None:
    given = entries(1.0, 1)
    (found,) = backends.evaluate(run, given[:, 0], {}, "float64")
    (expected,) = backends.evaluate(run, given, {}, "float64")
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-14)


@pytest.mark.parametrize("scale", [0.0, 1.0, 12.0])
def test_gradient(scale: float) -> None:
    """Of all real and imaginary parts, at coinciding eigenvalues too."""
    given = entries(scale, 2)
    cotangent = np.random.default_rng(5).normal(size=given.shape)
    _, found, _ = backends.differentiate(run, given, {}, [cotangent], "float64")
    for sample in range(2):
        for start, size in STARTS:
            matrix = matrix_in(given[:, sample], start, size)
            back = matrix_in(cotangent[:, sample], start, size)
            # The derivative's adjoint is the derivative at the adjoint matrix.
            expected = -1j * expm_frechet(-1j * matrix.conj().T, back, compute_expm=False)
            result = matrix_in(found[:, sample], start, size)
            np.testing.assert_allclose(result, expected, atol=1e-10)


def test_norm_beyond_all_squarings() -> None:
    given = entries(1.0, 2)
    given[1, 1] = 2.0 ** (SQUARINGS + 1)
    (found,) = backends.evaluate(run, given, {}, "float64")
    assert np.isfinite(found[:, 0]).all()
    assert np.isnan(found[1:33, 1]).all()
    assert np.isfinite(found[33:, 1]).all()


def test_nothing_to_exponentiate() -> None:
    values = ops.ones((3,))
    assert exponentiated(exponents_of(3, []), values, Constants("float32")) is values
    assert exponentiated(None, None, Constants("float32")) is None
