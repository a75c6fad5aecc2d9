"""Moves at work: where each takes its numbers, how it acts, how it is undone.

A move's *operands* are all numbers that it uses; the move itself is only structure. So a
repetition of moves is one structure with stacked operands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, cast

import numpy as np

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.entries import apply_entries, apply_entries_backward
from qeras.execution.matrix import adjoint, adjoints, apply_matrix, matrix_gradient
from qeras.execution.phase import (
    Factors,
    TermOperands,
    angle_gradients,
    is_stackable,
    phase_gradient,
    rotation,
    stacked_rotation,
)
from qeras.execution.sheets import (
    Sheets,
    apart,
    multiply,
    multiply_conjugate,
    sum_axis,
    together,
)
from qeras.plan.moves import (
    ApplyEntries,
    ApplyFactors,
    ApplyMatrix,
    ApplyPhase,
    Move,
    Permute,
    PhaseTerms,
    Repeat,
)

# A matrix, a tuple of `TermOperands` or `Factors`, a pair of indices, or entries.
Operands = Any
# Of the operands that have one: a matrix, a tuple of angles' or a phase's, entries, None.
Gradient = Any


# By position in the body of a repetition, (iterations, 2**width, columns).
StackedFactors = dict[int, Sheets]


class Parameters(NamedTuple):
    """What the moves take their numbers from; None where the plan has no slots.

    Shared ones are (slots,), per-sample ones (slots, batch)."""

    shared: Tensor | None = None
    per_sample: Tensor | None = None
    shared_entries: Tensor | None = None
    per_sample_entries: Tensor | None = None


@dataclass(eq=False)
class Source:
    """Gives moves their operands.

    Attributes:
        parameters: of the run.
        matrices: each template's as moves use them (`execution.matrix`), one after the
            other.
        factors: of the layout's phases and of its table's.
        constants: the plan's arrays.
        is_undone: whether moves are, so that a matrix's operand is its adjoint.
    """

    parameters: Parameters
    matrices: list[Tensor]
    factors: list[Sheets]
    constants: Constants
    is_undone: bool = False
    # By template: one of its matrices, or its adjoint, by number.
    _each: dict[int, Callable[[int], Tensor]] = field(default_factory=dict)

    def operands(self, move: Move) -> Operands:
        """The numbers of one move."""
        if isinstance(move, ApplyMatrix):
            return self._matrix(move.template, move.index)
        if isinstance(move, Permute):
            return self.constants.index(move.source), self.constants.index(move.inverse)
        if isinstance(move, ApplyPhase):
            shared = [self._term(terms, self._columns(terms)) for terms in move.shared]
            own = [self._term(terms, self._own(terms)) for terms in move.per_sample]
            return (*shared, *own)
        if isinstance(move, ApplyFactors):
            return Factors(self.factors[move.phase])
        entries = self.entries(move.per_sample)
        return entries[move.start : move.start + 2 * move.count]

    def entries(self, per_sample: bool) -> Tensor:
        """All entries, (slots, 1 or batch)."""
        if per_sample:
            return self.parameters.per_sample_entries
        return self.parameters.shared_entries[:, None]  # type: ignore[index]

    def stacked(self, repeat: Repeat, factors: StackedFactors) -> list[Operands]:
        """For each position of a repetition the operands of all iterations, stacked; None
        where they are the same ones."""
        positions = enumerate(zip(*repeat.iterations, strict=True))
        return [
            Factors(factors[position]) if position in factors else self._stack(moves)
            for position, moves in positions
        ]

    def stacked_factors(self, repeat: Repeat) -> StackedFactors:
        """Of phases that can be found all at once."""
        return {
            position: stacked_rotation(phases[0], self._stack(phases), self.constants)
            for position, phases in phases_at_once(repeat).items()
        }

    def _matrix(self, template: int, index: int) -> Tensor:
        """All of a template are taken apart at once: in a graph that is one operation."""
        if template not in self._each:
            own = self.matrices[template]
            one = adjoints(own) if self.is_undone else arrays.unstack(own).__getitem__
            self._each[template] = one
        return self._each[template](index)

    def _columns(self, terms: PhaseTerms) -> Tensor:
        own = self.parameters.shared[terms.start : terms.start + terms.slots]  # type: ignore[index]
        return arrays.reshape(own, (terms.slots, 1))

    def _own(self, terms: PhaseTerms) -> Tensor:
        return self.parameters.per_sample[terms.start : terms.start + terms.slots]  # type: ignore[index]

    def _term(self, terms: PhaseTerms, angles: Tensor) -> TermOperands:
        if terms.source is None or terms.inverse is None:
            return TermOperands(angles, None, None)
        index = self.constants.index
        return TermOperands(angles, index(terms.source), index(terms.inverse))

    def _stack(self, moves: tuple[Move, ...]) -> Operands:
        first = moves[0]
        if isinstance(first, ApplyFactors):
            return None
        if isinstance(first, ApplyMatrix):
            return self._stack_matrices(cast(tuple[ApplyMatrix, ...], moves))
        if isinstance(first, Permute):
            return _stacked_index([m.source for m in moves]), _stacked_index(  # type: ignore[union-attr]
                [m.inverse for m in moves]  # type: ignore[union-attr]
            )
        phases = cast(tuple[ApplyPhase, ...], moves)
        shared = zip(*(move.shared for move in phases), strict=True)
        own = zip(*(move.per_sample for move in phases), strict=True)
        return (
            *(self._stack_terms(terms, self.parameters.shared[:, None]) for terms in shared),  # type: ignore[index]
            *(self._stack_terms(terms, self.parameters.per_sample) for terms in own),
        )

    def _stack_matrices(self, moves: tuple[ApplyMatrix, ...]) -> Tensor:
        used = sorted({move.template for move in moves})
        parts = [self.matrices[template] for template in used]
        starts = np.cumsum([0, *(part.shape[0] for part in parts)])
        index = np.array([starts[used.index(move.template)] + move.index for move in moves])
        every = parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=0)
        own = arrays.gather(every, index.astype("int32"))
        return adjoint(own) if self.is_undone else own

    def _stack_terms(self, terms: tuple[PhaseTerms, ...], angles: Tensor) -> TermOperands:
        rows = _rows_of(terms, angles)
        if terms[0].source is None:
            return TermOperands(rows, None, None)
        return TermOperands(
            rows,
            _stacked_index([t.source for t in terms]),  # type: ignore[misc]
            _stacked_index([t.inverse for t in terms]),  # type: ignore[misc]
        )


def _rows_of(terms: tuple[PhaseTerms, ...], angles: Tensor) -> Tensor:
    """The angles of each, (terms, slots, columns)."""
    numbers = np.concatenate([_range(own) for own in terms]).astype("int32")
    first, count = int(numbers[0]), len(numbers)
    if (np.diff(numbers) == 1).all():
        own = angles[first : first + count]
    else:
        own = arrays.gather(angles, numbers)
    return arrays.reshape(own, (len(terms), terms[0].slots, -1))


def _stacked_index(indices: list[np.ndarray]) -> np.ndarray:
    return np.stack(indices).astype("int32")


class Kept(NamedTuple):
    """What is kept of a move for the way back.

    Attributes:
        state: before the move.
        factors: of a phase, so that its cos and sin are not computed again.
    """

    state: Sheets
    factors: Sheets | None


def apply(
    move: Move, operands: Operands, state: Sheets, constants: Constants
) -> tuple[Sheets, Sheets | None]:
    """The state after the move, and a phase's factors."""
    if isinstance(move, ApplyMatrix):
        return apply_matrix(move, operands, state), None
    if isinstance(operands, Factors):
        return multiply(state, operands.sheets), None
    if isinstance(move, ApplyPhase):
        factors = rotation(move, operands, constants)
        return multiply(state, factors), factors
    if isinstance(move, Permute):
        return _gather(operands[0], state), None
    return apply_entries(cast(ApplyEntries, move), operands, state), None


