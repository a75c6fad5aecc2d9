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


def numbers(found: Sheets) -> np.ndarray:
    """Complex numbers, (states, rows, batch)."""
    flat = np.concatenate([ops.convert_to_numpy(sheet) for sheet in found])
    return flat[0::2] + 1j * flat[1::2]


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
    first, second = sheets.apart(sheets.together(state, cotangent))
    assert first is not None
    np.testing.assert_array_equal(numbers(first), numbers(state))
    np.testing.assert_array_equal(numbers(second), numbers(cotangent))
    alone, same = sheets.apart(cotangent)
    assert alone is None
    assert same is cotangent


def test_views_and_back(state: Sheets, cotangent: Sheets) -> None:
    both = sheets.together(state, cotangent)
    for there, back in (
        (sheets.pairs, sheets.from_pairs),
        (sheets.joined, sheets.from_joined),
    ):
        np.testing.assert_array_equal(numbers(back(there(both))), numbers(both))


def test_joined_has_imaginary_parts_below(state: Sheets) -> None:
    (found,) = sheets.joined(state)
    np.testing.assert_array_equal(ops.convert_to_numpy(found)[0], np.concatenate(STATE))


@pytest.mark.parametrize("columns", [1, BATCH])
def test_products(state: Sheets, cotangent: Sheets, columns: int) -> None:
    both = sheets.together(state, cotangent)
    phase = GENERATOR.normal(size=(ROWS, columns)).astype("float32")
    factors = ops.cos(phase), ops.sin(phase)
    turned = numbers(both) * np.exp(1j * phase)
    np.testing.assert_allclose(numbers(sheets.rotate(both, *factors)), turned, rtol=1e-5)
    turned = numbers(both) * np.exp(-1j * phase)
    np.testing.assert_allclose(numbers(sheets.rotate_back(both, *factors)), turned, rtol=1e-5)
    np.testing.assert_array_equal(numbers(sheets.times_i(both)), 1j * numbers(both))


def test_sums_and_shapes(state: Sheets) -> None:
    total = sheets.sum_axis(state, axis=2, keepdims=True)
    np.testing.assert_allclose(numbers(total), numbers(state).sum(2, keepdims=True), rtol=1e-6)
    cube = sheets.reshaped(state, (2, 2, -1))
    assert all(tuple(sheet.shape[1:]) == (2, 2, BATCH) for sheet in cube)
