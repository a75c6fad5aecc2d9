"""Group factors: each joins the earliest group of its kind that it can be moved to.

A factor may be moved before a group if they share no axes or are both diagonal, so the
product of all groups in order equals the product of the factors.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from qeras.plan.factors import Factor, is_diagonal


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


def schedule(
    factors: Iterable[Factor], kind: Callable[[Factor], Hashable], alone: Callable[[Factor], bool]
) -> list[Group]:
    """Groups of factors of equal `kind`; a factor that is `alone` shares its group with none."""
    groups: list[Group] = []
    for factor in factors:
        target = None if alone(factor) else _earliest(groups, factor, kind(factor))
        if target is None:
            target = Group(kind(factor) if not alone(factor) else object())
            groups.append(target)
        target.add(factor)
    return groups


def _earliest(groups: list[Group], factor: Factor, kind: Hashable) -> Group | None:
    found = None
    for group in reversed(groups):
        if group.kind == kind:
            found = group
        if not group.commutes(factor):
            break
    return found
