"""Views of a state and its cotangent, and what numbers they hold."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from qeras.execution import sheets
from qeras.execution.sheets import Sheets

ROWS, BATCH = 4, 3
GENERATOR = np.random.default_rng(0)
STATE, COTANGENT = GENERATOR.normal(size=(2, 2, ROWS, BATCH)).astype("float32")


def numbers(state: Sheets) -> np.ndarray:
    """Complex numbers, (rows, batch)."""
    re, im = map(ops.convert_to_numpy, sheets.parts(state))
    return re + 1j * im


def both(found: Sheets) -> tuple[np.ndarray, np.ndarray]:
    """Complex numbers of a state and its cotangent."""
    state, cotangent = sheets.apart(found)
    assert state is not None
    return numbers(state), numbers(cotangent)


@pytest.fixture
def state() -> Sheets:
    return sheets.from_parts(*map(ops.convert_to_tensor, STATE))


@pytest.fixture
def cotangent() -> Sheets:
    return sheets.from_parts(*map(ops.convert_to_tensor, COTANGENT))


def test_parts(state: Sheets) -> None:
    for found, expected in zip(sheets.parts(state), STATE, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(found), expected)


def test_together_and_apart(state: Sheets, cotangent: Sheets) -> None:
    first, second = both(sheets.together(state, cotangent))
    np.testing.assert_array_equal(first, numbers(state))
    np.testing.assert_array_equal(second, numbers(cotangent))
    alone, same = sheets.apart(cotangent)
    assert alone is None
    assert same is cotangent


def test_real_arrays_and_back(state: Sheets, cotangent: Sheets) -> None:
    """A real matrix on their first axis acts on the numbers."""
    matrix = GENERATOR.normal(size=(ROWS, ROWS)).astype("float32")
    given = sheets.real_arrays(sheets.together(state, cotangent))
    after = sheets.from_real_arrays([ops.tensordot(matrix, one, 1) for one in given])
    for found, own in zip(both(after), (state, cotangent), strict=True):
        np.testing.assert_allclose(found, matrix @ numbers(own), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("columns", [1, BATCH])
def test_products(state: Sheets, cotangent: Sheets, columns: int) -> None:
    phase = GENERATOR.normal(size=(ROWS, columns)).astype("float32")
    factors = sheets.from_parts(*map(ops.convert_to_tensor, (np.cos(phase), np.sin(phase))))
    given = sheets.together(state, cotangent)
    for product, factor in (
        (sheets.multiply, np.exp(1j * phase)),
        (sheets.multiply_conjugate, np.exp(-1j * phase)),
    ):
        for found, own in zip(both(product(given, factors)), (state, cotangent), strict=True):
            np.testing.assert_allclose(found, numbers(own) * factor, rtol=1e-4, atol=1e-6)


def test_sums_and_shapes(state: Sheets) -> None:
    total = sheets.sum_axis(state, axis=1, keepdims=True)
    np.testing.assert_allclose(numbers(total), numbers(state).sum(1, keepdims=True), rtol=1e-5)
    cube = sheets.reshaped(state, (2, 2, -1))
    assert all(tuple(sheet.shape) == (2, 2, BATCH) for sheet in cube)
