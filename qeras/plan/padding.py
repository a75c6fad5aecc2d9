"""Phases of repeated layers written alike, with angles of zero for what one of them lacks.

The first and last of otherwise equal layers often lack some rotations, or begin before the
permutation that others begin behind. Written alike they are one loop (`qeras.plan.roll`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.moves import ApplyPhase, Move, PhaseTerms, Repeat
from qeras.plan.simplify import inverse_of

# Angles that a phase may have more than the longest of those written like it.
MAX_ADDED = 8


class Angles(NamedTuple):
    """Expressions of the phases' angles, from which `PhaseTerms` count their slots."""

    shared: list[Expression]
    per_sample: list[Expression]


def padded(repeat: Repeat, angles: Angles) -> Repeat | None:
    """The repetition with phases of equal shape; None if that takes too many angles.

    Args:
        repeat: moves at one position are of one kind, phases there may have any terms.
        angles: to read, and to append those of new terms to.
    """
    columns = [_alike(moves, angles) for moves in zip(*repeat.iterations, strict=True)]
    if any(column is None for column in columns):
        return None
    found = cast(list[Sequence[Move]], columns)
    return Repeat(tuple(zip(*found, strict=True)))


def _alike(moves: tuple[Move, ...], angles: Angles) -> Sequence[Move] | None:
    """The moves at one position, alike."""
    if not isinstance(moves[0], ApplyPhase):
        return moves
    phases = cast(tuple[ApplyPhase, ...], moves)
    shared = _terms_alike([phase.shared for phase in phases], angles.shared)
    per_sample = _terms_alike([phase.per_sample for phase in phases], angles.per_sample)
    if shared is None or per_sample is None:
        return None
    return [
        replace(phase, shared=own, per_sample=others)
        for phase, own, others in zip(phases, shared, per_sample, strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Slot:
    """One angle, and its part of the phase: the sum over columns of left x right."""

    angle: Expression
    left: np.ndarray
    right: np.ndarray

    @property
    def key(self) -> tuple[bytes, bytes]:
        return self.left.tobytes(), self.right.tobytes()


class _Group(NamedTuple):
    """All slots of a phase whose entries are taken from one `source`; None: in order."""

    source: np.ndarray | None
    slots: list[_Slot]


def _terms_alike(
    phases: Sequence[Sequence[PhaseTerms]], expressions: list[Expression]
) -> list[tuple[PhaseTerms, ...]] | None:
    """For each phase its terms, alike."""
    in_order = [_groups([t for t in phase if t.source is None], expressions) for phase in phases]
    moved = [_groups([t for t in phase if t.source is not None], expressions) for phase in phases]
    places = [
        [groups[place] if place < len(groups) else _Group(None, []) for groups in kind]
        for kind in (in_order, moved)
        for place in range(max(map(len, kind)))
    ]
    unions = [_union(groups) for groups in places]
    longest = max(sum(terms.slots for terms in phase) for phase in phases)
    if sum(map(len, unions)) > longest + MAX_ADDED:
        return None
    written = [
        _written(groups, union, expressions) for groups, union in zip(places, unions, strict=True)
    ]
    return list(zip(*written, strict=True)) if written else [()] * len(phases)


def _groups(terms: Sequence[PhaseTerms], expressions: Sequence[Expression]) -> list[_Group]:
    """The terms by source, in order of appearance."""
    found: dict[bytes | None, _Group] = {}
    for one in terms:
        key = None if one.source is None else one.source.tobytes()
        found.setdefault(key, _Group(one.source, [])).slots.extend(_slots(one, expressions))
    return list(found.values())


def _slots(terms: PhaseTerms, expressions: Sequence[Expression]) -> list[_Slot]:
    angle = np.arange(terms.slots) if terms.angle is None else terms.angle
    own = [np.flatnonzero(angle == slot) for slot in range(terms.slots)]
    return [
        _Slot(expressions[terms.start + slot], terms.left[:, columns], terms.right[:, columns])
        for slot, columns in enumerate(own)
    ]


def _union(groups: Sequence[_Group]) -> list[_Slot]:
    """Slots with which each of the groups can be written, each as often as in one of them."""
    counts: Counter[tuple[bytes, bytes]] = Counter()
    example = {slot.key: slot for group in groups for slot in group.slots}
    for group in groups:
        counts |= Counter(slot.key for slot in group.slots)
    return [example[key] for key in counts.elements()]


def _written(
    groups: Sequence[_Group], union: Sequence[_Slot], expressions: list[Expression]
) -> list[PhaseTerms]:
    """Each group with the slots of the union, those that it lacks with angles of zero."""
    left = np.concatenate([slot.left for slot in union], axis=1)
    right = np.concatenate([slot.right for slot in union], axis=1)
    angle = np.repeat(np.arange(len(union)), [slot.left.shape[1] for slot in union])
    index = None if len(angle) == len(union) else angle
    sources = _sources(groups, len(left) * len(right))
    terms = []
    for group, source in zip(groups, sources, strict=True):
        start = len(expressions)
        expressions += _angles(group, union)
        inverse = None if source is None else inverse_of(source)
        terms.append(PhaseTerms(left, right, start, len(union), index, source, inverse))
    return terms


def _sources(groups: Sequence[_Group], size: int) -> list[np.ndarray | None]:
    """The groups' sources, the identity where others have one."""
    own = [group.source for group in groups]
    if all(source is None for source in own):
        return own
    identity = np.arange(size, dtype="int32")
    return [identity if source is None else source for source in own]


def _angles(group: _Group, union: Sequence[_Slot]) -> list[Expression]:
    waiting: dict[tuple[bytes, bytes], list[Expression]] = {}
    for slot in group.slots:
        waiting.setdefault(slot.key, []).append(slot.angle)
    return [waiting[slot.key].pop(0) if waiting.get(slot.key) else ZERO for slot in union]
