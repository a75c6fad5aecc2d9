"""Sums, products and contractions.

Sums are trees of logarithmic depth, and zeros of constant matrices are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import ascii_letters
from typing import Any, cast

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from qeras.capture import scalar as sc
from qeras.capture.arrays import FUNCTIONS, Array, define, elementwise, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.scalar import Scalar, as_scalar, balanced, real_function, times, total


def _reduction(combine: Callable[[Array], Scalar]) -> Callable[..., Array]:
    """Reduce the entries along axes by a function of a vector."""

    def apply(array: Any, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Array:
        array = to_array(array)
        given = tuple(range(array.ndim)) if axis is None else axis
        axes = sorted(normalize_axis_tuple(given, array.ndim))
        kept = [one for one in range(array.ndim) if one not in axes]
        rows = array.transpose(*kept, *axes).reshape(*(array.shape[one] for one in kept), -1)
        result = np.empty(rows.shape[:-1], dtype=object)
        for index in np.ndindex(result.shape):
            result[index] = combine(rows[index], **kwargs)
        return np.expand_dims(result, tuple(axes)) if keepdims else result

    return apply


def _pairwise(name: str) -> Callable[[Array], Scalar]:
    combine = real_function(name)
    return lambda items: balanced(combine, list(items))


def _product(items: Array) -> Scalar:
    return balanced(Scalar.__mul__, list(items)) if len(items) else as_scalar(1)


def _mean(items: Array) -> Scalar:
    return total(items) / len(items)


def _variance(items: Array, ddof: int = 0) -> Scalar:
    mean = _mean(items)
    return total([sc.square(sc.absolute(item - mean)) for item in items]) / (len(items) - ddof)


def _euclidean(items: Array) -> Scalar:
    return sc.sqrt(total([_squared_modulus(z) for z in items]))


def _squared_modulus(z: Scalar) -> Scalar:
    return sc.square(z) if z.is_real else sc.square(sc.real(z)) + sc.square(sc.imag(z))


FUNCTIONS["sum"] = _reduction(total)
FUNCTIONS["prod"] = _reduction(_product)
FUNCTIONS["mean"] = _reduction(_mean)
FUNCTIONS["var"] = _reduction(_variance)
FUNCTIONS["std"] = _reduction(lambda items, **kwargs: sc.sqrt(_variance(items, **kwargs)))
FUNCTIONS["max"] = FUNCTIONS["amax"] = _reduction(_pairwise("maximum"))
FUNCTIONS["min"] = FUNCTIONS["amin"] = _reduction(_pairwise("minimum"))
_norm = _reduction(_euclidean)


@define("linalg.norm", "norm")
def norm(array: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """The Euclidean (Frobenius) norm; with `ord=inf` the largest modulus of a vector, or the
    largest sum of moduli of a matrix's rows."""
    if ord == np.inf and axis is None and _rank(array) in (1, 2):
        moduli = FUNCTIONS["absolute"](array)
        rows = FUNCTIONS["sum"](moduli, axis=1) if _rank(array) == 2 else moduli
        return FUNCTIONS["max"](rows)
    if ord not in (None, 2, "fro", "euclidean") or (ord == 2 and axis is None and _rank(array) > 1):
        raise CaptureError(
            "Expected the Euclidean norm, ord=None, or ord=inf of all entries. "
            f"Received: ord={ord!r}"
        )
    return _norm(array, axis=axis, keepdims=keepdims)


def _rank(array: Any) -> int:
    return to_array(array).ndim


@define("cumsum")
def cumsum(array: Any, axis: int | None = None) -> Array:
    """Sums of the entries so far."""
    array = to_array(array)
    array = np.moveaxis(array.reshape(-1) if axis is None else array, axis or 0, -1)
    result = np.empty(array.shape, dtype=object)
    for index in np.ndindex(array.shape):
        result[index] = total(array[(*index[:-1], slice(index[-1] + 1))])
    return np.moveaxis(result, -1, axis or 0)


@define("diff")
def diff(array: Any, n: int = 1, axis: int = -1) -> Array:
    """Differences of neighbours."""
    return np.diff(to_array(array), n=n, axis=axis)


_products = elementwise(times, 2)


@define("einsum")
def einsum(subscripts: str, *operands: Any, **_: Any) -> Array:
    """The sum of products over the labels that the result does not have."""
    arrays = [to_array(operand) for operand in operands]
    inputs, output = _labels(subscripts, arrays)
    labels = output + "".join(sorted(set("".join(inputs)) - set(output)))
    lengths = {
        label: length
        for names, array in zip(inputs, arrays, strict=True)
        for label, length in zip(names, array.shape, strict=True)
    }
    factors = [_aligned(array, names, labels) for names, array in zip(inputs, arrays, strict=True)]
    product = factors[0]
    for factor in factors[1:]:
        product = _products(product, factor)
    product = np.broadcast_to(product, tuple(lengths[label] for label in labels))
    summed = tuple(range(len(output), len(labels)))
    return FUNCTIONS["sum"](product, axis=summed) if summed else to_array(product)


