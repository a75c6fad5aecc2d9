"""Find repeated layers: sequences of moves that differ in their numbers alone.

A backend that compiles can run them as a loop, so that compile time does not grow with
depth.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from qeras.plan.moves import ApplyMatrix, ApplyPhase, Move, Permute, PhaseTerms, Repeat, Step

MIN_COUNT = 3  # two iterations of a loop compile no faster than twice its body
MAX_PERIOD = 64  # longer layers are not looked for


def roll(moves: Sequence[Move]) -> list[Step]:
    """The moves with the longest repetition as a `Repeat`, and so on before and after it."""
    shapes = [_shape(move) for move in moves]
    found = _longest(shapes)
    if found is None:
        return list(moves)
    start, period, count = found
    stop = start + period * count
    repeat = Repeat(tuple(tuple(moves[i : i + period]) for i in range(start, stop, period)))
    return [*roll(moves[:start]), repeat, *roll(moves[stop:])]


def _longest(shapes: Sequence[Hashable | None]) -> tuple[int, int, int] | None:
    """(start, period, count) of what saves most moves, or None."""
    best, saved = None, 0
    for period in range(1, min(len(shapes) // MIN_COUNT, MAX_PERIOD) + 1):
        length = 0  # of the run of positions that equal those a period before
        for end in range(period, len(shapes) + 1):
            same = (
                end < len(shapes)
                and shapes[end] is not None
                and shapes[end] == shapes[end - period]
            )
            if same:
                length += 1
                continue
            count = length // period + 1
            if count >= MIN_COUNT and period * (count - 1) > saved:
                best, saved = (end - length - period, period, count), period * (count - 1)
            length = 0
    return best


def _shape(move: Move) -> Hashable | None:
    """Equal for moves that may share a loop's body; None for those that may not."""
    if isinstance(move, ApplyMatrix):
        return (move.template, move.axes, move.unitary)
    if isinstance(move, Permute):
        return "permute"
    if isinstance(move, ApplyPhase) and not move.expands:
        return (
            tuple(_terms_shape(terms) for terms in move.shared),
            tuple(_terms_shape(terms) for terms in move.per_sample),
        )
    return None


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
