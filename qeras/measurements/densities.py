"""Density matrix -> one result a measurement.

The state of a doubled circuit (`qeras.plan.density`) has the rows on its even axes and the
columns on its odd ones. All results but entropies and purity are linear in it.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from keras import ops

from qeras.backend import arrays
from qeras.execution.blocks import to_blocks
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.parameters import Coefficients
from qeras.measurements.expectations import combined, signed_sums
from qeras.measurements.read import side_by_side
from qeras.measurements.states import entropy_of, marginal
from qeras.plan.readouts import HermitianSum, Readout, Readouts, SignedSums


def read_density(
    readouts: Readouts, state: State, coefficients: Coefficients, constants: Constants
) -> list[Tensor]:
    """Results in the order of the measurements, each (batch, *readout.shape)."""
    width = readouts.width
    rows = None
    plan = readouts.expectations
    if plan is not None:
        parts = [
            signed_sums(sums, _product(sums, width, state, constants), constants)
            for sums in plan.sums
        ]
        parts += [_matrix_sum(matrix, width, state, constants) for matrix in plan.matrices]
        values = parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=0)
        rows = combined(plan, values, coefficients, constants)
    return [_result(readout, width, rows, state, constants) for readout in readouts.readouts]


def flattened(readouts: Readouts, results: list[Tensor], constants: Constants) -> Tensor:
    """All results flattened and side by side, (batch, readouts.size); complex if one is."""
    parts = [
        arrays.reshape(result, (-1, math.prod(readout.shape)))
        for result, readout in zip(results, readouts.readouts, strict=True)
    ]
    return side_by_side(readouts, parts, constants)


def diagonal(width: int, state: State, constants: Constants) -> Tensor:
    """Probabilities of all basis states, (2**width, batch)."""
    return arrays.gather(state[0], constants.index(_diagonal_entries(width)))


def reduced(axes: tuple[int, ...], width: int, state: State, constants: Constants) -> State:
    """Real and imaginary part of the density matrix of some wires, each (d, d, batch)."""
    rest = tuple(axis for axis in range(width) if axis not in axes)
    order = [2 * axis for axis in axes] + [2 * axis + 1 for axis in axes]
    order += [2 * axis for axis in rest] + [2 * axis + 1 for axis in rest]
    size, traced = 2 ** len(axes), 2 ** len(rest)
    same = _traced_entries(traced)

    def part(given: Tensor) -> Tensor:
        blocks = arrays.reshape(to_blocks(tuple(order), 2 * width, given), (size**2, traced**2, -1))
        kept = arrays.gather(arrays.swapaxes(blocks, 0, 1), constants.index(same))
        return arrays.reshape(arrays.sum(kept, axis=0), (size, size, -1))

    return part(state[0]), part(state[1])


# Constants are known by their identity, so each of these is made once: else they would be
# kept anew at every call.


@lru_cache(maxsize=64)
def _traced_entries(size: int) -> np.ndarray:
    """Where the diagonal of a matrix (size, size) stands among its entries."""
    return np.arange(size) * (size + 1)


@lru_cache(maxsize=64)
def _diagonal_entries(width: int) -> np.ndarray:
    place = np.arange(2**width)
    return _entries(place, place, width)


@lru_cache(maxsize=256)
def _product_entries(sums: SignedSums, width: int) -> np.ndarray:
    """Where rho[source[k], k] stand; sums are known by their identity too."""
    assert sums.source is not None
    return _entries(sums.source, np.arange(2**width), width)


def _entries(rows: np.ndarray, columns: np.ndarray, width: int) -> np.ndarray:
    """Where entries of the density matrix stand in the doubled state."""
    place = np.zeros_like(rows)
    for axis in range(width):
        bit = width - 1 - axis
        place = place << 2 | (rows >> bit & 1) << 1 | (columns >> bit & 1)
    return place


def _product(sums: SignedSums, width: int, state: State, constants: Constants) -> Tensor:
    """Real or imaginary part of rho[source[k], k], (2**width, batch)."""
    entries = _diagonal_entries(width) if sums.source is None else _product_entries(sums, width)
    return arrays.gather(state[1] if sums.imaginary else state[0], constants.index(entries))


def _matrix_sum(matrix: HermitianSum, width: int, state: State, constants: Constants) -> Tensor:
    """trace(H rho), (1, batch)."""
    re, im = reduced(matrix.axes, width, state, constants)
    real, imaginary = (constants.real(part) for part in matrix.transposed)
    product = real[:, :, None] * re - imaginary[:, :, None] * im
    return arrays.sum(arrays.reshape(product, (matrix.real.size, -1)), axis=0, keepdims=True)


def _result(
    readout: Readout, width: int, rows: Tensor, state: State, constants: Constants
) -> Tensor:
    if readout.kind == "expval":
        return rows[readout.rows[0]]
    if readout.kind == "var":
        mean, square = (rows[row] for row in readout.rows)
        return square - mean * mean
    if readout.kind == "probs" and readout.basis is None:
        return arrays.transpose(marginal(readout.axes, width, diagonal(width, state, constants)))
    both = (*readout.axes, *readout.other_axes)
    re, im = (ops.transpose(part, (2, 0, 1)) for part in reduced(both, width, state, constants))
    if readout.kind == "probs":
        return _probabilities(readout, re, im, constants)
    if readout.kind == "density_matrix":
        return arrays.make_complex(re, im)
    if readout.kind == "purity":
        return ops.sum(re * re + im * im, axis=(1, 2))
    joint = entropy_of(re, im, readout.log_base)
    if readout.kind == "vn_entropy":
        return joint
    return _entropy(readout.axes, readout, width, state, constants) + _entropy(
        readout.other_axes, readout, width, state, constants
    ) - joint  # fmt: skip


def _entropy(
    axes: tuple[int, ...], readout: Readout, width: int, state: State, constants: Constants
) -> Tensor:
    re, im = (ops.transpose(part, (2, 0, 1)) for part in reduced(axes, width, state, constants))
    return entropy_of(re, im, readout.log_base)


def _probabilities(readout: Readout, re: Tensor, im: Tensor, constants: Constants) -> Tensor:
    """The diagonal of U rho U^-1, (batch, d)."""
    assert readout.basis is not None
    real, imaginary = (constants.real(part) for part in readout.basis)
    left_re = arrays.times_each(real, re) - arrays.times_each(imaginary, im)
    left_im = arrays.times_each(imaginary, re) + arrays.times_each(real, im)
    return ops.sum(left_re * real + left_im * imaginary, axis=2)
