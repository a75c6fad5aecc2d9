"""Measurements -> readouts: what is read from the final state, on axes, all static.

Expectation values of all Pauli words of all measurements are read together. With
P|k> = i^y (-1)^(k.z) |k xor x>, words of equal x share one product of amplitudes, and
each is a sum of it with signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Observable, PauliTerm, Wire
from qeras.circuit.expressions import Constant, Expression, call, constant, sources
from qeras.circuit.pauli import multiply
from qeras.plan.lowering import embed
from qeras.plan.phases import UNSPLIT_WIDTH

Word = tuple[tuple[int, str], ...]  # (axis, letter) in order of axes, no identities


@dataclass(frozen=True, eq=False)
class SignedSums:
    """Sums over basis states of one product of amplitudes with signs, one a word.

    Attributes:
        source: the product is conj(psi[k]) psi[source[k]]; None is |psi[k]|^2.
        imaginary: whether the imaginary part is summed, not the real part.
        left: (patterns, 2**split) signs over the first axes.
        pattern: for each word its pattern of `left`; None if they are the words.
        right: (words, 2**(width - split)) signs over the other axes, or None.
    """

    source: np.ndarray | None
    imaginary: bool
    left: np.ndarray
    pattern: np.ndarray | None
    right: np.ndarray | None


@dataclass(frozen=True, eq=False)
class HermitianSum:
    """<psi| H |psi> of a constant matrix H = real + i imaginary on axes."""

    axes: tuple[int, ...]
    real: np.ndarray
    imaginary: np.ndarray


@dataclass(frozen=True, eq=False)
class Symbolic:
    """Products coefficient * value that are added to rows.

    Attributes:
        rows: (number of rows, products), ones where a product belongs to a row.
        values: index of each product's value.
        slots: index of each product's coefficient.
    """

    rows: np.ndarray
    values: np.ndarray
    slots: np.ndarray


@dataclass(frozen=True, eq=False)
class Expectations:
    """Rows: linear combinations of values; values are words' and matrices' expectations.

    Attributes:
        sums, matrices: give the values, in this order.
        weights: (rows, values), the constant coefficients.
        shared, per_sample: the other coefficients, or None.
    """

    sums: tuple[SignedSums, ...]
    matrices: tuple[HermitianSum, ...]
    weights: np.ndarray
    shared: Symbolic | None
    per_sample: Symbolic | None


@dataclass(frozen=True, eq=False)
class Readout:
    """One measurement.

    Attributes:
        kind: as in `Measurement`.
        shape: of the result for one sample.
        axes, other_axes: of the measured wires.
        rows: `expval`: (row,); `var`: (row of the observable, row of its square).
        basis: for `probs`, the unitary before reading as (real, imaginary), or None.
        log_base: of entropies, None for e.
    """

    kind: str
    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()
    other_axes: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    basis: tuple[np.ndarray, np.ndarray] | None = None
    log_base: float | None = None

    @property
    def is_complex(self) -> bool:
        return self.kind in ("state", "density_matrix")


@dataclass(frozen=True, eq=False)
class Readouts:
    """All measurements of a circuit.

    Attributes:
        width: number of axes.
        expectations: None if nothing needs them.
        readouts: one a measurement.
        shared_coefficients, per_sample_coefficients: expressions of the slots.
    """

    width: int
    expectations: Expectations | None
    readouts: tuple[Readout, ...]
    shared_coefficients: tuple[Expression, ...]
    per_sample_coefficients: tuple[Expression, ...]

    @cached_property
    def size(self) -> int:
        """Length of all results of a sample, flattened and concatenated."""
        return sum(int(np.prod(readout.shape)) for readout in self.readouts)


def plan_readouts(circuit: Circuit) -> Readouts:
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


_LETTERS = {
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]], dtype=complex),
}


def _wires(term: PauliTerm | HermitianTerm) -> tuple[Wire, ...]:
    return term.wires if isinstance(term, HermitianTerm) else tuple(w for w, _ in term.factors)


def _matrix(term: PauliTerm | HermitianTerm) -> np.ndarray:
    if isinstance(term, HermitianTerm):
        return np.array(term.matrix)
    matrix = np.ones((1, 1), dtype=complex)
    for _, letter in term.factors:
        matrix = np.kron(matrix, _LETTERS[letter])
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
        sums, order = _signed_sums(list(self.words), self.width)
        index: dict[Word | int, int] = {word: place for place, word in enumerate(order)}
        index |= {number: len(order) + number for number in range(len(self.matrices))}
        combination = Combination(self.input_name, self.count, len(index))
        for row, value, coefficient in self.products:
            combination.add(row, index[value], coefficient)
        self.shared += combination.shared
        self.per_sample += combination.per_sample
        return combination.expectations(tuple(sums), tuple(self.matrices))


@dataclass(eq=False)
class Combination:
    """Rows as sums of coefficients times values, and the slots of coefficients that are not
    constant."""

    input_name: str
    rows: int
    values: int
    shared: list[Expression] = field(default_factory=list)
    per_sample: list[Expression] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._weights = np.zeros((self.rows, self.values))
        self._symbolic: dict[bool, list[tuple[int, int, int]]] = {False: [], True: []}

    def add(self, row: int, value: int, coefficient: Expression) -> None:
        """Add `coefficient` times a value to a row."""
        if isinstance(coefficient, Constant):
            self._weights[row, value] += coefficient.value
            return
        per_sample = self.input_name in sources([coefficient])
        slots = self.per_sample if per_sample else self.shared
        self._symbolic[per_sample].append((row, value, len(slots)))
        slots.append(coefficient)

    def expectations(
        self, sums: tuple[SignedSums, ...] = (), matrices: tuple[HermitianSum, ...] = ()
    ) -> Expectations:
        """The rows; `sums` and `matrices` say where the values come from, if from them."""
        products = (self._products(self._symbolic[one]) for one in (False, True))
        return Expectations(sums, matrices, self._weights, *products)

    def _products(self, products: list[tuple[int, int, int]]) -> Symbolic | None:
        if not products:
            return None
        rows, values, slots = (np.array(column) for column in zip(*products, strict=True))
        return Symbolic(np.eye(self.rows)[:, rows], values, slots)


def _signed_sums(words: Sequence[Word], width: int) -> tuple[list[SignedSums], list[Word]]:
    """Sums, and the words in the order in which the sums give them."""
    groups: dict[tuple[int, bool], list[Word]] = {}
    for word in words:
        flips = sum(1 << (width - 1 - axis) for axis, letter in word if letter in "XY")
        odd = sum(letter == "Y" for _, letter in word) % 2 == 1
        groups.setdefault((flips, odd), []).append(word)
    sums = [_group(flips, odd, members, width) for (flips, odd), members in groups.items()]
    return sums, [word for members in groups.values() for word in members]


def signed_sums_of_z(words: Sequence[tuple[int, ...]], width: int) -> SignedSums:
    """The sums of products of Z, each on some axes, over probabilities of `width` axes."""
    return _group(0, False, [tuple((axis, "Z") for axis in axes) for axes in words], width)


def _group(flips: int, odd: bool, words: Sequence[Word], width: int) -> SignedSums:
    source = np.arange(2**width) ^ flips if flips else None
    split = width if width <= UNSPLIT_WIDTH else width // 2
    left = np.stack([_signs(word, 0, split) for word in words])
    # (-i)^y, whose real or imaginary unit `imaginary` says, gives the word's own sign.
    own = np.array([(1, 1, -1, -1)[sum(c == "Y" for _, c in word) % 4] for word in words])
    if split == width:
        return SignedSums(source, odd, left * own[:, None], None, None)
    patterns, index = np.unique(left, axis=0, return_inverse=True)
    right = np.stack([_signs(word, split, width) for word in words]) * own[:, None]
    return SignedSums(source, odd, patterns, index.reshape(-1), right)


def _signs(word: Word, first: int, last: int) -> np.ndarray:
    """(-1) to the number of ones under Z and Y on axes first to last."""
    signs: np.ndarray = np.ones(1)
    letters = dict(word)
    for axis in range(first, last):
        signs = np.kron(signs, [1.0, -1.0] if letters.get(axis, "I") in "YZ" else [1.0, 1.0])
    return signs