def _labels(subscripts: str, arrays: Sequence[Array]) -> tuple[list[str], str]:
    """Letters of each operand and of the result, an ellipsis written out."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    free = [letter for letter in ascii_letters if letter not in subscripts]
    for position, (names, array) in enumerate(zip(inputs, arrays, strict=True)):
        extra = array.ndim - len(names.replace("...", ""))
        inputs[position] = names.replace("...", "".join(reversed(free[:extra])))
        if "..." in names:
            output = output.replace("...", "".join(reversed(free[:extra])), 1)
    if not arrow:
        joined = "".join(inputs)
        output = "".join(sorted(letter for letter in set(joined) if joined.count(letter) == 1))
    return inputs, output


def _aligned(array: Array, names: str, labels: str) -> Array:
    """The array with one axis for each of `labels`, of length one where it lacks it."""
    for label in set(names):
        while names.count(label) > 1:
            first, second = names.index(label), names.rindex(label)
            array = np.diagonal(array, axis1=first, axis2=second)
            names = names[:first] + names[first + 1 : second] + names[second + 1 :] + label
    array = array.transpose([names.index(label) for label in labels if label in names])
    missing = [position for position, label in enumerate(labels) if label not in names]
    return np.expand_dims(array, missing)


@define("tensordot")
def tensordot(a: Any, b: Any, axes: Any = 2) -> Array:
    """The sum over pairs of axes."""
    a, b = to_array(a), to_array(b)
    if isinstance(axes, int):
        axes = (range(a.ndim - axes, a.ndim), range(axes))
    of_a, of_b = ([int(axis) for axis in np.atleast_1d(one)] for one in axes)
    names_a = list(ascii_letters[: a.ndim])
    names_b = list(ascii_letters[a.ndim : a.ndim + b.ndim])
    for one, other in zip(of_a, of_b, strict=True):
        names_b[other] = names_a[one]
    contracted = {names_a[axis] for axis in of_a}
    output = "".join(name for name in names_a + names_b if name not in contracted)
    return einsum(f"{''.join(names_a)},{''.join(names_b)}->{output}", a, b)


@define("matmul")
def matmul(a: Any, b: Any) -> Array:
    """The matrix product, stacked over leading axes."""
    a, b = to_array(a), to_array(b)
    if not a.ndim or not b.ndim:
        raise CaptureError(
            f"Expected arrays with axes for matmul. Received: shapes {a.shape} and {b.shape}"
        )
    left = "k" if a.ndim == 1 else "...ik"
    right = "k" if b.ndim == 1 else "...kj"
    output = "..." + left[-2:-1].replace(".", "") + right[-1:].replace("k", "")
    if a.ndim <= 2 and b.ndim <= 2:
        left, right, output = (names.replace("...", "") for names in (left, right, output))
        return einsum(f"{left},{right}->{output}", a, b)
    rows = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, (*rows, *a.shape[-2:])) if a.ndim > 1 else a
    b = np.broadcast_to(b, (*rows, *b.shape[-2:])) if b.ndim > 1 else b
    return einsum(f"{left},{right}->{output}", a, b)


@define("dot")
def dot(a: Any, b: Any) -> Array:
    """NumPy's dot: product of scalars, vectors, matrices."""
    a, b = to_array(a), to_array(b)
    if not a.ndim or not b.ndim:
        return _products(a, b)
    return tensordot(a, b, axes=([a.ndim - 1], [max(b.ndim - 2, 0)]))


@define("vdot")
def vdot(a: Any, b: Any) -> Array:
    """The product of flattened arrays, the first conjugated."""
    return dot(FUNCTIONS["conjugate"](a).reshape(-1), to_array(b).reshape(-1))


@define("inner")
def inner(a: Any, b: Any) -> Array:
    """The sum over the last axes."""
    a, b = to_array(a), to_array(b)
    return tensordot(a, b, axes=([-1 % a.ndim], [-1 % b.ndim])) if a.ndim and b.ndim else dot(a, b)


@define("outer")
def outer(a: Any, b: Any) -> Array:
    """All products of the entries of two arrays."""
    return _products(to_array(a).reshape(-1, 1), to_array(b).reshape(1, -1))


@define("kron")
def kron(a: Any, b: Any) -> Array:
    """The Kronecker product."""
    a, b = to_array(a), to_array(b)
    rank = max(a.ndim, b.ndim)
    a, b = (one.reshape((1,) * (rank - one.ndim) + one.shape) for one in (a, b))
    spread = _products(
        np.expand_dims(a, tuple(range(1, 2 * rank, 2))),
        np.expand_dims(b, tuple(range(0, 2 * rank, 2))),
    )
    lengths = [m * n for m, n in zip(a.shape, b.shape, strict=True)]
    return to_array(spread).reshape(lengths)


@define("trace")
def trace(array: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The sum of the diagonal."""
    diagonal = np.diagonal(to_array(array), offset=offset, axis1=axis1, axis2=axis2)
    return FUNCTIONS["sum"](diagonal, axis=-1)


@define("average")
def average(array: Any, axis: Any = None, weights: Any = None) -> Array:
    """The mean, or the weighted mean."""
    if weights is None:
        return FUNCTIONS["mean"](array, axis=axis)
    weights = np.broadcast_to(to_array(weights), to_array(array).shape)
    weighted = FUNCTIONS["sum"](to_array(array) * weights, axis=axis)
    return weighted / FUNCTIONS["sum"](weights, axis=axis)


@define("linalg.det", "det")
def det(matrix: Any) -> Scalar:
    """The determinant of a small matrix, by expansion along the first row."""
    matrix = to_array(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) > 4:
        raise CaptureError(
            f"Expected a square matrix of at most 4 rows for det. Received: shape {matrix.shape}"
        )
    if len(matrix) == 1:
        return cast(Scalar, matrix[0, 0])
    minors = [np.delete(matrix[1:], column, axis=1) for column in range(len(matrix))]
    signs = [1, -1] * len(matrix)
    return total(
        times(entry, det(minor)) * sign
        for entry, minor, sign in zip(matrix[0], minors, signs, strict=False)
    )
