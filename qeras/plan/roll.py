"""Find repeated layers: sequences of moves that differ in their numbers alone.

A backend that compiles can run them as a loop, so that compile time does not grow with
depth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qeras.plan.moves import (
    ApplyMatrix,
    ApplyPhase,
    Move,
    Permute,
    PhaseTerms,
    Repeat,
    Step,
    Template,
)

MIN_COUNT = 3  # two iterations of a loop compile no faster than twice its body
MAX_PERIOD = 64  # longer layers are not looked for

_NO_PHASE = ApplyPhase((), (), False)


@dataclass(frozen=True, eq=False)
class Roller:
    """Finds loops.

    Attributes:
        templates: of the matrices.
        pad: writes a repetition's phases alike (`qeras.plan.padding`), or gives None. It is
            asked only where that makes the repetition longer.
        least_saved: moves that a loop must leave out to be worth its own cost.
        key: equal for moves with equal phases of samples, () for those without. Phases that
            recur are not padded: their factors are found once (`qeras.plan.recurring`).
    """

    templates: Sequence[Template]
    pad: Callable[[Repeat], Repeat | None]
    least_saved: int
    key: Callable[[Move], Hashable] = lambda move: ()

    def roll(self, moves: Sequence[Move]) -> list[Step]:
        """The moves with the longest repetition as a `Repeat`, and so on before and after."""
        # Of the outermost layers a phase may be missing altogether.
        widened = [_NO_PHASE, *moves, _NO_PHASE]
        if self._alike(widened).saved <= self._alike(moves).saved:
            return self._rolled(moves)
        return [step for step in self._rolled(widened) if step is not _NO_PHASE]

    def _rolled(self, moves: Sequence[Move]) -> list[Step]:
        exact = _longest([self._shape(move) for move in moves], self.least_saved)
        alike = self._alike(moves)
        if alike.saved > exact.saved:
            repeat = self.pad(alike.repeat(moves))
            if repeat is not None:
                return self._around(moves, alike, repeat)
        if not exact.saved:
            return list(moves)
        return self._around(moves, exact, exact.repeat(moves))

    def _alike(self, moves: Sequence[Move]) -> _Found:
        """The longest repetition once phases are written alike."""
        times = Counter(map(self.key, moves))
        shapes = [self._shape_once_padded(move, times) for move in moves]
        return _longest(shapes, self.least_saved)

    def _around(self, moves: Sequence[Move], found: _Found, repeat: Repeat) -> list[Step]:
        before, after = moves[: found.start], moves[found.stop :]
        return [*self._rolled(before), repeat, *self._rolled(after)]

    def _shape_once_padded(self, move: Move, times: Counter[Hashable]) -> Hashable | None:
        """Equal for moves that may share a loop's body once phases are written alike."""
        if isinstance(move, ApplyPhase) and not move.expands:
            key = self.key(move)
            return ("recurs", key) if key and times[key] >= MIN_COUNT else bool(move.per_sample)
        return self._shape(move)

    def _shape(self, move: Move) -> Hashable | None:
        """Equal for moves that may share a loop's body; None for those that may not."""
        if isinstance(move, ApplyMatrix):
            template = self.templates[move.template]
            return (template.size, template.real, move.axes, move.trained, move.unitary)
        if isinstance(move, Permute):
            return "permute"
        if isinstance(move, ApplyPhase) and not move.expands and move is not _NO_PHASE:
            return (
                tuple(_terms_shape(terms) for terms in move.shared),
                tuple(_terms_shape(terms) for terms in move.per_sample),
            )
        return None


class _Found(NamedTuple):
    """A repetition: `times` times `period` moves, from number `start` on."""

    start: int = 0
    period: int = 0
    times: int = 1

    @property
    def saved(self) -> int:
        """Moves less."""
        return self.period * (self.times - 1)

    @property
    def stop(self) -> int:
        return self.start + self.period * self.times

    def repeat(self, moves: Sequence[Move]) -> Repeat:
        starts = range(self.start, self.stop, self.period)
        return Repeat(tuple(tuple(moves[start : start + self.period]) for start in starts))


def _longest(shapes: Sequence[Hashable | None], least_saved: int) -> _Found:
    """What saves most moves, or nothing."""
    # Equal numbers are found sooner than equal shapes.
    numbers: dict[Hashable, int] = {}
    kinds = [None if one is None else numbers.setdefault(one, len(numbers)) for one in shapes]
    best = _Found()
    saved = least_saved - 1
    for period in range(1, min(len(kinds) // MIN_COUNT, MAX_PERIOD) + 1):
        length = 0  # of the run of positions that equal those a period before
        for end in range(period, len(kinds) + 1):
            if end < len(kinds) and kinds[end] is not None and kinds[end] == kinds[end - period]:
                length += 1
                continue
            found = _Found(end - length - period, period, length // period + 1)
            if found.times >= MIN_COUNT and found.saved > saved:
                best, saved = found, found.saved
            length = 0
    return best


def _terms_shape(terms: PhaseTerms) -> Hashable:
    angle = None if terms.angle is None else terms.angle.tobytes()
    return (
        terms.slots,
        angle,
        terms.source is None,
        terms.left.shape,
        terms.left.tobytes(),
        terms.right.tobytes(),
    )
