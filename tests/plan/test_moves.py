"""Sequences of moves rewritten: each acts as the sequence that it came from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from qeras.plan.moves import ApplyPhase, Move, Permute, PhaseTerms, Repeat, Step
from qeras.plan.roll import MIN_COUNT, Roller
from qeras.plan.simplify import permute, reorder, simplify_moves

WIDTH = 3
SIZE = 2**WIDTH
ANGLES = np.random.default_rng(1).normal(size=40)


def random_permute(generator: np.random.Generator) -> Permute:
    return permute(generator.permutation(SIZE))


def random_phase(
    generator: np.random.Generator, start: int, per_sample: bool = False
) -> ApplyPhase:
    terms = (PhaseTerms(generator.normal(size=(SIZE, 2)), np.ones((1, 2)), start, 2),)
    return ApplyPhase(() if per_sample else terms, terms if per_sample else (), False)


def act(moves: list[Move], state: np.ndarray) -> np.ndarray:
    for move in moves:
        if isinstance(move, Permute):
            state = state[move.source]
            continue
        assert isinstance(move, ApplyPhase)
        for terms in (*move.shared, *move.per_sample):
            phase = terms.left @ ANGLES[terms.start : terms.start + terms.slots]
            state = state * np.exp(1j * (phase if terms.source is None else phase[terms.source]))
    return state


def flat(steps: list[Step]) -> list[Move]:
    moves: list[Move] = []
    for step in steps:
        if isinstance(step, Repeat):
            moves += [move for iteration in step.iterations for move in iteration]
        else:
            moves.append(step)
    return moves


@pytest.mark.parametrize("seed", range(20))
def test_simpler_moves_act_the_same(seed: int) -> None:
    generator = np.random.default_rng(seed)
    moves: list[Move] = []
    for number in range(generator.integers(1, 12)):
        if generator.random() < 0.5:
            moves.append(random_permute(generator))
        else:
            moves.append(random_phase(generator, 2 * number, per_sample=generator.random() < 0.3))
    simpler = simplify_moves(moves)
    state = generator.normal(size=SIZE) + 1j * generator.normal(size=SIZE)
    np.testing.assert_allclose(act(simpler, state), act(moves, state), atol=1e-13)
    kinds = [type(move) for move in simpler]
    assert all(one is not other for one, other in pairwise(kinds))


def test_inverses_undo() -> None:
    move = random_permute(np.random.default_rng(0))
    np.testing.assert_array_equal(move.source[move.inverse], np.arange(SIZE))


def test_a_phase_moved_through_a_permutation_can_be_undone() -> None:
    generator = np.random.default_rng(0)
    phases = [random_phase(generator, start) for start in (0, 2)]
    moves: list[Move] = [phases[0], random_permute(generator), phases[1]]
    _, joined = simplify_moves(moves)
    assert isinstance(joined, ApplyPhase)
    moved, _ = joined.shared
    assert moved.source is not None
    assert moved.inverse is not None
    np.testing.assert_array_equal(moved.source[moved.inverse], np.arange(SIZE))


def test_reordered_axes() -> None:
    """Stored with axis 2 first, then 0, then 1."""
    stored = np.arange(SIZE).reshape(2, 2, 2)
    expected = np.einsum("cab->abc", stored).reshape(-1)
    np.testing.assert_array_equal(np.arange(SIZE)[reorder([2, 0, 1])], expected)


def roll(moves: list[Move]) -> list[Step]:
    """Rolled without padding."""
    return Roller([], lambda repeat: None, 1).roll(moves)


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("period", [1, 2, 3])
def test_layers_are_rolled(count: int, period: int) -> None:
    """With other moves before and after; the same moves come out, in order."""
    generator = np.random.default_rng(0)
    layer: list[Move] = [random_permute(generator), *[random_phase(generator, 0)] * (period - 1)]
    moves = [random_phase(generator, 2), *layer * count, random_phase(generator, 4)]
    steps = roll(moves)
    assert flat(steps) == moves
    repeats = [step for step in steps if isinstance(step, Repeat)]
    if count < MIN_COUNT and period != 3:
        assert not repeats
    elif count >= MIN_COUNT:
        assert sum(len(repeat.iterations) for repeat in repeats) >= count - 1


def test_nothing_to_roll() -> None:
    assert roll([]) == []
    moves: list[Move] = [random_phase(np.random.default_rng(seed), 0) for seed in range(5)]
    assert roll(moves) == moves
