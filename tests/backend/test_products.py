"""Products of a few matrices, transposes and sums, however a backend makes them."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from qeras.backend import arrays

GENERATOR = np.random.default_rng(5)

SHAPES = {
    "matrices": ((2, 3), (3, 4)),
    "one right factor": ((5, 2, 3), (3, 4)),
    "one right factor of a batch": ((5, 2, 3), (1, 3, 4)),
    "one left factor": ((2, 3), (5, 3, 4)),
    "one left factor of a batch of one": ((2, 3), (1, 3, 4)),
    "one left factor with more axes": ((1, 1, 2, 3), (5, 3, 4)),
    "as many": ((5, 2, 3), (5, 3, 4)),
    "columns": ((3, 8, 2), (3, 2, 1)),
    "more than are made one by one": ((40, 2, 3), (40, 3, 4)),
    "a batch of batches": ((2, 1, 3, 2, 3), (2, 1, 3, 3, 4)),
    "one": ((1, 1, 1, 3, 3), (1, 1, 1, 3, 3)),
    "a batch to each of another": ((2, 1, 2, 3), (3, 3, 4)),
}


def normal(*shape: int) -> np.ndarray:
    return GENERATOR.normal(size=shape).astype("float32")


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_a_few(shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    first, second = (normal(*shape) for shape in shapes)
    found = arrays.times_few(ops.convert_to_tensor(first), ops.convert_to_tensor(second))
    assert tuple(found.shape) == (first @ second).shape
    np.testing.assert_allclose(ops.convert_to_numpy(found), first @ second, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(3, 50), (50, 3), (50, 60), (0, 3), (3, 0), (1, 1)])
def test_transposes(shape: tuple[int, int]) -> None:
    array = normal(*shape)
    found = ops.convert_to_numpy(arrays.transpose(ops.convert_to_tensor(array)))
    np.testing.assert_array_equal(found, array.T)


def test_transposes_of_more_axes() -> None:
    array = normal(2, 3, 4)
    found = ops.convert_to_numpy(arrays.transpose(ops.convert_to_tensor(array), (2, 0, 1)))
    np.testing.assert_array_equal(found, array.transpose(2, 0, 1))


SUMMED = [((16, 3, 2), 0), ((3, 32, 2), 1), ((64, 2), 0), ((2, 40), 1), ((48, 1), 0), ((0, 2), 0)]


@pytest.mark.parametrize(("shape", "axis"), SUMMED)
def test_sums_of_each(shape: tuple[int, ...], axis: int) -> None:
    both = normal(*shape), normal(*shape)
    found = arrays.sum_each(tuple(map(ops.convert_to_tensor, both)), axis)
    for one, own in zip(found, both, strict=True):
        expected = own.sum(axis, dtype="float64")
        assert tuple(one.shape) == expected.shape
        np.testing.assert_allclose(ops.convert_to_numpy(one), expected, rtol=1e-5, atol=1e-5)


def test_sums_of_many_numbers_are_as_precise_as_one() -> None:
    """2**15 numbers added one after the other would be off by 3e-4."""
    many = np.full((2**15, 2), 0.1, "float32")
    for found in arrays.sum_each((ops.convert_to_tensor(many),) * 2, 0):
        expected = many.sum(0, dtype="float64")
        np.testing.assert_allclose(ops.convert_to_numpy(found), expected, rtol=1e-6)
