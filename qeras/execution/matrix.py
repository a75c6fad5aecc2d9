"""Apply a block's matrix to some axes of a register: one real GEMM or two.

A real matrix acts on real and imaginary part alike. A complex one, A + iB, is held as
[[A, -B], [B, A]]; on all axes of a register it acts on the parts stacked, on some axes
[A; B] acts on each part and the products are combined.
"""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.blocks import from_blocks, to_blocks
from qeras.execution.context import State, Tensor
from qeras.plan.moves import ApplyMatrix

# A batch of GEMMs with at most this many columns each is slower than two transposes and one
# GEMM: 63 ms against about 8 ms for 2**15 blocks of 32 x 32 by 32 x 2. A GEMM with
# matrix x identity takes 1.5 ms, but spreads a nan of one sample to the others.
NARROW = 4


def apply_matrix(move: ApplyMatrix, matrix: Tensor, state: State) -> State:
    """The state after the move."""
    re, im = state
    if _is_real(move, matrix):
        return _on_axes(move, matrix, re), _on_axes(move, matrix, im)
    if _covers(move):
        return _halves(matrix @ arrays.concatenate([re, im], axis=0))
    columns = matrix[:, : matrix.shape[0] // 2]
    return _combine(move, columns, re, im)


def apply_matrix_backward(
    move: ApplyMatrix, matrix: Tensor, state: State, cotangent: State
) -> tuple[State, State, Tensor | None]:
    """(state before, cotangent before, gradient of a trained matrix) from those after.

    The matrix is orthogonal, so its transpose undoes it."""
    transposed = arrays.transpose(matrix)
    before = apply_matrix(move, transposed, state)
    gradient = _gradient(move, matrix, before, cotangent) if move.trained else None
    return before, apply_matrix(move, transposed, cotangent), gradient


def _is_real(move: ApplyMatrix, matrix: Tensor) -> bool:
    return matrix.shape[0] == 2 ** len(move.axes)


def _covers(move: ApplyMatrix) -> bool:
    return move.axes == tuple(range(move.width))


def _halves(stacked: Tensor) -> State:
    half = stacked.shape[0] // 2
    return stacked[:half], stacked[half:]


def _combine(move: ApplyMatrix, columns: Tensor, re: Tensor, im: Tensor) -> State:
    size = columns.shape[0] // 2
    real, imaginary = columns[:size], columns[size:]
    return (
        _on_axes(move, real, re) - _on_axes(move, imaginary, im),
        _on_axes(move, imaginary, re) + _on_axes(move, real, im),
    )


def _gradient(move: ApplyMatrix, matrix: Tensor, before: State, cotangent: State) -> Tensor:
    if _is_real(move, matrix):
        pairs = zip(cotangent, before, strict=True)
        return sum(_outer(move, after, earlier) for after, earlier in pairs)
    if _covers(move):
        return arrays.concatenate(cotangent, axis=0) @ arrays.transpose(
            arrays.concatenate(before, axis=0)
        )
    (to_re, to_im), (re, im) = cotangent, before
    real = _outer(move, to_re, re) + _outer(move, to_im, im)
    imaginary = _outer(move, to_im, re) - _outer(move, to_re, im)
    columns = arrays.concatenate([real, imaginary], axis=0)
    return arrays.concatenate([columns, arrays.zeros_like(columns)], axis=1)


def _on_axes(move: ApplyMatrix, matrix: Tensor, part: Tensor) -> Tensor:
    """The matrix on the move's axes of a real array (2**width, batch)."""
    blocks = to_blocks(move.axes, move.width, part)
    outer, _, inner = blocks.shape
    if outer == 1:
        return from_blocks(move.axes, move.width, matrix @ blocks[0])
    # Where a graph is for any batch, the size is no number yet, and most likely not small.
    if isinstance(inner, int) and 0 < inner <= NARROW:
        return _on_narrow(move, matrix, blocks)
    matrix = arrays.broadcast_to(matrix, (outer, *matrix.shape))
    return from_blocks(move.axes, move.width, matrix @ blocks)


def _on_narrow(move: ApplyMatrix, matrix: Tensor, blocks: Tensor) -> Tensor:
    """Many thin blocks side by side in one GEMM."""
    outer, size, inner = blocks.shape
    columns = arrays.reshape(arrays.transpose(blocks, (1, 0, 2)), (size, outer * inner))
    product = arrays.reshape(matrix @ columns, (size, outer, inner))
    return from_blocks(move.axes, move.width, arrays.transpose(product, (1, 0, 2)))


def _outer(move: ApplyMatrix, after: Tensor, before: Tensor) -> Tensor:
    left = to_blocks(move.axes, move.width, after)
    right = to_blocks(move.axes, move.width, before)
    if left.shape[0] == 1:
        return left[0] @ arrays.transpose(right[0])
    return arrays.sum(left @ arrays.swapaxes(right, 1, 2), axis=0)
