"""Views that put axes together, and back, for all axes of a small register."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from keras import ops

from qeras.backend import arrays
from qeras.execution.blocks import (
    are_neighbours,
    from_blocks,
    from_front,
    to_blocks,
    to_front,
)

WIDTH, BATCH = 4, 3
PART = np.arange(2**WIDTH * BATCH, dtype="float32").reshape(2**WIDTH, BATCH)
AXES = [axes for count in (1, 2, 3, 4) for axes in permutations(range(WIDTH), count)]


@pytest.mark.parametrize("axes", AXES)
def test_there_and_back(axes: tuple[int, ...]) -> None:
    blocks = to_blocks(axes, WIDTH, ops.convert_to_tensor(PART))
    assert blocks.shape[1] == 2 ** len(axes)
    back = from_blocks(axes, WIDTH, blocks)
    np.testing.assert_array_equal(ops.convert_to_numpy(back), PART)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("most_gathered", [0, PART.size], ids=["transposed", "gathered"])
def test_to_the_front(
    axes: tuple[int, ...], most_gathered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "most_gathered", most_gathered)
    found = to_front(axes, WIDTH, ops.convert_to_tensor(PART))
    others = [axis for axis in range(WIDTH) if axis not in axes]
    cube = PART.reshape((2,) * WIDTH + (BATCH,)).transpose((*axes, *others, WIDTH))
    expected = cube.reshape(2 ** len(axes), -1)
    np.testing.assert_array_equal(ops.convert_to_numpy(found), expected)
    np.testing.assert_array_equal(ops.convert_to_numpy(from_front(axes, WIDTH, found)), PART)


@pytest.mark.parametrize("axes", AXES)
def test_the_middle_dimension_counts_the_axes(axes: tuple[int, ...]) -> None:
    """Each entry of a block is where the bits of its row say, first axis first."""
    blocks = ops.convert_to_numpy(to_blocks(axes, WIDTH, ops.convert_to_tensor(PART)))
    states = np.arange(2**WIDTH)
    for row in range(2 ** len(axes)):
        wanted = np.ones(2**WIDTH, bool)
        for place, axis in enumerate(axes):
            bit = row >> (len(axes) - 1 - place) & 1
            wanted &= (states >> (WIDTH - 1 - axis) & 1) == bit
        expected = PART[wanted].ravel()
        np.testing.assert_array_equal(np.sort(blocks[:, row].ravel()), np.sort(expected))


def test_neighbours() -> None:
    assert are_neighbours((2,))
    assert are_neighbours((1, 2, 3))
    assert not are_neighbours((2, 1))
    assert not are_neighbours((0, 2))
