"""PennyLane observables as sums of Pauli words and Hermitian matrices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce, singledispatch
from itertools import product
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.errors import CaptureError
from qeras.capture.scalar import Scalar, as_scalar, real_part, total
from qeras.capture.symbol import numbers, one_scalar
from qeras.capture.wires import wire_label, wire_labels
from qeras.circuit.circuit import HermitianTerm, Observable, PauliTerm, Term, Wire
from qeras.circuit.expressions import ONE
from qeras.circuit.pauli import PAULI, multiply

# A dense matrix on more wires than this would not fit a circuit.
MAX_DENSE_WIRES = 10

SUPPORTED = (
    "Pauli operators, Identity, Hadamard, Projector, Hermitian, SparseHamiltonian, "
    "and their sums, products and multiples"
)
_LETTERS = {"PauliX": "X", "PauliY": "Y", "PauliZ": "Z"}


@dataclass
class Piece:
    """`coefficient` times a Pauli word, or times a matrix on `wires`."""

    coefficient: Scalar
    word: dict[Wire, str] = field(default_factory=dict)
    wires: tuple[Wire, ...] = ()
    matrix: np.ndarray | None = None

    def scaled(self, factor: Scalar) -> Piece:
        """This piece times a number."""
        return Piece(self.coefficient * factor, self.word, self.wires, self.matrix)

    @property
    def all_wires(self) -> tuple[Wire, ...]:
        """The wires of the word or of the matrix."""
        return tuple(self.word) if self.matrix is None else self.wires

    def matrix_on(self, order: tuple[Wire, ...]) -> np.ndarray:
        """The matrix on wires in this order, without the coefficient."""
        if not self.all_wires:
            return np.eye(2 ** len(order))
        letters = [PAULI[letter] for letter in self.word.values()]
        matrix = reduce(np.kron, letters) if self.matrix is None else self.matrix
        wires, target = list(self.all_wires), list(order)
        return np.asarray(qml.math.expand_matrix(matrix, wires, wire_order=target))


def observable(operator: qml.operation.Operator) -> Observable:
    """The operator as a sum of terms with real coefficients.

    Raises:
        CaptureError: if it is not Hermitian, has a symbolic matrix, or needs a dense
            matrix on too many wires.
    """
    return tuple(_term(piece, operator) for piece in _collected(pieces(operator)))


def sampled_observable(operator: qml.operation.Operator) -> Observable:
    """The operator as a sum of observables that are each measured with shots, in their own
    eigenbasis.

    Raises:
        CaptureError: as `observable`.
    """
    return tuple(_term(piece, operator) for piece in _collected(pieces(operator, whole=True)))


def one_sampled_term(operator: qml.operation.Operator) -> Observable:
    """The operator as one term, whose eigenvalues are drawn.

    Raises:
        CaptureError: as `observable`, and for a sum whose coefficients are not constant.
    """
    terms = sampled_observable(operator)
    if len(terms) == 1:
        return terms
    if any(Scalar(term.coefficient).value is None for term in terms):
        raise CaptureError(
            "Expected a sum with constant coefficients where its eigenvalues are measured with "
            f"shots. Received: {operator}, whose coefficients depend on inputs or weights. "
            "Return the expval of it, or measure its terms one by one."
        )
    check_size(operator, len(operator.wires))
    wires = wire_labels(operator.wires)
    rows = tuple(map(tuple, dense_matrix(terms, wires).tolist()))
    return (HermitianTerm(ONE, wires, rows),)


def constant_term(operator: qml.operation.Operator) -> Observable:
    """`one_sampled_term` whose eigenvalues are constant.

    Raises:
        CaptureError: if they depend on inputs or weights.
    """
    (term,) = one_sampled_term(operator)
    if Scalar(term.coefficient).value is None:
        raise CaptureError(
            "Expected an observable with constant eigenvalues to sample or count. Received: "
            f"{operator}, which depends on inputs or weights. Multiply the samples afterwards."
        )
    return (term,)


def _term(piece: Piece, operator: qml.operation.Operator) -> Term:
    coefficient = real_part(_without_rounding(piece.coefficient), "a coefficient of an observable")
    if piece.matrix is None:
        return PauliTerm(coefficient, tuple(sorted(piece.word.items(), key=_wire_key)))
    if not np.allclose(piece.matrix, piece.matrix.conj().T):
        raise CaptureError(
            f"Expected a Hermitian observable. Received: {operator}, whose matrix is not Hermitian"
        )
    rows = tuple(tuple(complex(entry) for entry in row) for row in piece.matrix)
    return HermitianTerm(coefficient, piece.wires, rows)


def _wire_key(item: tuple[Wire, str]) -> tuple[str, Wire]:
    return type(item[0]).__name__, item[0]


def _without_rounding(scalar: Scalar) -> Scalar:
    value = scalar.value
    if isinstance(value, complex) and abs(value.imag) <= 1e-12 * abs(value):
        return as_scalar(value.real)
    return scalar


def _collected(found: Iterable[Piece]) -> list[Piece]:
    """Pieces with each Pauli word once."""
    words: dict[frozenset, list[Piece]] = {}
    dense = []
    for piece in found:
        if piece.matrix is None:
            words.setdefault(frozenset(piece.word.items()), []).append(piece)
        else:
            dense.append(piece)
    sums = [
        Piece(total([piece.coefficient for piece in group]), group[0].word)
        for group in words.values()
    ]
    return sums + dense


@singledispatch
def pieces(operator: Any, whole: bool = False) -> list[Piece]:
    """The operator as a sum of pieces; by its matrix where no rule is known.

    If `whole`, only sums are taken apart: a Hadamard, which is no Pauli word, stays one
    observable with eigenvalues of its own."""
    if not isinstance(operator, qml.operation.Operator) or not operator.has_matrix:
        raise CaptureError(
            f"Expected an observable that can be captured ({SUPPORTED}). Received: {operator}"
        )
    check_size(operator, len(operator.wires))
    return [_dense(operator, operator.matrix())]


def _dense(operator: Any, matrix: Any) -> Piece:
    values = numbers(matrix)
    if values is None:
        raise CaptureError(
            f"Expected an observable whose matrix is constant. Received: {operator}, which depends "
            "on inputs or weights. Coefficients of a sum of operators may depend on them."
        )
    return Piece(as_scalar(1), wires=wire_labels(operator.wires), matrix=values)


def check_size(operator: Any, wires: int) -> None:
    """Refuse a dense matrix that is too large."""
    if wires > MAX_DENSE_WIRES:
        raise CaptureError(
            f"Expected at most {MAX_DENSE_WIRES} wires for an operator that needs a dense matrix. "
            f"Received: {operator.name} on {wires} wires. Write it as a sum of Pauli words."
        )


@pieces.register(qml.X)
@pieces.register(qml.Y)
@pieces.register(qml.Z)
def _(operator: Any, whole: bool = False) -> list[Piece]:
    return [Piece(as_scalar(1), {wire_label(operator.wires[0]): _LETTERS[operator.name]})]


@pieces.register(qml.Identity)
def _(operator: qml.Identity, whole: bool = False) -> list[Piece]:
    return [Piece(as_scalar(1))]


@pieces.register(qml.Hadamard)
def _(operator: qml.Hadamard, whole: bool = False) -> list[Piece]:
    if whole:
        return [_dense(operator, operator.matrix())]
    wire = wire_label(operator.wires[0])
    return [Piece(as_scalar(np.sqrt(0.5)), {wire: letter}) for letter in "XZ"]


@pieces.register(qml.SparseHamiltonian)
def _(operator: qml.SparseHamiltonian, whole: bool = False) -> list[Piece]:
    check_size(operator, len(operator.wires))
    return [_dense(operator, operator.sparse_matrix().toarray())]


@pieces.register(qml.ops.SProd)
def _(operator: qml.ops.SProd, whole: bool = False) -> list[Piece]:
    factor = one_scalar(operator.scalar, "a coefficient of an observable")
    return [piece.scaled(factor) for piece in pieces(operator.base, whole)]


@pieces.register(qml.ops.Sum)
def _(operator: qml.ops.Sum, whole: bool = False) -> list[Piece]:
    return [piece for operand in operator.operands for piece in pieces(operand, whole)]


@pieces.register(qml.ops.LinearCombination)
def _(operator: qml.ops.LinearCombination, whole: bool = False) -> list[Piece]:
    coefficients, operands = operator.terms()
    return [
        piece.scaled(one_scalar(coefficient, "a coefficient of an observable"))
        for coefficient, operand in zip(coefficients, operands, strict=True)
        for piece in pieces(operand, whole)
    ]


@pieces.register(qml.ops.Prod)
def _(operator: qml.ops.Prod, whole: bool = False) -> list[Piece]:
    result = [Piece(as_scalar(1))]
    for operand in operator.operands:
        result = [_multiplied(a, b, operator) for a, b in product(result, pieces(operand, whole))]
        result = _collected(result)
    return result


def _multiplied(a: Piece, b: Piece, operator: Any) -> Piece:
    coefficient = a.coefficient * b.coefficient
    if a.matrix is None and b.matrix is None:
        phase, word = multiply(tuple(a.word.items()), tuple(b.word.items()))
        return Piece(coefficient if phase == 1 else coefficient * phase, dict(word))
    wires = tuple(dict.fromkeys([*a.all_wires, *b.all_wires]))
    check_size(operator, len(wires))
    return Piece(coefficient, wires=wires, matrix=a.matrix_on(wires) @ b.matrix_on(wires))


def dense_matrix(terms: Observable, wires: tuple[Wire, ...]) -> np.ndarray:
    """The matrix on `wires` of a sum of terms: of numbers, or of scalars where a coefficient
    depends on inputs or weights."""
    matrices = [_piece(term).matrix_on(wires) for term in terms]
    coefficients = [Scalar(term.coefficient) for term in terms]
    if all(one.value is not None for one in coefficients):
        size = 2 ** len(wires)
        start = np.zeros((size, size), dtype=complex)
        return sum((c.value * m for c, m in zip(coefficients, matrices, strict=True)), start)
    result = np.empty(matrices[0].shape, dtype=object)
    for index in np.ndindex(result.shape):
        parts = zip(coefficients, (matrix[index] for matrix in matrices), strict=True)
        result[index] = total([c * complex(entry) for c, entry in parts if entry])
    return result


def _piece(term: Term) -> Piece:
    if isinstance(term, PauliTerm):
        return Piece(Scalar(term.coefficient), dict(term.factors))
    return Piece(Scalar(term.coefficient), wires=term.wires, matrix=np.array(term.matrix))
