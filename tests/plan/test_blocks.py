"""Blocks that are made once for factors that differ in their angles alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qeras.circuit.expressions import Expression, constant, reference
from qeras.plan.blocks import Block, BlockMaker, block
from qeras.plan.factors import Constant, Factor, Permutation, Phase, RealRotation, Rotated

AXES = (3, 5)
HALF = np.array([0.5, -0.5])
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])
HADAMARD = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)
A, B, C = (reference("weights", index) for index in range(3))


def factors(first: Expression, second: Expression, third: Expression) -> list[Factor]:
    return [
        RealRotation((3,), np.array([0.5, 0.5]), TURN, first),
        Phase((5,), -HALF, second),
        Permutation(AXES, np.array([0, 1, 3, 2])),
        Rotated((5,), -HALF, (Constant((5,), HADAMARD),), third),
    ]


def assert_same(found: Block, expected: Block) -> None:
    assert found.signature() == expected.signature()
    assert [stage.angles for stage in found.stages] == [stage.angles for stage in expected.stages]


def check(made: Sequence[list[Factor]], axes: tuple[int, ...] = AXES) -> None:
    maker = BlockMaker()
    for own in made:
        assert_same(maker.block(own, axes, False), block(own, axes, False))


def test_other_angles() -> None:
    check([factors(A, B, C), factors(C, A, B)])


def test_angles_that_are_one() -> None:
    check([factors(A, B, C), factors(A, A, C), factors(A, B, A), factors(B, C, B)])


def test_constant_angles() -> None:
    check([factors(A, constant(0.3), C), factors(A, constant(0.4), C), factors(A, B, C)])


def test_other_numbers_and_axes() -> None:
    other = factors(A, B, C)
    other[1] = Phase((3,), -HALF, B)
    third = factors(A, B, C)
    third[1] = Phase((5,), -2 * HALF, B)
    fourth = factors(A, B, C)
    fourth[3] = Rotated((5,), -HALF, (Constant((5,), HADAMARD @ np.diag([1, 1j])),), C)
    check([factors(A, B, C), other, third, fourth])
    check([factors(A, B, C), other], (5, 3))
