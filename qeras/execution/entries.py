"""Apply a matrix or diagonal whose entries are parameters; it need not be unitary."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.blocks import are_neighbours, from_blocks, to_blocks
from qeras.execution.context import State, Tensor
from qeras.execution.sheets import Sheets, from_parts, parts
from qeras.plan.moves import ApplyEntries


def apply_entries(move: ApplyEntries, entries: Tensor, state: Sheets) -> Sheets:
    """The state after the move; `entries` are its own, (2 * count, 1 or batch)."""
    real, imaginary = _parts(move, entries)
    re, im = (_blocks(move, part) for part in parts(state))
    return from_parts(
        _from_blocks(move, _times(move, real, re) - _times(move, imaginary, im)),
        _from_blocks(move, _times(move, imaginary, re) + _times(move, real, im)),
    )


def apply_entries_backward(
    move: ApplyEntries, entries: Tensor, before: Sheets, cotangent: Sheets
) -> tuple[Sheets, Tensor]:
    """(cotangent before, gradient of the move's entries (count * 2, 1 or batch))."""
    real, imaginary = _parts(move, entries)
    to_re, to_im = (_blocks(move, part) for part in parts(cotangent))
    re, im = (_blocks(move, part) for part in parts(before))
    real_t, imaginary_t = (_transposed(move, part) for part in (real, imaginary))
    earlier = from_parts(
        _from_blocks(move, _times(move, real_t, to_re) + _times(move, imaginary_t, to_im)),
        _from_blocks(move, _times(move, real_t, to_im) - _times(move, imaginary_t, to_re)),
    )
    gradient = arrays.concatenate(
        [
            _outer(move, to_re, re) + _outer(move, to_im, im),
            _outer(move, to_im, re) - _outer(move, to_re, im),
        ],
        axis=0,
    )
    if not move.per_sample:
        gradient = arrays.sum(gradient, axis=1, keepdims=True)
    return earlier, gradient


def _parts(move: ApplyEntries, entries: Tensor) -> State:
    """Real and imaginary parts: (size, size, columns) or (size, columns)."""
    size = 2 ** len(move.axes)
    shape = (size, size, -1) if move.kind == "matrix" else (size, -1)
    return (
        arrays.reshape(entries[: move.count], shape),
        arrays.reshape(entries[move.count :], shape),
    )


def _blocks(move: ApplyEntries, part: Tensor) -> Tensor:
    """(2**width, batch) as (2**axes, rest, batch)."""
    blocks = arrays.swapaxes(to_blocks(move.axes, move.width, part), 0, 1)
    return arrays.reshape(blocks, (2 ** len(move.axes), 2 ** (move.width - len(move.axes)), -1))


def _from_blocks(move: ApplyEntries, blocks: Tensor) -> Tensor:
    outer = 2 ** move.axes[0] if are_neighbours(move.axes) else 1
    cube = arrays.reshape(blocks, (2 ** len(move.axes), outer, -1))
    return from_blocks(move.axes, move.width, arrays.swapaxes(cube, 0, 1))


def _times(move: ApplyEntries, entries: Tensor, blocks: Tensor) -> Tensor:
    if move.kind == "diagonal":
        return entries[:, None] * blocks
    return arrays.sum(entries[:, :, None] * blocks[None], axis=1)


def _transposed(move: ApplyEntries, entries: Tensor) -> Tensor:
    return entries if move.kind == "diagonal" else arrays.swapaxes(entries, 0, 1)


def _outer(move: ApplyEntries, after: Tensor, before: Tensor) -> Tensor:
    """Sum over the rest: (count, batch)."""
    if move.kind == "diagonal":
        return arrays.sum(after * before, axis=1)
    product = arrays.sum(after[:, None] * before[None], axis=2)
    return arrays.reshape(product, (move.count, -1))
