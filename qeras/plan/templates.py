"""Blocks -> templates: constants and rotations of one block as stages of one matrix.

A stage is a rotation with the constant before it: rows of `cosine` (the constant) and
`sine` (the rotation's turn times the constant) scaled by cos and sin of the angles.
Blocks whose stages are equal share a template, so that all are built at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qeras.circuit.expressions import Constant as ConstantExpression
from qeras.circuit.expressions import Expression
from qeras.plan.factors import Constant, Factor, Permutation, Phase, RealRotation
from qeras.plan.lowering import embed, embed_source, embed_vector


@dataclass(eq=False)
class Stage:
    """cos and sin coefficients, and the rows' rates for each of its angles."""

    cosine: np.ndarray
    sine: np.ndarray
    rates: list[np.ndarray]
    angles: list[Expression]


def constant_matrix(factor: Factor, axes: Sequence[int]) -> np.ndarray | None:
    """The factor as a matrix on `axes`, or None if it depends on a parameter."""
    positions = tuple(axes.index(axis) for axis in factor.axes)
    if isinstance(factor, Constant):
        return embed(factor.matrix, positions, len(axes))
    if isinstance(factor, Permutation):
        return np.eye(2 ** len(axes))[embed_source(factor.source, positions, len(axes))]
    if isinstance(factor, Phase) and isinstance(factor.angle, ConstantExpression):
        generator = embed_vector(factor.generator, positions, len(axes))
        return np.diag(np.exp(1j * factor.angle.value * generator))
    return None


def complex_stages(factors: Sequence[Factor], axes: Sequence[int]) -> list[Stage]:
    """Stages of a block of any factors that do not depend on inputs."""
    before = np.eye(2 ** len(axes), dtype=complex)
    stages: list[Stage] = []
    for factor in factors:
        matrix = constant_matrix(factor, axes)
        if matrix is not None:
            before = matrix @ before
            continue
        rate, turn = _rate_and_turn(factor, axes)
        joins = isinstance(factor, Phase) and bool(stages) and _is_identity(before)
        if joins and stages[-1].sine is not None and _is_phase(stages[-1]):
            stages[-1].rates.append(rate)
            stages[-1].angles.append(factor.angle)  # type: ignore[union-attr]
            continue
        stages.append(Stage(before, turn @ before, [rate], [factor.angle]))  # type: ignore[union-attr]
        before = np.eye(2 ** len(axes), dtype=complex)
    if not stages or not _is_identity(before):
        stages.append(Stage(before, np.zeros_like(before), [], []))
    return stages


def _is_identity(matrix: np.ndarray) -> bool:
    return np.array_equal(matrix, np.eye(len(matrix)))


def _is_phase(stage: Stage) -> bool:
    return bool(np.array_equal(stage.sine, 1j * stage.cosine))


def _rate_and_turn(factor: Factor, axes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    positions = tuple(axes.index(axis) for axis in factor.axes)
    if isinstance(factor, Phase):
        rate = embed_vector(factor.generator, positions, len(axes))
        return rate, 1j * np.eye(len(rate))
    assert isinstance(factor, RealRotation)
    rate = embed_vector(factor.rate, positions, len(axes))
    return rate, embed(factor.turn, positions, len(axes))


@dataclass(frozen=True, eq=False)
class Block:
    """One matrix to build: its arrays and the expressions of its angles."""

    cosine: np.ndarray
    sine: np.ndarray
    rate: np.ndarray
    angles: tuple[Expression, ...]
    real: bool

    def signature(self) -> tuple:
        """Equal for blocks that are built alike."""
        arrays = (self.cosine, self.sine, self.rate)
        return (self.real, *((array.shape, array.tobytes()) for array in arrays))


def block(stages: Sequence[Stage], real: bool) -> Block:
    """The stages' arrays stacked, complex ones as real matrices of twice the size."""
    pack = np.real if real else _packed
    rates = [
        np.stack([np.tile(rate, 1 if real else 2) for rate in stage.rates], axis=-1)
        if stage.rates
        else np.zeros((len(stage.cosine) * (1 if real else 2), 0))
        for stage in stages
    ]
    columns = sum(rate.shape[1] for rate in rates)
    rows = len(rates[0])
    rate = np.zeros((len(stages) * rows, columns))
    column = 0
    for index, part in enumerate(rates):
        rate[index * rows : (index + 1) * rows, column : column + part.shape[1]] = part
        column += part.shape[1]
    cosine = np.stack([pack(stage.cosine) for stage in stages])
    sine = np.stack([pack(stage.sine) for stage in stages])
    angles = tuple(angle for stage in stages for angle in stage.angles)
    # Rounding keeps matrices that are equal but for the last bit in one template.
    return Block(np.round(cosine, 15) + 0.0, np.round(sine, 15) + 0.0, rate, angles, real)


def _packed(matrix: np.ndarray) -> np.ndarray:
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
