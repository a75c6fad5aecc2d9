"""Views of a register's array that put some axes together."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from qeras.backend import arrays
from qeras.execution.context import USUAL_BATCH, Tensor


def to_blocks(axes: tuple[int, ...], width: int, part: Tensor) -> Tensor:
    """(2**width, batch) as (outer, 2**axes, inner).

    Neighbouring axes in order are a reshape; others are brought to the front first."""
    size = 2 ** len(axes)
    if are_neighbours(axes):
        return arrays.reshape(part, (2 ** axes[0], size, -1))
    return arrays.reshape(to_front(axes, width, part), (1, size, -1))


def from_blocks(axes: tuple[int, ...], width: int, blocks: Tensor) -> Tensor:
    """The inverse of `to_blocks`, (2**width, batch)."""
    if are_neighbours(axes):
        return arrays.reshape(blocks, (2**width, -1))
    return from_front(axes, width, blocks)


def to_front(axes: tuple[int, ...], width: int, part: Tensor) -> Tensor:
    """(2**width, batch) as (2**axes, others * batch)."""
    if is_gathered(width, part):
        part = arrays.gather(part, arrays.constant(_rows(axes, width)[0]))
    else:
        shape, order, _ = _runs(axes, width)
        part = arrays.transpose(arrays.reshape(part, (*shape, -1)), order)
    return arrays.reshape(part, (2 ** len(axes), -1))


def from_front(axes: tuple[int, ...], width: int, part: Tensor) -> Tensor:
    """The inverse of `to_front`, (2**width, batch)."""
    if is_gathered(width, part):
        rows = arrays.constant(_rows(axes, width)[1])
        return arrays.gather(arrays.reshape(part, (2**width, -1)), rows)
    shape, order, inverse = _runs(axes, width)
    moved = [shape[position] for position in order[:-1]]
    cube = arrays.transpose(arrays.reshape(part, (*moved, -1)), inverse)
    return arrays.reshape(cube, (2**width, -1))


def is_gathered(width: int, part: Tensor) -> bool:
    """Whether axes of an array with 2**width rows are moved by a gather."""
    known = [size for size in part.shape if isinstance(size, int)]
    numbers = prod(known) if len(known) == len(part.shape) else 2**width * USUAL_BATCH
    return numbers <= arrays.most_gathered


def are_neighbours(axes: tuple[int, ...]) -> bool:
    """Whether the axes are consecutive and in order."""
    return axes == tuple(range(axes[0], axes[0] + len(axes)))


@lru_cache(maxsize=1024)
def _rows(axes: tuple[int, ...], width: int) -> tuple[np.ndarray, np.ndarray]:
    """The order of rows that brings `axes` to the front, and the order that brings them back."""
    others = (axis for axis in range(width) if axis not in axes)
    rows = np.arange(2**width, dtype="int32").reshape((2,) * width)
    source = rows.transpose((*axes, *others)).ravel()
    return source, np.argsort(source).astype("int32")


@lru_cache(maxsize=1024)
def _runs(axes: tuple[int, ...], width: int) -> tuple[list[int], list[int], list[int]]:
    """One dimension for each of `axes` and one for each run of others between them; then,
    with the batch after them, the order of dimensions that brings `axes` to the front, and
    the order that brings them back."""
    shape: list[int] = []
    place: dict[int, int] = {}
    previous = -1
    for axis in sorted(axes):
        if axis > previous + 1:
            shape.append(2 ** (axis - previous - 1))
        place[axis] = len(shape)
        shape.append(2)
        previous = axis
    if previous < width - 1:
        shape.append(2 ** (width - 1 - previous))
    front = [place[axis] for axis in axes]
    order = [*front, *(position for position in range(len(shape) + 1) if position not in front)]
    return shape, order, sorted(range(len(order)), key=order.__getitem__)
