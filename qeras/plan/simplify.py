"""Moves that follow each other as fewer moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qeras.plan.moves import ApplyPhase, Move, Permute, PhaseTerms


def permute(source: np.ndarray) -> Permute:
    """The move that takes amplitude `source[k]` to k."""
    return Permute(source, inverse_of(source))


def inverse_of(source: np.ndarray) -> np.ndarray:
    """The inverse of a permutation; a sort of 2**20 numbers takes twenty times as long."""
    inverse = np.empty_like(source)
    inverse[source] = np.arange(len(source), dtype=source.dtype)
    return inverse


def reorder(order: Sequence[int]) -> np.ndarray:
    """Source indices that bring axes stored as `order` into increasing order."""
    cube = np.arange(2 ** len(order), dtype="int32").reshape((2,) * len(order))
    return cube.transpose(np.argsort(order)).reshape(-1)


def simplify_moves(moves: Sequence[Move]) -> list[Move]:
    """The moves with neighbouring permutations fused, and shared phases moved through a
    permutation into the phase after it."""
    result: list[Move] = []
    for move in moves:
        if isinstance(move, Permute):
            _append_permutation(result, move)
        elif isinstance(move, ApplyPhase):
            _append_phase(result, move)
        else:
            result.append(move)
    return result


def _append_permutation(result: list[Move], move: Permute) -> None:
    if result and isinstance(result[-1], Permute):
        result[-1] = permute(result[-1].source[move.source])
    else:
        result.append(move)


def _append_phase(result: list[Move], move: ApplyPhase) -> None:
    if result and isinstance(result[-1], ApplyPhase):
        before = result.pop()
        assert isinstance(before, ApplyPhase)
        result.append(_joined(before, move))
        return
    through = len(result) > 1 and isinstance(result[-1], Permute)
    if through and _is_shared_phase(result[-2]):
        permutation, before = result.pop(), result.pop()
        assert isinstance(permutation, Permute)
        assert isinstance(before, ApplyPhase)
        moved = tuple(_through(terms, permutation) for terms in before.shared)
        _append_permutation(result, permutation)
        result.append(replace(move, shared=(*moved, *move.shared)))
        return
    result.append(move)


def _joined(first: ApplyPhase, second: ApplyPhase) -> ApplyPhase:
    return ApplyPhase(
        (*first.shared, *second.shared),
        (*first.per_sample, *second.per_sample),
        first.expands or second.expands,
    )


def _is_shared_phase(move: Move) -> bool:
    return isinstance(move, ApplyPhase) and not move.per_sample


def _through(terms: PhaseTerms, permutation: Permute) -> PhaseTerms:
    """The phase before the permutation as one after it."""
    source = permutation.source if terms.source is None else terms.source[permutation.source]
    return replace(terms, source=source, inverse=inverse_of(source))
