"""A block's matrix on some axes, against the same as one matrix on all axes; and its gradient,
in each of the ways that sizes choose."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from qeras.backend import arrays
from qeras.execution import matrix
from qeras.execution.context import Constants
from qeras.execution.sheets import Sheets, from_parts, parts
from qeras.plan.moves import ApplyMatrix

WIDTH = 5
AXES = [(0, 1), (1, 2), (3, 4), (4,), (0, 2), (4, 1), (0, 1, 2, 3, 4)]
GENERATOR = np.random.default_rng(3)


def random_state(batch: int) -> np.ndarray:
    re, im = GENERATOR.normal(size=(2, 2**WIDTH, batch))
    return re + 1j * im


def sheets_of(state: np.ndarray) -> Sheets:
    return from_parts(
        *(ops.convert_to_tensor(part.astype("float32")) for part in (state.real, state.imag))
    )


def numbers(sheets: Sheets) -> np.ndarray:
    re, im = map(ops.convert_to_numpy, parts(sheets))
    return re + 1j * im


def on_axes(own: np.ndarray, axes: tuple[int, ...], state: np.ndarray) -> np.ndarray:
    cube = state.reshape((2,) * WIDTH + (-1,))
    count = len(axes)
    cube = np.tensordot(own.reshape((2,) * (2 * count)), cube, axes=(range(count, 2 * count), axes))
    return np.moveaxis(cube, range(count), axes).reshape(state.shape)


def random_matrix(axes: tuple[int, ...], real: bool) -> np.ndarray:
    re, im = GENERATOR.normal(size=(2, 2 ** len(axes), 2 ** len(axes)))
    return re if real else re + 1j * im


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("real", [True, False], ids=["real", "complex"])
@pytest.mark.parametrize("batch", [2, 7], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("most_products", "most_gathered"),
    [(0, 0), (2**22, 0), (2**22, 2**15)],
    ids=["transposed", "products", "gathered"],
)
def test_state_and_gradient(
    axes: tuple[int, ...],
    real: bool,
    batch: int,
    most_products: int,
    most_gathered: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(matrix, "MAX_PRODUCTS", most_products)
    monkeypatch.setattr(arrays, "most_gathered", most_gathered)
    own = random_matrix(axes, real)
    move = ApplyMatrix(0, 0, axes, WIDTH, True)
    state, cotangent = random_state(batch), random_state(batch)
    operand = matrix.held(own, Constants("float32"))
    after = matrix.apply_matrix(move, operand, sheets_of(state))
    np.testing.assert_allclose(numbers(after), on_axes(own, axes, state), rtol=1e-4, atol=1e-4)

    found = matrix.matrix_gradient(move, operand, sheets_of(state), sheets_of(cotangent))
    change = random_matrix(axes, real)
    slope = np.sum(np.real(np.conj(cotangent) * on_axes(change, axes, state)))
    to_entries = ops.convert_to_numpy(found) if real else numbers(matrix.entries_gradient(found))
    assert np.sum(np.real(np.conj(to_entries) * change)) == pytest.approx(slope, rel=1e-3, abs=1e-3)
