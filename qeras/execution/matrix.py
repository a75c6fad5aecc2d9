"""Apply a block's matrix to some axes of a register: one real GEMM or two.

A real matrix acts on real and imaginary part alike. A complex one, A + iB, is held as a
complex array where states are, else as [[A, -B], [B, A]], which acts on the parts joined.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add

import numpy as np

from qeras.backend import arrays
from qeras.execution.blocks import (
    are_neighbours,
    from_front,
    is_gathered,
    to_blocks,
    to_front,
)
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.sheets import Sheets, from_real_arrays, pairs, parts, real_arrays
from qeras.plan.moves import ApplyMatrix

# A batch of GEMMs with at most this many columns each is slower than one GEMM on all blocks
# transposed: 24 ms against 8 ms for 2**15 blocks of 32 x 32 by 32 x 4 on torch. A GEMM with
# matrix x identity takes 1.5 ms, but spreads a nan of one sample to the others.
NARROW = 4

# Entries of the products of all blocks, whose sum is a gradient, before one GEMM on all
# blocks transposed is better: at 2**25 (20 wires, batch 2) 9 ms against 73 ms and 134 MB, at
# 2**20 (16 wires, batch 16) 3.5 ms against 2.6 ms (torch).
MAX_PRODUCTS = 2**22


def held(matrices: np.ndarray, constants: Constants) -> Tensor:
    """Constant matrices (..., size, size) as moves use them."""
    if not np.iscomplexobj(matrices):
        return constants.real(matrices)
    return constants.complex(matrices) if arrays.holds_complex() else constants.packed(matrices)


def as_matrices(entries: Sheets) -> Tensor:
    """Complex matrices as moves use them, from entries (..., size, size)."""
    if arrays.holds_complex():
        return entries[0]
    re, im = entries
    rows = arrays.concatenate([re, -im], axis=-1), arrays.concatenate([im, re], axis=-1)
    return arrays.concatenate(rows, axis=-2)


def entries_gradient(gradient: Tensor) -> Sheets:
    """The gradient of entries from that of the matrices that `as_matrices` makes of them."""
    if arrays.holds_complex():
        return (gradient,)
    top, bottom = (arrays.split(half, 2, axis=-1) for half in arrays.split(gradient, 2, axis=-2))
    return top[0] + bottom[1], bottom[0] - top[1]


def apply_matrix(move: ApplyMatrix, matrix: Tensor, sheets: Sheets) -> Sheets:
    """The sheets after the move."""
    if _is_complex(matrix):
        return tuple(_on_axes(move, matrix, sheet) for sheet in sheets)
    if _is_real(move, matrix):
        return from_real_arrays([_on_axes(move, matrix, one) for one in real_arrays(sheets)])
    found = (_times(matrix, _joined(move, pair)) for pair in pairs(sheets))
    halves = (half for both in found for half in _halves(both))
    return tuple(_from_blocks(move, half) for half in halves)


def matrix_gradient(move: ApplyMatrix, matrix: Tensor, before: Sheets, cotangent: Sheets) -> Tensor:
    """Gradient of the matrix, held like `matrix` (which tells how, and may be its adjoint),
    from the state before the move and the cotangent after it."""
    if _is_complex(matrix):
        return _outer(_blocks(move, cotangent[0]), _blocks(move, before[0]))
    if not _is_real(move, matrix):
        return _outer(_joined(move, parts(cotangent)), _joined(move, parts(before)))
    pair = zip(real_arrays(cotangent), real_arrays(before), strict=True)
    return reduce(add, (_outer(_blocks(move, a), _blocks(move, b)) for a, b in pair))


def adjoint(matrix: Tensor) -> Tensor:
    """The conjugate transpose, (..., size, size)."""
    return _conjugate(arrays.swapaxes(matrix, -1, -2))


def adjoints(matrices: Tensor) -> Callable[[int], Tensor]:
    """The adjoint of each by its number: complex ones are conjugated at once, and of real ones
    each product reads its own the other way round."""
    if _is_complex(matrices):
        return arrays.unstack(adjoint(matrices)).__getitem__
    each = arrays.unstack(matrices)
    return lambda number: adjoint(each[number])


def _conjugate(array: Tensor) -> Tensor:
    return arrays.conj(array) if _is_complex(array) else array


def _is_complex(array: Tensor) -> bool:
    return arrays.holds_complex() and arrays.is_complex(array)


def _is_real(move: ApplyMatrix, matrix: Tensor) -> bool:
    return matrix.shape[0] == 2 ** len(move.axes)


def _joined(move: ApplyMatrix, state: State) -> Tensor:
    """Blocks of the real part above those of the imaginary part, (..., 2 * size, inner)."""
    return arrays.concatenate([_blocks(move, part) for part in state], axis=-2)


def _blocks(move: ApplyMatrix, array: Tensor) -> Tensor:
    """(outer, size, inner); where there is one block, (size, inner)."""
    if are_neighbours(move.axes):
        if move.axes[0] == 0:
            return arrays.reshape(array, (2 ** len(move.axes), -1))
        if not is_gathered(move.width, array):
            return to_blocks(move.axes, move.width, array)
    return to_front(move.axes, move.width, array)


def _from_blocks(move: ApplyMatrix, blocks: Tensor) -> Tensor:
    """The inverse of `_blocks`, (2**width, ...)."""
    is_first = are_neighbours(move.axes) and move.axes[0] == 0
    if is_first or len(blocks.shape) == 3:
        return arrays.reshape(blocks, (2**move.width, -1))
    return from_front(move.axes, move.width, blocks)


def _halves(both: Tensor) -> tuple[Tensor, Tensor]:
    """The inverse of `_joined`."""
    first, second = arrays.split(both, 2, axis=-2)
    return first, second


def _on_axes(move: ApplyMatrix, matrix: Tensor, array: Tensor) -> Tensor:
    """The matrix on the move's axes of one array (2**width, columns)."""
    return _from_blocks(move, _times(matrix, _blocks(move, array)))


def _times(matrix: Tensor, blocks: Tensor) -> Tensor:
    """The matrix times each block."""
    if len(blocks.shape) == 2:
        return arrays.times_one(matrix, blocks)
    outer, size, inner = blocks.shape
    # Where a graph is for any batch, the size is no number yet, and most likely not small.
    if isinstance(inner, int) and 0 < inner <= NARROW:
        product = arrays.times_one(_rows(blocks), arrays.transpose(matrix))
        return _transposed(arrays.reshape(product, (outer, inner, size)))
    return arrays.times_each(matrix, blocks)


def _transposed(blocks: Tensor) -> Tensor:
    """Each block transposed: stays near where it was, and costs less than moving them all."""
    return arrays.contiguous(arrays.swapaxes(blocks, 1, 2))


def _rows(blocks: Tensor) -> Tensor:
    """The columns of all blocks as rows, (outer * inner, size)."""
    return arrays.reshape(_transposed(blocks), (-1, blocks.shape[1]))


def _outer(after: Tensor, before: Tensor) -> Tensor:
    """Sum over blocks of after @ before^H, (size, size)."""
    if len(after.shape) == 2:
        return after @ adjoint(before)
    outer, size, _ = after.shape
    if outer * size**2 > MAX_PRODUCTS:
        return arrays.transpose(_rows(after)) @ _conjugate(_rows(before))
    return arrays.sum(arrays.times_pairs(after, adjoint(before)), axis=0)
