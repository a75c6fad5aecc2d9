"""Expectation values: rows of linear combinations of words' and matrices' values."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.blocks import to_blocks
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.parameters import Coefficients
from qeras.measurements.final_state import FinalState
from qeras.plan.readouts import Expectations, HermitianSum, SignedSums, Symbolic


def expectations(
    plan: Expectations,
    width: int,
    state: FinalState,
    coefficients: Coefficients,
    constants: Constants,
) -> Tensor:
    """All rows, (rows, batch)."""
    parts = [
        signed_sums(sums, _amplitude_product(sums, state, constants), constants)
        for sums in plan.sums
    ]
    parts += [_matrix_sum(matrix, width, state.amplitudes, constants) for matrix in plan.matrices]
    values = parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=0)
    return combined(plan, values, coefficients, constants)


def sums_of_squares(plan: Expectations, squares: Tensor, constants: Constants) -> Tensor:
    """All rows, (rows, batch), where `Readouts.of_rows`, of probabilities (2**width, batch)."""
    (sums,) = plan.sums
    return constants.real(plan.weights) @ signed_sums(sums, squares, constants)


def sums_of_squares_backward(plan: Expectations, gradient: Tensor, constants: Constants) -> Tensor:
    """Gradient of the probabilities, (2**width, batch), from that of the rows."""
    (sums,) = plan.sums
    own = constants.real(plan.weights_transposed) @ gradient
    if sums.right is None:
        return constants.real(sums.left_transposed) @ own
    patterns, rows = sums.left.shape
    if sums.pattern is None:
        own = constants.real(sums.right_transposed) @ own
    else:
        own = constants.real(sums.right)[:, :, None] * own[:, None, :]
        own = constants.real(sums.by_pattern) @ arrays.reshape(own, (len(sums.right), -1))
    own = constants.real(sums.left_transposed) @ arrays.reshape(own, (patterns, -1))
    return arrays.reshape(own, (rows * sums.columns, -1))


def combined(
    plan: Expectations, values: Tensor, coefficients: Coefficients, constants: Constants
) -> Tensor:
    """Rows of values, (values, batch), times coefficients; (rows, batch)."""
    rows = constants.real(plan.weights) @ values
    if plan.shared is not None:
        rows = rows + _symbolic(plan.shared, values, coefficients.shared[:, None], constants)  # type: ignore[index]
    if plan.per_sample is not None:
        rows = rows + _symbolic(plan.per_sample, values, coefficients.per_sample, constants)
    return rows


def _symbolic(plan: Symbolic, values: Tensor, coefficients: Tensor, constants: Constants) -> Tensor:
    chosen = arrays.gather(values, constants.index(plan.values))
    weights = arrays.gather(coefficients, constants.index(plan.slots))
    return constants.real(plan.rows) @ (weights * chosen)


def signed_sums(sums: SignedSums, product: Tensor, constants: Constants) -> Tensor:
    """One value a word, (words, batch), of products of amplitudes (2**width, batch)."""
    left = constants.real(sums.left)
    if sums.right is None:
        return left @ product
    folded = left @ arrays.reshape(product, (sums.left.shape[1], -1))
    right, columns = constants.real(sums.right), sums.right.shape[1]
    if sums.pattern is None:
        return right @ arrays.reshape(folded, (columns, -1))
    folded = arrays.reshape(folded, (sums.left.shape[0], columns, -1))
    chosen = arrays.gather(folded, constants.index(sums.pattern))
    return arrays.sum(chosen * right[:, :, None], axis=1)


def _amplitude_product(sums: SignedSums, state: FinalState, constants: Constants) -> Tensor:
    """Real or imaginary part of conj(psi[k]) psi[source[k]], (2**width, batch)."""
    if sums.source is None:
        return state.probabilities
    re, im = state.amplitudes
    index = constants.index(sums.source)
    other_re, other_im = arrays.gather(re, index), arrays.gather(im, index)
    if sums.imaginary:
        return re * other_im - im * other_re
    return re * other_re + im * other_im


def _matrix_sum(matrix: HermitianSum, width: int, state: State, constants: Constants) -> Tensor:
    """<psi| H |psi>, (1, batch)."""
    size = 2 ** len(matrix.axes)
    re, im = (arrays.swapaxes(to_blocks(matrix.axes, width, part), 0, 1) for part in state)
    flat_re, flat_im = arrays.reshape(re, (size, -1)), arrays.reshape(im, (size, -1))
    real, imaginary = constants.real(matrix.real), constants.real(matrix.imaginary)
    to_re = real @ flat_re - imaginary @ flat_im
    to_im = imaginary @ flat_re + real @ flat_im
    product = flat_re * to_re + flat_im * to_im
    return arrays.sum(arrays.reshape(product, (2**width, -1)), axis=0, keepdims=True)
