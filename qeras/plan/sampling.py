"""Measurements with shots -> groups that are measured together, all static.

As `default.qubit` does it: Pauli words that commute wire by wire are read from the same
shots, so is all that is measured in the computational basis, and every other observable
has shots of its own, as has each sum. A group turns the state into its common eigenbasis;
what it draws are basis states, and each of its observables is a number for each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, PauliTerm
from qeras.circuit.expressions import Constant, Expression, call
from qeras.circuit.gates import HADAMARD, Y_BASIS, parity
from qeras.plan.combination import Combination
from qeras.plan.lowering import embed_vector
from qeras.plan.readouts import Readout
from qeras.plan.sample_groups import Counted, Sampled, SampledReadouts, SampleGroup, Turn
from qeras.plan.signed_sums import signed_sums_of_z

# Neighbouring turns of one wire each are one matrix on so many wires at most.
TURNED_TOGETHER = 4
TOLERANCE = 1e-9  # eigenvalues closer than this are one outcome of `counts`

# From the letter's eigenbasis to the computational one.
_TURNS = {"X": HADAMARD, "Y": Y_BASIS.conj().T}


def sampled_readouts(circuit: Circuit) -> SampledReadouts:
    """Readouts of the circuit's measurements, once for each number of shots."""
    planner = _Planner(circuit)
    for shots in circuit.shots:
        planner.add(circuit.measurements, shots)
    return planner.readouts()


