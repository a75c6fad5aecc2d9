"""Factors on a register of several windows -> groups, each of which is one move.

Either every factor is as real as it can be (`plan.real`), so that phases of all windows are
one pass over the state, or what follows each other on a few neighbouring axes is folded into
one matrix, complex if need be: whichever takes less. Layers of rotations are cheaper real,
gates of two and more wires cheaper folded.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from qeras.plan.factors import (
    Constant,
    Entries,
    Factor,
    Folded,
    Permutation,
    Phase,
    RealRotation,
    through_phases,
)
from qeras.plan.real import real_factors
from qeras.plan.schedule import Group, schedule
from qeras.plan.windows import WINDOW

PERMUTATION, PHASE = "permutation", "phase"

# What a move takes, forward and back, as multiples of a real matrix on neighbouring axes: a
# phase or a permutation, and bringing axes together that are no neighbours.
DIAGONAL = 0.6
APART = 1.0


@dataclass(frozen=True)
class OneMatrix:
    """The kind of a group that is one matrix on `axes`."""

    axes: tuple[int, ...]
    real: bool


def wide_groups(
    factors: Sequence[Factor],
    per_sample: Callable[[Factor], bool],
    windows: Sequence[tuple[int, ...]],
    complex_cost: float,
) -> list[Group]:
    """Groups whose product in order is that of the factors. Their kind is PERMUTATION, PHASE or
    a `OneMatrix`; `Entries`, each alone, are of another kind."""
    simple = list(through_phases(factors, per_sample))
    costs = _Costs(complex_cost)
    homes = [_Home(windows, gathers=False), _Home(windows, gathers=True)]
    ways = [simple, *(list(_folded(simple, per_sample, home, costs)) for home in homes)]
    return min((schedule(costs.real(way), homes[0].kind) for way in ways), key=costs.of)


def cost_of(groups: Sequence[Group], complex_cost: float) -> float:
    """What the groups take, as a multiple of a real matrix on neighbouring axes."""
    return _Costs(complex_cost).of(groups)


@dataclass(eq=False)
class _Costs:
    """What groups take, a complex matrix `complex_cost`, and the factors that they are of."""

    complex_cost: float
    _real: dict[Factor, tuple[Factor, ...]] = field(default_factory=dict)

    def real(self, factors: Iterable[Factor]) -> Iterator[Factor]:
        """`real_factors`, each written once, as each is asked for several times."""
        for factor in factors:
            if factor not in self._real:
                self._real[factor] = tuple(real_factors([factor]))
            yield from self._real[factor]

    def of(self, groups: Sequence[Group]) -> float:
        return sum(self._of_kind(group.kind) for group in groups)

    def _of_kind(self, kind: Hashable) -> float:
        if not isinstance(kind, OneMatrix):
            return DIAGONAL
        apart = kind.axes[-1] - kind.axes[0] >= len(kind.axes)
        return (1.0 if kind.real else self.complex_cost) + APART * apart


@dataclass(frozen=True)
class _Home:
    """Where factors that are no phases act.

    With `gathers`, what is folded on axes of two windows may begin with a flip, as in walls of
    two-wire gates; in rings of flips that takes rotations away from the windows' own matrices."""

    windows: Sequence[tuple[int, ...]]
    gathers: bool

    def kind(self, factor: Factor) -> Hashable:
        """Of a real factor's group."""
        if isinstance(factor, Permutation):
            return PERMUTATION
        if isinstance(factor, Phase | Entries):
            return PHASE
        if isinstance(factor, Folded):
            return OneMatrix(factor.axes, factor.real)
        return OneMatrix(
            self._window(factor) or tuple(sorted(factor.axes)),
            isinstance(factor, RealRotation)
            or (isinstance(factor, Constant) and not np.abs(factor.matrix.imag).any()),
        )

    def folding_kind(self, factor: Factor) -> Hashable:
        """Of the group of a factor that may be folded with others; a tuple of axes where the
        group may take all that acts on them, few enough for one matrix."""
        if isinstance(factor, Phase | Entries) or len(factor.axes) > WINDOW:
            return self.kind(factor)
        window = self._window(factor)
        if isinstance(factor, Permutation) and (window or not self.gathers):
            return PERMUTATION
        return window or self._between_windows(factor)

    def _window(self, factor: Factor) -> tuple[int, ...] | None:
        for window in self.windows:
            if window[0] <= min(factor.axes) and max(factor.axes) <= window[-1]:
                return window
        return None

    def _between_windows(self, factor: Factor) -> tuple[int, ...]:
        """As many neighbours as a window has, around the boundary that the factor crosses; of
        one whose axes are further apart these alone."""
        first, last = min(factor.axes), max(factor.axes)
        if last - first >= WINDOW:
            return tuple(sorted(factor.axes))
        size = max(len(self.windows[0]), last - first + 1)
        boundary = next(window[0] for window in self.windows if last in window)
        start = min(first, max(boundary - size // 2, last - size + 1))
        stop = min(start + size, self.windows[-1][-1] + 1)
        return tuple(range(stop - size, stop))


def _folded(
    factors: Sequence[Factor], per_sample: Callable[[Factor], bool], home: _Home, costs: _Costs
) -> Iterator[Factor]:
    """The factors with some runs of them as one `Folded`."""

    def takes(kind: Hashable, factor: Factor) -> bool:
        inside = isinstance(kind, tuple) and set(factor.axes) <= set(kind)
        return inside and not isinstance(factor, Entries) and not per_sample(factor)

    for group in schedule(factors, home.folding_kind, takes):
        if isinstance(group.kind, tuple) and (one := _as_one(group, home, costs)) is not None:
            yield one
        else:
            yield from group.factors


def _as_one(group: Group, home: _Home, costs: _Costs) -> Folded | None:
    """The group as one matrix, if that takes less than its real factors."""
    real = list(costs.real(group.factors))
    parts = schedule(real, home.kind)
    inside = [part for part in parts if isinstance(part.kind, OneMatrix)]
    if not inside:
        return None
    first, last = parts.index(inside[0]), parts.index(inside[-1])
    whole = Folded(group.kind, tuple(group.factors), False)  # type: ignore[arg-type]
    if all(part.kind == PERMUTATION or part in inside for part in parts) and all(
        part.kind.real  # type: ignore[attr-defined]
        for part in inside
    ):
        whole = Folded(whole.axes, tuple(real), True)
    # Phases and permutations at the ends are mostly one with those of other windows.
    alone = Group(OneMatrix(whole.axes, whole.real))
    return whole if costs.of([alone]) < costs.of(parts[first : last + 1]) else None
