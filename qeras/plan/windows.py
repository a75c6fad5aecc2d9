"""Axes in windows of neighbours, and what each window does alone at first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qeras.plan.factors import Entries, Factor

# A block of 5 wires costs little more than one of 4 where memory, not arithmetic, is
# the limit, and fewer blocks are fewer passes over the state (docs/performance.md).
WINDOW = 5


def windows_of(width: int) -> list[tuple[int, ...]]:
    """Neighbouring axes in windows of at most `WINDOW`, as equal in size as can be."""
    count = -(-width // WINDOW)
    return [tuple(map(int, part)) for part in np.array_split(np.arange(width), count)]


Prefixes = tuple[list[Entries], list[tuple[tuple[int, ...], list[Factor]]], list[Factor]]


def split_prefixes(
    factors: Sequence[Factor], windows: Sequence[tuple[int, ...]], entangles: bool = True
) -> Prefixes:
    """Start vectors, what each window does alone at first, and the rest.

    Axes of a start vector leave their windows: they begin merged. Unless a window `entangles`,
    what it does ends where its axes act on each other.

    Raises:
        ValueError: for a start vector on wires that a gate already changed.
    """
    starts: list[Entries] = []
    touched: set[int] = set()
    taken: set[int] = set()
    for factor in factors:
        if isinstance(factor, Entries) and factor.kind == "state":
            if touched & set(factor.axes):
                raise ValueError(
                    "Expected StatePrep before any other operation on its wires. "
                    f"Received: StatePrep on axes {factor.axes}, already changed by a gate."
                )
            starts.append(factor)
            taken |= set(factor.axes)
        touched |= set(factor.axes)
    open_windows = [tuple(axis for axis in axes if axis not in taken) for axes in windows]
    open_windows = [axes for axes in open_windows if axes]
    return starts, *_prefixes([f for f in factors if f not in starts], open_windows, entangles)


def _prefixes(
    factors: Sequence[Factor], windows: Sequence[tuple[int, ...]], entangles: bool
) -> tuple[list[tuple[tuple[int, ...], list[Factor]]], list[Factor]]:
    prefixes: dict[tuple[int, ...], list[Factor]] = {axes: [] for axes in windows}
    window = {axis: axes for axes in windows for axis in axes}
    closed: set[int] = set()
    rest: list[Factor] = []
    for factor in factors:
        homes = {window.get(axis) for axis in factor.axes}
        home = homes.pop() if len(homes) == 1 else None
        alone = entangles or len(factor.axes) == 1
        if alone and home is not None and closed.isdisjoint(factor.axes):
            prefixes[home].append(factor)
        else:
            rest.append(factor)
            closed |= set(factor.axes)
    return list(prefixes.items()), rest
