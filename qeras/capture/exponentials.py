"""Exponentials of observables: time evolutions, exact where the exponent is known."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.arrays import to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries, unitary
from qeras.capture.observables import check_size, dense_matrix, observable
from qeras.capture.operations import by_matrix, check_axes, operations, pauli_rotation
from qeras.capture.scalar import (
    Scalar,
    conjugate,
    exp,
    real_part,
    sqrt,
    square,
    total,
    truth,
    where,
)
from qeras.capture.symbol import numbers, one_scalar, unwrap
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Observable, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Constant, Expression, call, constant

# A generator of inputs or weights is exponentiated when the circuit runs, and its exponential
# is as many numbers for each sample as 2 * 4**wires.
MAX_GENERATOR_WIRES = 6


@operations.register(qml.ops.Exp)
def _(operator: qml.ops.Exp) -> list[Operation]:
    coefficient = one_scalar(operator.coeff, "the coefficient of an exponent")
    if not isinstance(coefficient.re, Constant) or abs(coefficient.re.value) > 1e-12:
        return [_unitary_by_accident(operator, coefficient)]
    if isinstance(operator.base, qml.Hermitian) and numbers(operator.base.data[0]) is None:
        matrix = _symbolic_matrix(operator, operator.base)
        return [_evolution(operator, coefficient.im, matrix)]
    terms = observable(operator.base)
    if _commute(terms):
        return [_rotation(coefficient.im, term) for term in terms]
    check_size(operator, len(operator.wires))
    matrix = dense_matrix(terms, wire_labels(operator.wires))
    return [_evolution(operator, coefficient.im, matrix)]


@operations.register(qml.SpecialUnitary)
def _(operator: qml.SpecialUnitary) -> list[Operation]:
    wires = wire_labels(operator.wires)
    angles = to_array(unwrap(operator.data[0]))
    check_axes(angles, 1, operator)
    words = product("IXYZ", repeat=len(wires))
    next(words)  # the identity is not among them
    terms = tuple(
        PauliTerm(
            real_part(angle, "an angle of SpecialUnitary"),
            tuple(
                (wire, letter) for wire, letter in zip(wires, word, strict=True) if letter != "I"
            ),
        )
        for angle, word in zip(angles, words, strict=True)
    )
    return [_evolution(operator, ONE, dense_matrix(terms, wires))]


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


def _evolution(operator: Any, theta: Expression, generator: np.ndarray) -> Operation:
    """exp(i theta G) of a Hermitian matrix of numbers or scalars.

    Raises:
        CaptureError: if the matrix depends on inputs or weights and is on too many wires.
    """
    wires = wire_labels(operator.wires)
    generator = to_array(generator)
    if numbers(generator) is None and len(wires) == 1:
        return unitary(_on_one_wire(generator * Scalar(theta)), wires)
    if numbers(generator) is None and len(wires) > MAX_GENERATOR_WIRES:
        raise CaptureError(
            f"Expected at most {MAX_GENERATOR_WIRES} wires for an exponent of terms that do not "
            f"commute, with coefficients of inputs or weights. Received: {operator.name} on "
            f"{len(wires)} wires. Use `qml.TrotterProduct` or `qml.ApproxTimeEvolution`, or put "
            "the parameter in front of the whole sum."
        )
    return Operation("Evolution", wires, (theta, *entries(generator)))


def _on_one_wire(generator: np.ndarray) -> np.ndarray:
    """exp(i (a I + x X + y Y + z Z)) of that matrix, with values and gradients also where x, y
    and z are 0."""
    (upper, _), (corner, lower) = generator
    x, y, z = Scalar(corner.re), Scalar(corner.im), Scalar((upper - lower).re) * 0.5
    squared = total([square(x), square(y), square(z)])
    length = sqrt(where(truth(squared), squared, Scalar(ONE)))
    sine, cosine = Scalar(call("sin", length.re)), Scalar(call("cos", length.re))
    ratio = where(truth(squared), sine / length, Scalar(ONE))
    cosine = where(truth(squared), cosine, Scalar(ONE))
    phase = exp(Scalar((upper + lower).re) * 0.5j)
    return to_array(
        [
            [(cosine + z * ratio * 1j) * phase, (y + x * 1j) * ratio * phase],
            [(x * 1j - y) * ratio * phase, (cosine - z * ratio * 1j) * phase],
        ]
    )


def _symbolic_matrix(operator: Any, base: qml.Hermitian) -> np.ndarray:
    matrix = to_array(unwrap(base.data[0]))
    if not all(map(_are_conjugate, matrix.flat, matrix.T.flat)):
        raise CaptureError(
            f"Expected a matrix that is Hermitian for all inputs and weights in an exponent. "
            f"Received: {operator}. Write each entry below the diagonal as `qml.math.conj` of the "
            "one above."
        )
    return matrix


def _are_conjugate(a: Scalar, b: Scalar) -> bool:
    """Whether two entries are written as conjugates of each other."""
    b = conjugate(b)
    return a.re is b.re and a.im is b.im
