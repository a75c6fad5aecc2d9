"""Views of a register's array that put some axes together."""

from __future__ import annotations

from functools import lru_cache

from qeras.backend import arrays
from qeras.execution.context import Tensor


def to_blocks(axes: tuple[int, ...], width: int, part: Tensor) -> Tensor:
    """(2**width, batch) as (outer, 2**axes, inner).

    Neighbouring axes in order are a reshape; others are brought to the front first."""
    size = 2 ** len(axes)
    if are_neighbours(axes):
        return arrays.reshape(part, (2 ** axes[0], size, -1))
    shape, order, _ = _runs(axes, width)
    cube = arrays.transpose(arrays.reshape(part, (*shape, -1)), order)
    return arrays.reshape(cube, (1, size, -1))


def from_blocks(axes: tuple[int, ...], width: int, blocks: Tensor) -> Tensor:
    """The inverse of `to_blocks`, (2**width, batch)."""
    if not are_neighbours(axes):
        shape, order, inverse = _runs(axes, width)
        moved = [shape[position] for position in order[:-1]]
        blocks = arrays.transpose(arrays.reshape(blocks, (*moved, -1)), inverse)
    return arrays.reshape(blocks, (2**width, -1))


def are_neighbours(axes: tuple[int, ...]) -> bool:
    """Whether the axes are consecutive and in order."""
    return axes == tuple(range(axes[0], axes[0] + len(axes)))


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
