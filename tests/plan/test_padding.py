"""Phases of repeated layers written alike: the same phases, and only where it makes a loop."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from qeras.circuit.expressions import ZERO, Expression, Reference, reference
from qeras.plan.moves import ApplyPhase, Move, Permute, PhaseTerms, Repeat
from qeras.plan.padding import MAX_ADDED, Angles, padded
from qeras.plan.roll import Roller
from qeras.plan.simplify import inverse_of, permute

WIDTH = 3
SIZE = 2**WIDTH
GENERATORS = np.random.default_rng(0).normal(size=(SIZE, 20))
VALUES = np.random.default_rng(1).normal(size=100)


def random_terms(
    generator: np.random.Generator, expressions: list[Expression], pool: int
) -> PhaseTerms:
    """Some of the generators, in any order, some angles on two of them."""
    columns = generator.permutation(pool)[: generator.integers(1, pool + 1)]
    index = np.sort(generator.integers(0, len(columns), len(columns)))
    index = np.unique(index, return_inverse=True)[1]
    slots = int(index.max()) + 1
    start = len(expressions)
    expressions += [reference("weights", start + slot) for slot in range(slots)]
    moved = generator.random() < 0.5
    source = generator.permutation(SIZE) if moved else None
    return PhaseTerms(
        GENERATORS[:, columns],
        np.ones((1, len(columns))),
        start,
        slots,
        index if slots < len(columns) else None,
        source,
        None if source is None else inverse_of(source),
    )


def phase_of(terms: tuple[PhaseTerms, ...], expressions: list[Expression]) -> np.ndarray:
    total = np.zeros(SIZE)
    for one in terms:
        used = expressions[one.start : one.start + one.slots]
        angles = np.array([0.0 if e is ZERO else VALUES[cast(Reference, e).index] for e in used])
        own = one.left @ (angles if one.angle is None else angles[one.angle])
        total += own if one.source is None else own[one.source]
    return total


@pytest.mark.parametrize("seed", range(20))
def test_padded_phases_are_the_same(seed: int) -> None:
    generator = np.random.default_rng(seed)
    angles = Angles([], [])
    phases = [
        ApplyPhase(
            tuple(
                random_terms(generator, angles.shared, 4) for _ in range(generator.integers(0, 3))
            ),
            (random_terms(generator, angles.per_sample, 4),),
            False,
        )
        for _ in range(4)
    ]
    before = [
        (phase_of(one.shared, angles.shared), phase_of(one.per_sample, angles.per_sample))
        for one in phases
    ]
    found = padded(Repeat(tuple((one,) for one in phases)), angles)
    if found is None:
        return  # too many angles
    moves = [move for (move,) in found.iterations]
    for move, (shared, own) in zip(moves, before, strict=True):
        assert isinstance(move, ApplyPhase)
        np.testing.assert_allclose(phase_of(move.shared, angles.shared), shared, atol=1e-12)
        np.testing.assert_allclose(phase_of(move.per_sample, angles.per_sample), own, atol=1e-12)
    roller = Roller([], padded_never, 1)
    (step,) = roller.roll(moves)
    assert isinstance(step, Repeat)


def padded_never(repeat: Repeat) -> Repeat | None:
    raise AssertionError("Nothing to pad")


def phase(columns: list[int], angles: list[Expression]) -> ApplyPhase:
    start = len(angles)
    angles += [reference("weights", column) for column in columns]
    terms = PhaseTerms(GENERATORS[:, columns], np.ones((1, len(columns))), start, len(columns))
    return ApplyPhase((terms,), (), False)


def swap() -> Permute:
    return permute(np.arange(SIZE)[::-1])


def test_what_a_layer_lacks_has_angle_zero() -> None:
    angles = Angles([], [])
    layers = [[0, 1, 2], [0, 1, 2], [0, 2]]
    moves: list[Move] = [move for own in layers for move in (swap(), phase(own, angles.shared))]
    (repeat,) = Roller([], lambda one: padded(one, angles), 1).roll(moves)
    assert isinstance(repeat, Repeat)
    assert len(repeat.iterations) == 3
    (last,) = repeat.iterations[-1][1].shared  # type: ignore[union-attr]
    own = angles.shared[last.start : last.start + last.slots]
    assert own == [reference("weights", 0), ZERO, reference("weights", 2)]


def test_a_layer_without_its_phase() -> None:
    angles = Angles([], [])
    moves: list[Move] = [swap(), phase([0], angles.shared), swap(), phase([0], angles.shared)]
    (repeat,) = Roller([], lambda one: padded(one, angles), 1).roll([*moves, swap()])
    assert isinstance(repeat, Repeat)
    assert len(repeat.iterations) == 3


def test_equal_layers_are_not_padded() -> None:
    angles = Angles([], [])
    moves = [move for _ in range(4) for move in (swap(), phase([0, 1], angles.shared))]
    (repeat,) = Roller([], padded_never, 1).roll(moves)
    assert isinstance(repeat, Repeat)


def test_too_many_angles() -> None:
    """Layers that have nothing in common stay as they are."""
    angles = Angles([], [])
    layers = [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]
    assert sum(map(len, layers)) > 2 + MAX_ADDED
    moves: list[Move] = [move for own in layers for move in (swap(), phase(own, angles.shared))]
    assert Roller([], lambda one: padded(one, angles), 1).roll(moves) == moves


def test_a_loop_that_is_not_worth_it() -> None:
    angles = Angles([], [])
    moves: list[Move] = [move for _ in range(4) for move in (swap(), phase([0], angles.shared))]
    assert Roller([], padded_never, 7).roll(moves) == moves
    assert len(Roller([], padded_never, 6).roll(moves)) == 1