def must_keep(move: Move) -> bool:
    """Whether the state before the move is not found from the state after it."""
    if isinstance(move, ApplyPhase | ApplyFactors):
        return move.expands
    if isinstance(move, ApplyMatrix):
        return not move.unitary
    return not isinstance(move, Permute)


def may_keep(move: Move) -> bool:
    """Whether the way back needs the state before the move, if it was kept."""
    return not isinstance(move, Permute) and not (
        isinstance(move, ApplyMatrix) and not move.trained
    )


def undo(
    move: Move, operands: Operands, sheets: Sheets, kept: Kept | None, constants: Constants
) -> tuple[Sheets, Gradient]:
    """(sheets before, gradient of the operands) from the sheets after a move: those of the
    state and its cotangent or, where what a move needs is `kept`, of the cotangent alone.
    The operand of a matrix is its adjoint."""
    if isinstance(move, ApplyMatrix):
        return _undo_matrix(move, operands, sheets, kept)
    if isinstance(move, Permute):
        return _gather(operands[1], sheets), None
    if isinstance(move, ApplyPhase | ApplyFactors):
        return _undo_phase(move, operands, sheets, kept, constants)
    assert kept is not None
    state, cotangent = apart(sheets)
    cotangent, gradient = apply_entries_backward(move, operands, kept.state, cotangent)
    return _before(move, state, cotangent, kept), gradient


