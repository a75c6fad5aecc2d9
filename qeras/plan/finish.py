"""The last step of planning: numbers of blocks, loops, and the slots of angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qeras.circuit.expressions import Expression
from qeras.plan.moves import (
    ApplyMatrix,
    ApplyPhase,
    Move,
    PhaseTable,
    PhaseTerms,
    Repeat,
    Step,
    Template,
)
from qeras.plan.padding import Angles, padded
from qeras.plan.phase_table import tabled
from qeras.plan.recurring import Recurring
from qeras.plan.roll import Roller


@dataclass(eq=False)
class Slots:
    """Expressions in the order in which the moves take their values; `exponents` are the
    (first slot, size) of matrices that are exponentiated."""

    expressions: list[Expression] = field(default_factory=list)
    exponents: list[tuple[int, int]] = field(default_factory=list)

    def take(self, expressions: Sequence[Expression]) -> int:
        start = len(self.expressions)
        self.expressions += expressions
        return start


@dataclass(frozen=True, eq=False)
class Finisher:
    """Replaces block numbers by their place in the templates, finds loops, and takes the
    slots of phases."""

    templates: list[Template]
    place: list[tuple[int, int]]
    phases: Angles
    shared: Slots
    per_sample: Slots
    recurring: Recurring
    least_saved: int | None

    def rolled(self, moves: Sequence[Move]) -> Sequence[Step]:
        """The moves, with the places of their matrices, in loops."""
        placed = [self._placed(move) for move in moves]
        if self.least_saved is None:
            return placed
        roller = Roller(self.templates, self._padded, self.least_saved, self.recurring.key)
        return roller.roll(placed)

    def taken(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps with the slots of their phases' angles."""
        return tuple(self._taken(step) for step in steps)

    def tabled(self, steps: Sequence[Step], first: int) -> tuple[list[Step], PhaseTable | None]:
        """The steps, and a table of phases numbered from `first`, with the slots of its angles."""
        written, table, angles = tabled(steps, first, self.phases.shared)
        if table is None:
            return written, None
        return written, replace(table, start=self.shared.take(angles))

    def phase(self, phase: ApplyPhase) -> ApplyPhase:
        """With the slots of its angles."""
        return replace(
            phase,
            shared=_retaken(phase.shared, self.phases.shared, self.shared),
            per_sample=_retaken(phase.per_sample, self.phases.per_sample, self.per_sample),
        )

    def _padded(self, repeat: Repeat) -> Repeat | None:
        return padded(repeat, self.phases)

    def _placed(self, move: Move) -> Move:
        if isinstance(move, ApplyMatrix):
            template, index = self.place[move.index]
            trained = self.templates[template].fixed is None
            return replace(move, template=template, index=index, trained=trained)
        return move

    def _taken(self, step: Step) -> Step:
        if isinstance(step, Repeat):
            return Repeat(tuple(tuple(map(self._move, moves)) for moves in step.iterations))
        return self._move(step)

    def _move(self, move: Move) -> Move:
        return self.phase(move) if isinstance(move, ApplyPhase) else move


def _retaken(
    terms: Sequence[PhaseTerms], expressions: Sequence[Expression], slots: Slots
) -> tuple[PhaseTerms, ...]:
    return tuple(
        replace(one, start=slots.take(expressions[one.start : one.start + one.slots]))
        for one in terms
    )
