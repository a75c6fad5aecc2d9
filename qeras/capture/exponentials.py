"""Exponentials of observables: time evolutions, exact where the exponent is known."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries
from qeras.capture.observables import check_size, dense_matrix, observable
from qeras.capture.operations import by_matrix, operations, pauli_rotation
from qeras.capture.scalar import Scalar
from qeras.capture.symbol import one_scalar
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Observable, Operation, PauliTerm
from qeras.circuit.expressions import Constant, Expression, call, constant


@operations.register(qml.ops.Exp)
def _(operator: qml.ops.Exp) -> list[Operation]:
    coefficient = one_scalar(operator.coeff, "the coefficient of an exponent")
    if not isinstance(coefficient.re, Constant) or abs(coefficient.re.value) > 1e-12:
        return [_unitary_by_accident(operator, coefficient)]
    terms = observable(operator.base)
    if _commute(terms):
        return [_rotation(coefficient.im, term) for term in terms]
    return [_evolution(operator, coefficient.im, terms)]


def _unitary_by_accident(operator: Any, coefficient: Scalar) -> Operation:
    if coefficient.value is None:
        raise CaptureError(
            f"Expected an exponential with an imaginary coefficient, as in "
            f"`qml.exp(operator, -1j * x)` or `qml.evolve(operator, x)`. Received: {operator}"
        )
    return by_matrix(operator)


def _commute(terms: Observable) -> bool:
    """Whether the terms are Pauli words that commute with each other."""
    if not all(isinstance(term, PauliTerm) for term in terms):
        return False
    words = [dict(term.factors) for term in terms if isinstance(term, PauliTerm)]
    return all(
        sum(b.get(wire, letter) != letter for wire, letter in a.items()) % 2 == 0
        for a, b in combinations(words, 2)
    )


def _rotation(theta: Expression, term: Any) -> Operation:
    """exp(i theta c P) for a term c P."""
    doubled = call("multiply", call("multiply", theta, term.coefficient), constant(-2.0))
    wires = [wire for wire, _ in term.factors]
    return pauli_rotation(doubled, "".join(letter for _, letter in term.factors), wires)


def _evolution(operator: Any, theta: Expression, terms: Observable) -> Operation:
    if not all(isinstance(term.coefficient, Constant) for term in terms):
        raise CaptureError(
            f"Expected constant coefficients in the exponent of terms that do not commute. "
            f"Received: {operator}. Use `qml.TrotterProduct` or `qml.ApproxTimeEvolution`, or put "
            "the parameter in front of the whole sum."
        )
    check_size(operator, len(operator.wires))
    wires = wire_labels(operator.wires)
    matrix = dense_matrix(terms, wires)
    return Operation("Evolution", wires, (theta, *entries(np.asarray(matrix))))