def _undo_matrix(
    move: ApplyMatrix, to_before: Tensor, sheets: Sheets, kept: Kept | None
) -> tuple[Sheets, Gradient]:
    """The adjoint takes a cotangent back, and the state where the matrix is unitary."""
    state, cotangent = apart(sheets)
    if state is not None and not move.unitary:
        assert kept is not None
        earlier = together(kept.state, apply_matrix(move, to_before, cotangent))
    else:
        earlier = apply_matrix(move, to_before, sheets)
    if not move.trained:
        return earlier, None
    before = kept.state if kept is not None else apart(earlier)[0]
    assert before is not None
    return earlier, matrix_gradient(move, to_before, before, cotangent)


def _undo_phase(
    move: ApplyPhase | ApplyFactors,
    operands: Operands,
    sheets: Sheets,
    kept: Kept | None,
    constants: Constants,
) -> tuple[Sheets, Gradient]:
    """The derivative by the phase is the same before and after it; where the factors were
    known before, it is not taken back to the angles."""
    factors = kept.factors if kept is not None else None
    if isinstance(operands, Factors):
        factors = operands.sheets
    elif factors is None:
        factors = rotation(cast(ApplyPhase, move), operands, constants)
    state, cotangent = apart(sheets)
    if kept is None:
        assert state is not None
        gradient = _phase_gradient(move, operands, state, cotangent, constants)
        return multiply_conjugate(sheets, factors), gradient
    cotangent = multiply_conjugate(cotangent, factors)
    gradient = _phase_gradient(move, operands, kept.state, cotangent, constants)
    return _before(move, state, cotangent, kept), gradient


def _phase_gradient(
    move: ApplyPhase | ApplyFactors,
    operands: Operands,
    state: Sheets,
    cotangent: Sheets,
    constants: Constants,
) -> Gradient:
    gradient = phase_gradient(state, cotangent)
    if isinstance(operands, Factors):
        return sum_batch(gradient) if operands.sheets[0].shape[1] == 1 else gradient
    return angle_gradients(cast(ApplyPhase, move), operands, gradient, constants)


def _before(
    move: ApplyPhase | ApplyFactors | ApplyEntries,
    state: Sheets | None,
    cotangent: Sheets,
    kept: Kept,
) -> Sheets:
    """The sheets before a move whose state was kept, from the cotangent before it.

    The cotangent of a state that was the same for all samples is the sum of theirs."""
    if move.expands:
        cotangent = sum_axis(cotangent, axis=1, keepdims=True)
    return cotangent if state is None else together(kept.state, cotangent)


def phases_at_once(repeat: Repeat) -> dict[int, tuple[ApplyPhase, ...]]:
    """By position the phases of all iterations, where `is_stackable`."""
    positions = enumerate(zip(*repeat.iterations, strict=True))
    return {
        position: cast(tuple[ApplyPhase, ...], moves)
        for position, moves in positions
        if isinstance(moves[0], ApplyPhase) and is_stackable(moves[0])
    }


def _gather(index: Tensor, sheets: Sheets) -> Sheets:
    return tuple(arrays.gather(sheet, index) for sheet in sheets)


def _stacked(matrices: Sequence[Tensor]) -> Tensor:
    """One after the other on a new first axis; XLA has a kernel for rows one after the other,
    and compiles one where axes are new."""
    rows = arrays.concatenate(matrices, axis=0)
    return arrays.reshape(rows, (len(matrices), *matrices[0].shape))


def sum_batch(part: Tensor) -> Tensor:
    """(rows, batch) summed to (rows, 1)."""
    return arrays.sum(part, axis=1, keepdims=True)


