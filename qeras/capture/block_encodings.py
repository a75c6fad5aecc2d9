"""Block encodings of matrices of inputs and weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
from pennylane.templates.state_preparations.mottonen import compute_theta, gray_code

from qeras.capture import scalar as sc
from qeras.capture.arrays import FUNCTIONS, Array, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import unitary
from qeras.capture.operations import by_matrix, operations
from qeras.capture.scalar import Scalar, real_part, total
from qeras.capture.symbol import Symbol, numbers, unwrap
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import ONE, ZERO, call, constant

MAX_SIDE = 2  # of matrices whose roots and inverses have short formulas


@operations.register(qml.BlockEncode)
def _(operator: qml.BlockEncode) -> list[Operation]:
    matrix = operator.data[0]
    if qml.math.get_interface(matrix) == "scipy" or numbers(matrix) is not None:
        return [by_matrix(operator)]
    whole = _dilation(operator, _bounded(to_array(unwrap(matrix))))
    side = 2 ** len(operator.wires)
    padded = to_array(np.eye(side))
    padded[: len(whole), : len(whole)] = whole
    return [unitary(padded, wire_labels(operator.wires))]


def _bounded(matrix: Array) -> Array:
    """The matrix over its norm where that is above 1; the norm is PennyLane's, which it has
    left out (`questions`) because it depends on values."""
    if matrix.size == 1:
        norm = FUNCTIONS["absolute"](matrix).item()
    else:
        back = FUNCTIONS["conjugate"](matrix).T
        of_both = [FUNCTIONS["norm"](one, np.inf).item() for one in _products(matrix, back)]
        norm = Scalar(call("maximum", of_both[0].re, of_both[1].re))
    return matrix / Scalar(call("maximum", norm.re, ONE))


def _products(matrix: Array, back: Array) -> tuple[Array, Array]:
    return FUNCTIONS["matmul"](matrix, back), FUNCTIONS["matmul"](back, matrix)


def _dilation(operator: Any, matrix: Array) -> Array:
    """[[A, sqrt(1 - A A*)], [sqrt(1 - A* A), -A*]] of A with singular values up to 1.

    Only the root R of the smaller side is taken: the other is 1 - A* (1 + R)^-1 A."""
    rows, columns = matrix.shape
    back = FUNCTIONS["conjugate"](matrix).T
    if min(rows, columns) > MAX_SIDE:
        raise CaptureError(
            f"Expected BlockEncode of a matrix of inputs or weights with at most {MAX_SIDE} rows "
            f"or columns. Received: shape {matrix.shape} on wires {list(operator.wires)}. "
            "`qml.FABLE` encodes larger ones."
        )
    if rows <= columns:
        left, right = _roots(matrix, back)
    else:
        right, left = _roots(back, matrix)
    return np.block([[matrix, left], [right, -back]])


def _roots(matrix: Array, back: Array) -> tuple[Array, Array]:
    """sqrt(1 - A A*) and sqrt(1 - A* A), of A with no more rows than columns."""
    matmul = FUNCTIONS["matmul"]
    small = _root(to_array(np.eye(len(matrix))) - matmul(matrix, back))
    inverse = _inverse(to_array(np.eye(len(matrix))) + small)
    large = to_array(np.eye(len(back))) - matmul(matmul(back, inverse), matrix)
    return small, large


def _root(matrix: Array) -> Array:
    """Of a positive matrix M: (M + sqrt(det M)) / sqrt(trace M + 2 sqrt(det M)), for 2 rows."""
    if len(matrix) == 1:
        return to_array([[_positive_root(sc.real(matrix.item()))]])
    root = _positive_root(sc.real(FUNCTIONS["det"](matrix)))
    trace = sc.real(total(np.diag(matrix)))
    shifted = matrix + to_array(np.eye(2)) * root
    return shifted / _positive_root(trace + root * 2.0)


def _positive_root(square: Scalar) -> Scalar:
    """The square root, 0 with a slope of 0 where rounding leaves less than nothing."""
    positive = Scalar(call("greater", square.re, ZERO))
    return sc.where(positive, sc.sqrt(sc.where(positive, square, Scalar(ONE))), Scalar(ZERO))


def _inverse(matrix: Array) -> Array:
    if len(matrix) == 1:
        return to_array([[1.0 / matrix.item()]])
    (a, b), (c, d) = matrix
    return to_array([[d, -b], [-c, a]]) / FUNCTIONS["det"](matrix)


@operations.register(qml.FABLE)
def _(operator: qml.FABLE) -> list[Operation]:
    """Rotations of one wire between CNOTs in Gray's order, in a uniform superposition
    (Camps and Van Beeumen, arXiv:2205.00081); those of angles up to `tol` turn by nothing."""
    entries = FUNCTIONS["ravel"](unwrap(operator.data[0]))
    thetas = to_array(unwrap(compute_theta(Symbol(FUNCTIONS["arccos"](entries)))))
    target, *others = wire_labels(operator.wires)
    half = len(others) // 2
    rows, columns = others[:half][::-1], others[half:][::-1]
    code = gray_code(2 * half)
    controls = np.log2(code ^ np.roll(code, -1)).astype(int)
    spread = [Operation("Hadamard", (wire,)) for wire in rows]
    result = list(spread)
    for theta, control in zip(thetas, controls, strict=True):
        angle = _above(theta * 2.0, operator.hyperparameters["tol"])
        result.append(Operation("RY", (target,), (real_part(angle, "an entry of FABLE"),)))
        result.append(Operation("PauliX", (target,), (), ((columns + rows)[control],), (True,)))
    result += [Operation("SWAP", pair) for pair in zip(rows, columns, strict=True)]
    return result + spread


def _above(angle: Scalar, least: float) -> Scalar:
    """The angle, or 0 where it is not more than `least`."""
    if not least:
        return angle
    kept = Scalar(call("greater", sc.absolute(angle).re, constant(least)))
    return sc.where(kept, angle, Scalar(ZERO))
