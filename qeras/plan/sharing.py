"""Blocks that hold some of another's rotations, written as that block with angles of zero.

The last layer of a circuit often lacks what no measurement sees, and the first one what
acts before windows meet; so they are built together with the layers between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.blocks import Block, StageArrays, as_bytes

TOLERANCE = 1e-12
DIGITS = 12


def shared(blocks: Sequence[Block]) -> tuple[list[Block], list[list[int]]]:
    """The blocks, some as others with angles of zero, and the numbers of those built alike."""
    alike: dict[tuple, list[int]] = {}
    for number, item in enumerate(blocks):
        alike.setdefault(item.signature(), []).append(number)
    result = list(blocks)
    groups: list[list[int]] = []
    for numbers in sorted(alike.values(), key=lambda own: -_angles(blocks[own[0]])):
        for other in groups:
            found = [as_special_case(blocks[number], result[other[0]]) for number in numbers]
            written = [item for item in found if item is not None]
            if len(written) == len(numbers):
                for number, item in zip(numbers, written, strict=True):
                    result[number] = item
                other += numbers
                break
        else:
            groups.append(list(numbers))
    return result, groups


def as_special_case(item: Block, other: Block) -> Block | None:
    """The block as `other` with some angles zero, if it is."""
    inner, other_inner = item.constants[1:-1], other.constants[1:-1]
    if not item.stages or item.shape() != other.shape():
        return None
    if list(map(as_bytes, inner)) != list(map(as_bytes, other_inner)):
        return None
    found = [_special_stage(*pair) for pair in zip(item.stages, other.stages, strict=True)]
    stages = tuple(stage for stage in found if stage is not None)
    return replace(item, stages=stages) if len(stages) == len(found) else None


def _angles(item: Block) -> int:
    return sum(len(stage.angles) for stage in item.stages)


def _special_stage(stage: StageArrays, other: StageArrays) -> StageArrays | None:
    support = np.abs(stage.coefficients).max(axis=0) > 0
    place = _places(_slopes(stage, support), _slopes(other, support))
    if place is None:
        return None
    # Trigonometric polynomials that agree at a generic point agree everywhere.
    own = np.random.default_rng(0).uniform(1, 2, len(place))
    angles = np.zeros(len(other.angles))
    angles[place] = own
    if np.abs(_value(stage, own) - _value(other, angles)).max() > TOLERANCE:
        return None
    expressions: list[Expression] = [ZERO] * len(other.angles)
    for position, angle in zip(place, stage.angles, strict=True):
        expressions[position] = angle
    return replace(other, angles=tuple(expressions))


def _places(own: list[tuple], others: list[tuple]) -> list[int] | None:
    """For each of the first list its place in the second, in order; None if one is missing."""
    place: list[int] = []
    for key in own:
        free = [index for index, other in enumerate(others) if other == key and index not in place]
        if not free:
            return None
        place.append(free[0])
    return place


def _slopes(stage: StageArrays, support: np.ndarray) -> list[tuple]:
    """What tells the angles apart: K's derivative where all are zero, and the rates of Psi
    where the entry is not zero without the angles that are missing."""
    slopes = -np.sin(stage.offsets) * stage.frequencies
    derivative = np.round(np.tensordot(slopes, stage.coefficients, axes=1), DIGITS) + 0.0
    rates = np.zeros(derivative.shape) if stage.rates is None else stage.rates * support + 0.0
    return [(as_bytes(own), as_bytes(rate)) for own, rate in zip(derivative, rates, strict=True)]


def _value(stage: StageArrays, angles: np.ndarray) -> np.ndarray:
    """The stage's matrix, (size, size)."""
    waves = np.cos(angles @ stage.frequencies + stage.offsets)
    amplitude = np.tensordot(waves, stage.coefficients, axes=1)
    if stage.rates is None or stage.phases is None:
        return amplitude
    return amplitude * np.exp(1j * (np.tensordot(angles, stage.rates, axes=1) + stage.phases))
