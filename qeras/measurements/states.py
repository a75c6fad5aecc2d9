"""Probabilities, states, reduced density matrices, and entropies of them."""

from __future__ import annotations

import math

import keras
from keras import ops

from qeras.backend import arrays
from qeras.execution.blocks import to_blocks
from qeras.execution.context import Constants, State, Tensor
from qeras.measurements.final_state import FinalState
from qeras.plan.readouts import Readout


def probabilities(readout: Readout, width: int, state: FinalState, constants: Constants) -> Tensor:
    """(batch, 2**wires), the first wire the most significant bit."""
    if readout.basis is None:
        return ops.transpose(marginal(readout.axes, width, state.probabilities))
    re, im = (_rows(readout.axes, width, part) for part in state.amplitudes)
    shape = (re.shape[0], 2 ** (width - len(readout.axes)), -1)
    re, im = ops.reshape(re, (shape[0], -1)), ops.reshape(im, (shape[0], -1))
    real, imaginary = (constants.real(part) for part in readout.basis)
    turned_re = real @ re - imaginary @ im
    turned_im = imaginary @ re + real @ im
    product = ops.reshape(turned_re * turned_re + turned_im * turned_im, shape)
    return ops.transpose(ops.sum(product, axis=1))


# Norms of a postselected state below which the outcome was impossible, as rounding leaves
# some of it.
IMPOSSIBLE = {"float32": 1e-6, "float64": 1e-8}


def normalised(state: State) -> State:
    """The state with norm 1, or nan where it has none: after postselection."""
    re, im = state
    square = arrays.sum(re * re + im * im, axis=0, keepdims=True)
    possible = square > IMPOSSIBLE[keras.backend.standardize_dtype(re.dtype)] ** 2
    norm = ops.sqrt(arrays.where(possible, square, ops.ones_like(square)))
    norm = arrays.where(possible, norm, ops.full_like(norm, math.nan))
    return re / norm, im / norm


def state_vector(state: State) -> Tensor:
    """(batch, 2**width), complex."""
    return _complex(ops.transpose(state[0]), ops.transpose(state[1]))


def density_matrix(readout: Readout, width: int, state: State) -> Tensor:
    """(batch, d, d), complex, of the measured wires."""
    return _complex(*_reduced(readout.axes, width, state))


def purity(readout: Readout, width: int, state: State) -> Tensor:
    """(batch,): trace of the squared reduced density matrix."""
    real, imaginary = _reduced(_smaller(readout.axes, width), width, state)
    return ops.sum(real * real + imaginary * imaginary, axis=(1, 2))


def entropy(axes: tuple[int, ...], width: int, state: State, log_base: float | None) -> Tensor:
    """(batch,): -trace(rho log rho) of the reduced density matrix."""
    axes = _smaller(axes, width)
    if not axes:
        return ops.zeros_like(state[0][0])
    return entropy_of(*_reduced(axes, width, state), log_base)


def entropy_of(real: Tensor, imaginary: Tensor, log_base: float | None) -> Tensor:
    """(batch,), of density matrices (batch, d, d).

    The eigenvalues are those of the real symmetric matrix [[A, -B], [B, A]] of
    rho = A + iB, each of them twice."""
    symmetric = ops.concatenate(
        [
            ops.concatenate([real, -imaginary], axis=2),
            ops.concatenate([imaginary, real], axis=2),
        ],
        axis=1,
    )
    # A sample that is nan stays one, and does not stop the decomposition of the others.
    healthy = ops.isfinite(ops.sum(symmetric, axis=(1, 2)))
    unit = ops.cast(ops.eye(symmetric.shape[1]), symmetric.dtype)
    safe = arrays.where(healthy[:, None, None], symmetric, unit)
    values, _ = arrays.eigh(safe)
    positive = arrays.where(values > 0, values, ops.ones_like(values))
    total = -0.5 * ops.sum(positive * arrays.log(positive), axis=1)
    if log_base is not None:
        total = total / math.log(log_base)
    return arrays.where(healthy, total, ops.full_like(total, math.nan))


def mutual_information(readout: Readout, width: int, state: State) -> Tensor:
    """(batch,): S(A) + S(B) - S(AB)."""
    both = (*readout.axes, *readout.other_axes)
    first, second, joint = (
        entropy(axes, width, state, readout.log_base)
        for axes in (readout.axes, readout.other_axes, both)
    )
    return first + second - joint


def _smaller(axes: tuple[int, ...], width: int) -> tuple[int, ...]:
    """The axes or all others: a pure state's two parts have the same spectrum."""
    others = tuple(axis for axis in range(width) if axis not in axes)
    return axes if len(axes) <= len(others) else others


def _rows(axes: tuple[int, ...], width: int, part: Tensor) -> Tensor:
    """(2**axes, rest * batch)."""
    blocks = ops.swapaxes(to_blocks(axes, width, part), 0, 1)
    return ops.reshape(blocks, (2 ** len(axes), -1))


def marginal(axes: tuple[int, ...], width: int, product: Tensor) -> Tensor:
    """(2**axes, batch): (2**width, batch) summed over the other axes."""
    if axes == tuple(range(width)):
        return product
    rest = 2 ** (width - len(axes))
    rows = ops.reshape(_rows(axes, width, product), (2 ** len(axes), rest, -1))
    return ops.sum(rows, axis=1)


def _reduced(axes: tuple[int, ...], width: int, state: State) -> tuple[Tensor, Tensor]:
    """Real and imaginary part of the reduced density matrix, (batch, d, d)."""
    shape = (2 ** len(axes), 2 ** (width - len(axes)), -1)
    if axes:
        re, im = (ops.reshape(_rows(axes, width, part), shape) for part in state)
    else:
        re, im = (ops.reshape(part, shape) for part in state)
    re, im = ops.transpose(re, (2, 0, 1)), ops.transpose(im, (2, 0, 1))
    re_t, im_t = ops.swapaxes(re, 1, 2), ops.swapaxes(im, 1, 2)
    return re @ re_t + im @ im_t, im @ re_t - re @ im_t


def _complex(real: Tensor, imaginary: Tensor) -> Tensor:
    return arrays.make_complex(real, imaginary)
