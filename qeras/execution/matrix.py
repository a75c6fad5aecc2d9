"""Apply a block's matrix to some axes of a register: one real GEMM or two.

A real matrix acts on real and imaginary part alike. A complex one, A + iB, is held as
[[A, -B], [B, A]]; on all axes of a register it acts on the parts joined, on some axes
A and B act one by one.
"""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.blocks import from_blocks, to_blocks
from qeras.execution.context import Tensor
from qeras.execution.sheets import Sheets, from_joined, from_pairs, joined, pairs, parts
from qeras.plan.moves import ApplyMatrix

# A batch of GEMMs with at most this many columns each is slower than two transposes and one
# GEMM: 63 ms against about 8 ms for 2**15 blocks of 32 x 32 by 32 x 2. A GEMM with
# matrix x identity takes 1.5 ms, but spreads a nan of one sample to the others.
NARROW = 4

# Entries of the products of all blocks, whose sum is a gradient, before two transposes and
# one GEMM are better: at 2**25 (20 wires, batch 2) 10 ms against 35 ms and 134 MB, at 2**21
# (16 wires, batch 16) 6 ms against 3 ms and 8 MB (TensorFlow).
MAX_PRODUCTS = 2**22


def apply_matrix(move: ApplyMatrix, matrix: Tensor, sheets: Sheets) -> Sheets:
    """The sheets after the move."""
    if _is_real(move, matrix):
        return _on_axes(move, matrix, sheets)
    if _covers(move):
        return from_joined([_times(matrix, both) for both in joined(sheets)])
    half = matrix.shape[0] // 2
    real = pairs(_on_axes(move, matrix[:half, :half], sheets))
    imaginary = pairs(_on_axes(move, matrix[half:, :half], sheets))
    return from_pairs([(a[0] - b[1], a[1] + b[0]) for a, b in zip(real, imaginary, strict=True)])


def matrix_gradient(move: ApplyMatrix, matrix: Tensor, before: Sheets, cotangent: Sheets) -> Tensor:
    """Gradient of the matrix, from the state before the move and the cotangent after it."""
    if _covers(move) and not _is_real(move, matrix):
        return _outer(joined(cotangent)[0], joined(before)[0])
    real = sum(
        _outer(_blocks(move, after), _blocks(move, earlier))
        for after, earlier in zip(cotangent, before, strict=True)
    )
    if _is_real(move, matrix):
        return real
    to_re, to_im = (_blocks(move, part) for part in parts(cotangent))
    re, im = (_blocks(move, part) for part in parts(before))
    columns = arrays.concatenate([real, _outer(to_im, re) - _outer(to_re, im)], axis=0)
    return arrays.concatenate([columns, arrays.zeros_like(columns)], axis=1)


def _is_real(move: ApplyMatrix, matrix: Tensor) -> bool:
    return matrix.shape[0] == 2 ** len(move.axes)


def _covers(move: ApplyMatrix) -> bool:
    return move.axes == tuple(range(move.width))


def _blocks(move: ApplyMatrix, part: Tensor) -> Tensor:
    return to_blocks(move.axes, move.width, part)


def _on_axes(move: ApplyMatrix, matrix: Tensor, sheets: Sheets) -> Sheets:
    """A real matrix on the move's axes."""
    return tuple(
        from_blocks(move.axes, move.width, _times(matrix, _blocks(move, sheet)), sheet.shape[0])
        for sheet in sheets
    )


def _times(matrix: Tensor, blocks: Tensor) -> Tensor:
    """The matrix times each block of (outer, size, inner)."""
    outer, size, inner = blocks.shape
    if outer == 1:
        return (matrix @ blocks[0])[None]
    # Where a graph is for any batch, the size is no number yet, and most likely not small.
    if isinstance(inner, int) and 0 < inner <= NARROW:
        product = arrays.reshape(matrix @ _columns(blocks), (size, outer, inner))
        return arrays.transpose(product, (1, 0, 2))
    return arrays.times_each(matrix, blocks)


def _columns(blocks: Tensor) -> Tensor:
    """Thin blocks side by side, (size, outer * inner)."""
    return arrays.reshape(arrays.transpose(blocks, (1, 0, 2)), (blocks.shape[1], -1))


def _outer(after: Tensor, before: Tensor) -> Tensor:
    """Sum over blocks of after @ before.T, (size, size)."""
    outer, size, _ = after.shape
    if outer == 1:
        return after[0] @ arrays.transpose(before[0])
    if outer * size**2 > MAX_PRODUCTS:
        return _columns(after) @ arrays.transpose(_columns(before))
    return arrays.sum(after @ arrays.swapaxes(before, 1, 2), axis=0)
