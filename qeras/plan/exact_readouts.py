"""Measurements without shots -> readouts: what is read from the final state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Observable, PauliTerm, Wire
from qeras.circuit.expressions import Constant, Expression, call, constant
from qeras.circuit.pauli import PAULI, multiply
from qeras.plan.combination import Combination
from qeras.plan.lowering import embed
from qeras.plan.readouts import Expectations, HermitianSum, Readout, Readouts
from qeras.plan.signed_sums import Word, signed_sums


def exact_readouts(circuit: Circuit) -> Readouts:
    """Readouts of the circuit's measurements."""
    axis = {wire: position for position, wire in enumerate(circuit.wires)}
    rows = _Rows(len(circuit.wires), circuit.input_name)
    readouts = tuple(_readout(measurement, axis, rows) for measurement in circuit.measurements)
    return Readouts(
        len(circuit.wires),
        rows.expectations() if rows.count else None,
        readouts,
        tuple(rows.shared),
        tuple(rows.per_sample),
    )


def _readout(measurement: Measurement, axis: Mapping[Wire, int], rows: _Rows) -> Readout:
    kind = measurement.kind
    axes = tuple(axis[wire] for wire in measurement.wires)
    if kind == "expval":
        return Readout(kind, (), rows=(rows.add(measurement.observable, axis),))
    if kind == "var":
        observable = _dense(measurement.observable, axis)
        square = _squared(observable)
        return Readout(kind, (), rows=(rows.add(observable, axis), rows.add(square, axis)))
    if kind == "state":
        return Readout(kind, (2 ** len(axis),))
    if kind == "probs":
        basis = None
        if measurement.basis:
            matrix = np.array(measurement.basis)
            basis = (matrix.real.copy(), matrix.imag.copy())
        return Readout(kind, (2 ** len(axes),), axes, basis=basis)
    if kind == "density_matrix":
        return Readout(kind, (2 ** len(axes),) * 2, axes)
    others = tuple(axis[wire] for wire in measurement.other_wires)
    return Readout(kind, (), axes, others, log_base=measurement.log_base)


def _dense(observable: Observable, axis: Mapping[Wire, int]) -> Observable:
    """A sum with a matrix in it as one matrix, so that it can be squared."""
    if not any(isinstance(term, HermitianTerm) for term in observable):
        return observable
    wires = dict.fromkeys(wire for term in observable for wire in _wires(term))
    ordered = tuple(sorted(wires, key=axis.__getitem__))
    total = np.zeros((2 ** len(ordered),) * 2, dtype=complex)
    for term in observable:
        if not isinstance(term.coefficient, Constant):
            raise ValueError(
                "Expected constant coefficients in the variance of a sum with matrices. "
                f"Received: coefficient={term.coefficient!r}; write the variance as "
                "expval of the square minus the square of expval."
            )
        places = tuple(ordered.index(wire) for wire in _wires(term))
        total += term.coefficient.value * embed(_matrix(term), places, len(ordered))
    return (HermitianTerm(constant(1.0), ordered, tuple(map(tuple, total.tolist()))),)


def _wires(term: PauliTerm | HermitianTerm) -> tuple[Wire, ...]:
    return term.wires if isinstance(term, HermitianTerm) else tuple(w for w, _ in term.factors)


def _matrix(term: PauliTerm | HermitianTerm) -> np.ndarray:
    if isinstance(term, HermitianTerm):
        return np.array(term.matrix)
    matrix = np.ones((1, 1), dtype=complex)
    for _, letter in term.factors:
        matrix = np.kron(matrix, PAULI[letter])
    return matrix


def _squared(observable: Observable) -> Observable:
    """The square; of Pauli words, those pairs that do not anticommute."""
    if isinstance(observable[0], HermitianTerm):
        (term,) = observable
        square = _matrix(term) @ _matrix(term)
        weight = call("multiply", term.coefficient, term.coefficient)
        return (HermitianTerm(weight, _wires(term), tuple(map(tuple, square.tolist()))),)
    terms = []
    for i, first in enumerate(observable):
        terms.append(PauliTerm(call("multiply", first.coefficient, first.coefficient)))
        for second in observable[i + 1 :]:
            phase, word = multiply(first.factors, second.factors)  # type: ignore[union-attr]
            if not phase.imag:
                weight = call("multiply", first.coefficient, second.coefficient)
                double = constant(2.0 * phase.real)
                terms.append(PauliTerm(call("multiply", double, weight), word))
    return tuple(terms)


@dataclass(eq=False)
class _Rows:
    """Collects rows, their words and matrices, and the coefficients' slots."""

    width: int
    input_name: str
    count: int = 0
    words: dict[Word, int] = field(default_factory=dict)
    matrices: list[HermitianSum] = field(default_factory=list)
    products: list[tuple[int, Word | int, Expression]] = field(default_factory=list)
    shared: list[Expression] = field(default_factory=list)
    per_sample: list[Expression] = field(default_factory=list)

    def add(self, observable: Observable, axis: Mapping[Wire, int]) -> int:
        for term in observable:
            value: Word | int
            if isinstance(term, HermitianTerm):
                matrix = np.array(term.matrix)
                axes = tuple(axis[wire] for wire in term.wires)
                value = len(self.matrices)
                self.matrices.append(HermitianSum(axes, matrix.real.copy(), matrix.imag.copy()))
            else:
                value = tuple(sorted((axis[wire], letter) for wire, letter in term.factors))
                self.words.setdefault(value, len(self.words))
            self.products.append((self.count, value, term.coefficient))
        self.count += 1
        return self.count - 1

    def expectations(self) -> Expectations:
        sums, order = signed_sums(list(self.words), self.width)
        index: dict[Word | int, int] = {word: place for place, word in enumerate(order)}
        index |= {number: len(order) + number for number in range(len(self.matrices))}
        combination = Combination(self.input_name, self.count, len(index))
        for row, value, coefficient in self.products:
            combination.add(row, index[value], coefficient)
        self.shared += combination.shared
        self.per_sample += combination.per_sample
        return combination.expectations(tuple(sums), tuple(self.matrices))