@dataclass(eq=False)
class _Draft:
    """A group that takes members: `letters` by axis, or a basis that is its own."""

    shots: int
    letters: dict[int, str] = field(default_factory=dict)
    basis: Turn | None = None
    words: list[int] = field(default_factory=list)  # numbers of values, with `word_axes`
    word_axes: list[tuple[int, ...]] = field(default_factory=list)
    tables: list[tuple[int, tuple[int, ...], np.ndarray]] = field(default_factory=list)
    marginals: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    counted: list[tuple[int, tuple[int, ...], np.ndarray | None]] = field(default_factory=list)
    sampled: list[tuple[int, tuple[int, ...], np.ndarray | None]] = field(default_factory=list)

    def accepts(self, letters: Mapping[int, str]) -> bool:
        """Whether a word commutes with the group's others on every wire."""
        return all(self.letters.get(axis, letter) == letter for axis, letter in letters.items())

    def word(self, value: int | None, letters: Mapping[int, str]) -> None:
        self.letters.update(letters)
        if value is not None:
            self.words.append(value)
            self.word_axes.append(tuple(sorted(letters)))

    def used(self) -> bool:
        return bool(self.tables or self.marginals or self.counted or self.sampled)

    def group(self) -> SampleGroup:
        used = {axis for axes in self.word_axes for axis in axes}
        for members in (self.tables, self.marginals, self.counted, self.sampled):
            used |= {axis for member in members for axis in member[1]}
        axes = tuple(sorted(used))
        place = {axis: position for position, axis in enumerate(axes)}

        def placed(some: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(place[axis] for axis in some)

        def spread(vector: np.ndarray, some: tuple[int, ...]) -> np.ndarray:
            return embed_vector(vector, placed(some), len(axes))

        words = [placed(some) for some in self.word_axes]
        return SampleGroup(
            axes,
            (self.basis,) if self.basis is not None else _turns(self.letters),
            self.shots,
            signed_sums_of_z(words, len(axes)) if words else None,
            np.stack([spread(row, some) for _, some, row in self.tables]) if self.tables else None,
            tuple((readout, placed(some)) for readout, some in self.marginals),
            tuple(
                Counted(readout, placed(some), None)
                if levels is None
                else Counted(readout, (), _outcome_table(spread(levels, some)))
                for readout, some, levels in self.counted
            ),
            tuple(
                Sampled(readout, placed(some), None)
                if levels is None
                else Sampled(readout, (), spread(levels, some))
                for readout, some, levels in self.sampled
            ),
        )


@dataclass(frozen=True)
class _Spectrum:
    """An observable in its eigenbasis: one number for each basis state of `axes`."""

    axes: tuple[int, ...]
    levels: np.ndarray
    letters: dict[int, str] | None  # of a Pauli word
    basis: Turn | None  # of another observable; None in the computational basis

    def draft(self, shots: int) -> _Draft:
        return _Draft(shots, basis=self.basis)


class _Planner:
    def __init__(self, circuit: Circuit):
        self.circuit = circuit
        self.axis = {wire: position for position, wire in enumerate(circuit.wires)}
        self.drafts: list[_Draft] = []
        self.readout_list: list[Readout] = []
        self.values = 1  # the number one comes first
        self.rows = 0
        self.products: list[tuple[int, int, Expression]] = []

    def add(self, measurements: Sequence[Measurement], shots: int) -> None:
        words: list[_Draft] = []
        computational = _Draft(shots)
        for item in measurements:
            self._measurement(item, shots, words, computational)
        self.drafts += words
        if computational.used():
            self.drafts.append(computational)

    def _measurement(
        self, item: Measurement, shots: int, words: list[_Draft], computational: _Draft
    ) -> None:
        number = len(self.readout_list)
        axes = tuple(self.axis[wire] for wire in item.wires)
        if item.kind == "expval":
            # The terms of a sum are measured apart from everything else.
            own: list[_Draft] = words if len(item.observable) == 1 else []
            row = self._row()
            for term in item.observable:
                value = self._value(self._spectrum(term), shots, own, computational)
                self.products.append((row, value, term.coefficient))
            if own is not words:
                self.drafts += own
            self.readout_list.append(Readout("expval", (), rows=(row,)))
        elif item.kind == "var":
            self._variance(item, shots, words, computational)
        elif item.kind == "probs":
            draft = computational
            if item.basis:
                draft = _Draft(shots, basis=_turn(axes, np.array(item.basis)))
                self.drafts.append(draft)
            draft.marginals.append((number, axes))
            self.readout_list.append(Readout("probs", (2 ** len(axes),), axes))
        elif item.observable:
            self._outcomes(item, shots, words, computational)
        elif item.kind == "sample":
            computational.sampled.append((number, axes, None))
            self.readout_list.append(Readout("sample", (shots, len(axes)), axes))
        else:
            computational.counted.append((number, axes, None))
            self.readout_list.append(Readout("counts", (2 ** len(axes),), axes))

    def _row(self) -> int:
        self.rows += 1
        return self.rows - 1

    def _spectrum(self, term: PauliTerm | HermitianTerm) -> _Spectrum:
        if isinstance(term, PauliTerm):
            letters = {self.axis[wire]: letter for wire, letter in term.factors}
            signs = parity(len(letters))
            return _Spectrum(tuple(sorted(letters)), signs, letters, None)
        axes = tuple(self.axis[wire] for wire in term.wires)
        matrix = np.array(term.matrix)
        if np.array_equal(matrix, np.diag(np.diag(matrix))):
            return _Spectrum(axes, np.diag(matrix).real.copy(), None, None)
        levels, vectors = np.linalg.eigh(matrix)
        return _Spectrum(axes, levels, None, _turn(axes, vectors.conj().T))

    def _place(
        self, spectrum: _Spectrum, shots: int, words: list[_Draft], computational: _Draft
    ) -> _Draft:
        """The group that measures the observable; a new one where it fits in none."""
        if spectrum.letters is not None:
            for draft in words:
                if draft.accepts(spectrum.letters):
                    return draft
            words.append(_Draft(shots))
            return words[-1]
        if spectrum.basis is None:
            return computational
        self.drafts.append(spectrum.draft(shots))
        return self.drafts[-1]

    def _value(
        self, spectrum: _Spectrum, shots: int, words: list[_Draft], computational: _Draft
    ) -> int:
        """The number of the value that is the mean of the observable."""
        if not spectrum.axes:
            return 0
        value = self.values
        self.values += 1
        draft = self._place(spectrum, shots, words, computational)
        if spectrum.letters is not None:
            draft.word(value, spectrum.letters)
        else:
            draft.tables.append((value, spectrum.axes, spectrum.levels))
        return value

    def _variance(
        self, item: Measurement, shots: int, words: list[_Draft], computational: _Draft
    ) -> None:
        (term,) = item.observable
        spectrum = self._spectrum(term)
        square = 0
        if spectrum.letters is not None:
            mean = self._value(spectrum, shots, words, computational)
        else:
            draft = self._place(spectrum, shots, words, computational)
            mean, square = self.values, self.values + 1
            self.values += 2
            draft.tables.append((mean, spectrum.axes, spectrum.levels))
            draft.tables.append((square, spectrum.axes, spectrum.levels**2))
        rows = (self._row(), self._row())
        squared = call("multiply", term.coefficient, term.coefficient)
        self.products += [(rows[0], mean, term.coefficient), (rows[1], square, squared)]
        self.readout_list.append(Readout("var", (), rows=rows))

    def _outcomes(
        self, item: Measurement, shots: int, words: list[_Draft], computational: _Draft
    ) -> None:
        (term,) = item.observable
        spectrum = self._spectrum(term)
        assert isinstance(term.coefficient, Constant)  # `qeras.circuit.checks` sees to it
        if not spectrum.axes:  # the identity, on any wire
            spectrum = _Spectrum((0,), np.ones(2), None, None)
        levels = term.coefficient.value * spectrum.levels
        draft = self._place(spectrum, shots, words, computational)
        if spectrum.letters is not None:
            draft.word(None, spectrum.letters)
        number = len(self.readout_list)
        if item.kind == "sample":
            draft.sampled.append((number, spectrum.axes, levels))
            self.readout_list.append(Readout("sample", (shots,)))
        else:
            draft.counted.append((number, spectrum.axes, levels))
            self.readout_list.append(Readout("counts", (len(_outcome_table(levels)),)))

    def readouts(self) -> SampledReadouts:
        order = [0]
        groups = []
        for draft in self.drafts:
            groups.append(draft.group())
            order += draft.words + [value for value, _, _ in draft.tables]
        place = {value: position for position, value in enumerate(order)}
        combination = Combination(self.circuit.input_name, self.rows, self.values)
        for row, value, coefficient in self.products:
            combination.add(row, place[value], coefficient)
        return SampledReadouts(
            len(self.circuit.wires),
            combination.expectations() if self.rows else None,
            tuple(self.readout_list),
            tuple(combination.shared),
            tuple(combination.per_sample),
            tuple(groups),
        )


def outcomes(levels: np.ndarray) -> np.ndarray:
    """The distinct eigenvalues, in ascending order: what `counts` counts."""
    ordered = np.sort(levels)
    return ordered[np.concatenate([[True], np.diff(ordered) > TOLERANCE])]


def _outcome_table(levels: np.ndarray) -> np.ndarray:
    found = outcomes(levels)
    nearest = np.abs(levels[None, :] - found[:, None]).argmin(axis=0)
    return np.eye(len(found))[:, nearest]


def _turn(axes: tuple[int, ...], matrix: np.ndarray) -> Turn:
    return Turn(axes, matrix.real.copy(), matrix.imag.copy())


def _turns(letters: Mapping[int, str]) -> tuple[Turn, ...]:
    """Turns of each wire's letter, neighbours in order together."""
    turned = [axis for axis in sorted(letters) if letters[axis] in _TURNS]
    runs: list[list[int]] = []
    for axis in turned:
        if runs and runs[-1][-1] == axis - 1 and len(runs[-1]) < TURNED_TOGETHER:
            runs[-1].append(axis)
        else:
            runs.append([axis])
    return tuple(
        _turn(tuple(run), reduce(np.kron, [_TURNS[letters[axis]] for axis in run])) for run in runs
    )
