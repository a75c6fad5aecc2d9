"""Group factors: each joins the earliest group of its kind that it can be moved to, and
groups then join the next of their kind.

A factor may be moved before a group if they share no axes or are both diagonal, so the
product of all groups in order equals the product of the factors.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from qeras.plan.factors import Entries, Factor, is_diagonal


@dataclass(eq=False)
class Group:
    """Factors of one kind, applied one after the other."""

    kind: Hashable
    factors: list[Factor] = field(default_factory=list)
    axes: set[int] = field(default_factory=set)
    diagonal: bool = True

    def add(self, factor: Factor) -> None:
        self.factors.append(factor)
        self.axes.update(factor.axes)
        self.diagonal = self.diagonal and is_diagonal(factor)

    def commutes(self, factor: Factor) -> bool:
        return (self.diagonal and is_diagonal(factor)) or self.axes.isdisjoint(factor.axes)

    def commutes_with(self, other: Group) -> bool:
        return (self.diagonal and other.diagonal) or self.axes.isdisjoint(other.axes)

    def add_before(self, other: Group) -> None:
        """Put another group's factors before this one's."""
        self.factors = [*other.factors, *self.factors]
        self.axes |= other.axes
        self.diagonal = self.diagonal and other.diagonal


def schedule(
    factors: Iterable[Factor],
    kind: Callable[[Factor], Hashable],
    takes: Callable[[Hashable, Factor], bool] | None = None,
) -> list[Group]:
    """Groups of factors of equal kind; an `Entries` shares its group with none.

    Args:
        factors: the first applied first.
        kind: of a factor.
        takes: whether a group of a kind takes a factor of another one that cannot be moved
            before it; None where none does.
    """
    groups: list[Group] = []
    for factor in factors:
        alone = isinstance(factor, Entries)
        target = None if alone else _earliest(groups, factor, kind(factor), takes)
        if target is None:
            target = Group(object() if alone else kind(factor))
            groups.insert(_place(groups, factor), target)
        target.add(factor)
    return _delayed(groups)


def _place(groups: list[Group], factor: Factor) -> int:
    """Where a new group of the factor begins: before the first diagonal group that it can be
    moved before, as the diagonal factors behind it then have the way free to that group."""
    place = len(groups)
    for earlier in reversed(range(len(groups))):
        if not groups[earlier].commutes(factor):
            break
        if groups[earlier].diagonal:
            place = earlier
    return place


def _delayed(groups: list[Group]) -> list[Group]:
    """Groups moved later into one of their kind where everything between commutes."""
    result: list[Group] = []  # in reverse
    for group in reversed(groups):
        target = None
        for later in reversed(result):
            if later.kind == group.kind:
                target = later
                break
            if not later.commutes_with(group):
                break
        if target is None:
            result.append(group)
        else:
            target.add_before(group)
    return result[::-1]


def _earliest(
    groups: list[Group],
    factor: Factor,
    kind: Hashable,
    takes: Callable[[Hashable, Factor], bool] | None,
) -> Group | None:
    found = None
    for group in reversed(groups):
        if group.kind == kind:
            found = group
        if not group.commutes(factor):
            return group if takes is not None and takes(group.kind, factor) else found
    return found
