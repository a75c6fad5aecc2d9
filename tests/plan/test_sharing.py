"""Blocks as special cases of others: only where they are."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.expressions import ZERO, Expression, reference
from qeras.plan.blocks import Block, block
from qeras.plan.factors import Constant, Factor, Permutation, Phase, RealRotation
from qeras.plan.sharing import as_special_case, shared

AXES = (0, 1)
W = [reference("weights", index) for index in range(8)]
FLIP = Permutation((1,), np.array([1, 0]))
REFLECTION = Constant((0,), np.array([[0.6, 0.8], [0.8, -0.6]]))


def rotation(axis: int, angle: Expression) -> RealRotation:
    return RealRotation((axis,), np.full(2, 0.5), np.array([[0.0, -1.0], [1.0, 0.0]]), angle)


def phase(axis: int, angle: Expression) -> Phase:
    return Phase((axis,), np.array([-0.5, 0.5]), angle)


def block_of(*factors: Factor) -> Block:
    return block(factors, AXES, real=False)


BOTH = block_of(phase(0, W[0]), rotation(0, W[1]), rotation(1, W[2]), phase(0, W[3]))


def test_missing_angles_are_zero() -> None:
    found = as_special_case(block_of(phase(0, W[4]), rotation(1, W[5])), BOTH)
    assert found is not None
    assert found.signature() == BOTH.signature()
    assert found.stages[0].angles == (ZERO, W[5], W[4], ZERO)


@pytest.mark.parametrize("other", [
    block_of(rotation(0, W[4]), FLIP, phase(0, W[5])),  # another permutation
    block_of(rotation(0, W[4]), rotation(1, W[4]), phase(0, W[5])),  # one angle for both
    block_of(phase(1, W[4]), rotation(0, W[5]), rotation(1, W[6])),  # a phase of another wire
    block_of(rotation(0, W[4])),  # no phases, and so without Psi
    block_of(REFLECTION),  # no angles at all
])  # fmt: skip
def test_what_is_no_special_case(other: Block) -> None:
    assert as_special_case(other, BOTH) is None


def test_inner_constants_must_be_equal() -> None:
    """Two stages with a constant between, once another one."""
    parts: list[Factor] = [phase(0, W[0]), rotation(0, W[1]), phase(0, W[2])]
    one, other = block_of(*parts, REFLECTION, *parts), block_of(*parts, REFLECTION, FLIP, *parts)
    assert one.constants[1] is not None
    assert other.constants[1] is not None
    assert as_special_case(one, other) is None


def test_special_cases_are_of_one_group() -> None:
    part = block_of(phase(0, W[4]), rotation(1, W[5]))
    flipped = block_of(rotation(0, W[4]), FLIP, phase(0, W[5]))
    blocks, groups = shared([part, flipped, BOTH, part])
    assert sorted(map(sorted, groups)) == [[0, 2, 3], [1]]
    assert blocks[1] is flipped
    assert blocks[2] is BOTH
