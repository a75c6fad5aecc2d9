"""Phases of samples that recur, as where each layer encodes the same inputs.

Their factors are found once for all, and their angles get one gradient, that of the sum of
the phases' own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from qeras.circuit.expressions import Expression
from qeras.plan.moves import ApplyFactors, ApplyPhase, Move, PhaseTerms, Repeat, Step


@dataclass(eq=False)
class Recurring:
    """Numbers the recurring phases of moves.

    Attributes:
        angles: expressions from which the terms of samples count their slots.
        phases: found so far, in the order of their numbers.
    """

    angles: Sequence[Expression]
    phases: list[ApplyPhase] = field(default_factory=list)

    def written(self, runs: Sequence[Sequence[Step]]) -> list[list[Step]]:
        """The runs with phases that occur twice, in one of them or in two, as `ApplyFactors`.

        In a loop all iterations must have the phase. Where it was added to one that the batch
        shares, each is a move."""
        keys = [key for run in runs for step in run for key in self._keys(step)]
        times = Counter(key for key in keys if key)
        recurring = {key for key in times if times[key] > 1}
        numbers: dict[Hashable, int] = {}
        parts = [[self._parts(step, recurring, numbers) for step in run] for run in runs]
        return [list(chain.from_iterable(run)) for run in parts]

    def _keys(self, step: Step) -> list[Hashable]:
        """One for each time that a phase is multiplied by."""
        if not isinstance(step, Repeat):
            return [self.key(step)]
        columns = zip(*step.iterations, strict=True)
        return [key for moves in columns for key in self._common(moves) * len(moves)]

    def _common(self, moves: Sequence[Move]) -> list[Hashable]:
        """The key that all have, if they have."""
        keys = {self.key(move) for move in moves}
        return list(keys) if len(keys) == 1 else []

    def _parts(
        self, step: Step, recurring: set[Hashable], numbers: dict[Hashable, int]
    ) -> Sequence[Step]:
        if not isinstance(step, Repeat):
            return self._moves(step, recurring, numbers)
        columns: list[Sequence[Move]] = []
        for moves in zip(*step.iterations, strict=True):
            own = recurring.intersection(self._common(moves))
            columns += zip(*(self._moves(move, own, numbers) for move in moves), strict=True)
        return [Repeat(tuple(zip(*columns, strict=True)))]

    def _moves(
        self, move: Move, recurring: set[Hashable], numbers: dict[Hashable, int]
    ) -> Sequence[Move]:
        key = self.key(move)
        if key not in recurring or not isinstance(move, ApplyPhase):
            return [move]
        if key not in numbers:
            numbers[key] = len(self.phases)
            self.phases.append(ApplyPhase((), move.per_sample, False))
        again = ApplyFactors(numbers[key], move.expands)
        return [replace(move, per_sample=(), expands=False), again] if move.shared else [again]

    def key(self, move: Move) -> Hashable:
        """Equal where the phases of samples are; () where there are none."""
        if not isinstance(move, ApplyPhase):
            return ()
        return tuple(map(self._terms_key, move.per_sample))

    def _terms_key(self, terms: PhaseTerms) -> Hashable:
        return (
            terms.left.shape,
            terms.left.tobytes(),
            terms.right.tobytes(),
            None if terms.angle is None else terms.angle.tobytes(),
            None if terms.source is None else terms.source.tobytes(),
            tuple(self.angles[terms.start : terms.start + terms.slots]),
        )