@dataclass(eq=False)
class Slots:
    """Gradients of slots as they come: (slot numbers, rows), each slot once."""

    parts: list[tuple[range | np.ndarray, Tensor]] = field(default_factory=list)
    single: dict[int, Tensor] = field(default_factory=dict)  # rows that came alone

    def add_one(self, number: int, row: Tensor) -> None:
        self.single[number] = row

    def add(self, numbers: range | np.ndarray, rows: Tensor) -> None:
        self.parts.append((numbers, rows))

    def add_stacked(self, numbers: list[range], rows: Tensor) -> None:
        """Rows (iterations, slots) or (iterations, slots, batch) of each iteration's slots."""
        count = sum(map(len, numbers))
        flat = arrays.reshape(rows, (count,) if len(rows.shape) == 2 else (count, -1))
        if all(one[-1] + 1 == other[0] for one, other in pairwise(numbers)):
            self.add(range(numbers[0][0], numbers[-1][-1] + 1), flat)
        else:
            self.add(np.concatenate(numbers), flat)

    def in_order(self) -> Tensor | None:
        """All rows by slot number; None if there are none."""
        if not self.parts:
            rows = [row for _, row in sorted(self.single.items())]
            return _stacked(rows) if rows else None
        alone = [(range(one, one + 1), row[None]) for one, row in self.single.items()]
        ordered = sorted([*self.parts, *alone], key=lambda part: part[0][0])
        rows = [part for _, part in ordered]
        together = rows[0] if len(rows) == 1 else arrays.concatenate(rows, axis=0)
        if all(isinstance(numbers, range) for numbers, _ in ordered):
            return together
        # Loops give the slots of one position of their body, with others in between.
        numbers = np.concatenate([numbers for numbers, _ in ordered])
        return arrays.gather(together, np.argsort(numbers).astype("int32"))


@dataclass(eq=False)
class Gradients:
    """Collects the gradients of all moves by the slots that they took."""

    matrices: dict[int, Slots] = field(default_factory=dict)
    shared: Slots = field(default_factory=Slots)
    per_sample: Slots = field(default_factory=Slots)
    shared_entries: Slots = field(default_factory=Slots)
    per_sample_entries: Slots = field(default_factory=Slots)
    phases: dict[int, Tensor] = field(default_factory=dict)  # of the layout's and its table's

    def add(self, move: Move, gradient: Gradient) -> None:
        """One move's gradient."""
        if isinstance(move, ApplyMatrix):
            if move.trained:
                self._matrices(move.template).add_one(move.index, gradient)
        elif isinstance(move, ApplyPhase):
            count = len(move.shared)
            for terms, rows in zip(move.shared, gradient[:count], strict=True):
                self.shared.add(_range(terms), arrays.reshape(rows, (-1,)))
            for terms, rows in zip(move.per_sample, gradient[count:], strict=True):
                self.per_sample.add(_range(terms), rows)
        elif isinstance(move, ApplyFactors):
            self.add_phase(move.phase, gradient)
        elif not isinstance(move, Permute):
            self.add_entries(move.start, move.per_sample, gradient)

    def add_stacked(self, moves: tuple[Move, ...], gradient: Gradient) -> None:
        """The stacked gradient of the moves at one position of a repetition."""
        first = moves[0]
        if isinstance(first, ApplyMatrix):
            if first.trained:
                self._add_matrices(cast(tuple[ApplyMatrix, ...], moves), gradient)
        elif isinstance(first, ApplyPhase):
            phases = cast(tuple[ApplyPhase, ...], moves)
            count = len(first.shared)
            for place, rows in enumerate(gradient):
                terms = [(*move.shared, *move.per_sample)[place] for move in phases]
                if place < count:
                    self.shared.add_stacked(list(map(_range, terms)), rows[:, :, 0])
                else:
                    self.per_sample.add_stacked(list(map(_range, terms)), rows)

    def add_phase(self, number: int, gradient: Tensor) -> None:
        """Gradient of one of the layout's phases, added to what came before."""
        known = self.phases.get(number)
        self.phases[number] = gradient if known is None else known + gradient

    def add_entries(self, start: int, per_sample: bool, rows: Tensor) -> None:
        """Gradient of entries, (count, 1 or batch)."""
        numbers = range(start, start + rows.shape[0])
        if per_sample:
            self.per_sample_entries.add(numbers, rows)
        else:
            self.shared_entries.add(numbers, sum_batch(rows)[:, 0])

    def _add_matrices(self, moves: tuple[ApplyMatrix, ...], gradient: Tensor) -> None:
        templates = np.array([move.template for move in moves])
        index = np.array([move.index for move in moves])
        for template in np.unique(templates):
            own = np.flatnonzero(templates == template)
            rows = (
                gradient if len(own) == len(moves) else arrays.gather(gradient, own.astype("int32"))
            )
            self._matrices(int(template)).add(index[own], rows)

    def collect(self) -> Parameters:
        """The gradients of all parameters."""
        return Parameters(
            self.shared.in_order(),
            self.per_sample.in_order(),
            self.shared_entries.in_order(),
            self.per_sample_entries.in_order(),
        )

    def _matrices(self, template: int) -> Slots:
        return self.matrices.setdefault(template, Slots())


def _range(terms: PhaseTerms) -> range:
    return range(terms.start, terms.start + terms.slots)
