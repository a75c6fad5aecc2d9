"""Constants and rotations of one block -> few stages whose product is the block.

A stage is K * exp(i Psi), entry by entry: K a trigonometric polynomial of angles, Psi
linear in angles. K takes rotations that follow each other, Psi the phases before them (by
column) and after them (by row). Permutations and constant phases join any stage; another
constant joins where no trained phase is in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qeras.circuit.expressions import Expression
from qeras.plan.factors import Factor, Phase, RealRotation, Rotated
from qeras.plan.trigonometric import (
    DIGITS,
    TOLERANCE,
    Polynomial,
    Spectrum,
    as_real,
    constant_matrix,
    generator_on,
    identity,
    is_constant,
    spectrum,
)

# A pattern is two products of an angle's cosine or sine with a matrix: 4 size**2 operations.
# Multiplying two stages takes 2 size**3, as much as 16 patterns at size 32 and 32 at size
# 64, and every stage has patterns of its own. Below these sizes neither costs anything.
MAX_PATTERNS = 32


@dataclass(frozen=True, eq=False)
class Stage:
    """The matrix `polynomial * exp(i sum_a angle[a] * phases[a])`, entry by entry.

    Attributes:
        polynomial: K times constant phases. If there are `phases`, K is real.
        phases: for each angle, in radians, its rates (size, size); zero where K is zero.
    """

    polynomial: Polynomial
    phases: dict[Expression, np.ndarray]

    @property
    def trained(self) -> bool:
        return bool(self.polynomial.angles or self.phases)

    @property
    def matrix(self) -> np.ndarray:
        """Of a stage that is not trained."""
        return self.polynomial.coefficients.sum(axis=0)


def stages_of(factors: Sequence[Factor], axes: tuple[int, ...]) -> list[Stage]:
    """Stages whose product, the first applied first, is that of the factors on `axes`.

    The factors depend on no inputs. No two neighbours are both constant."""
    empty = Stage(identity(2 ** len(axes)), {})
    if not factors:
        return [empty]
    stages: list[Stage] = []
    position = 0
    while position < len(factors):
        stage, position = _longest(empty, factors, position, axes)
        stages.append(stage)
    return stages


def _longest(
    empty: Stage, factors: Sequence[Factor], start: int, axes: tuple[int, ...]
) -> tuple[Stage, int]:
    """(a stage that begins with factor `start`, the first factor that is not in it).

    Constants at its beginning are left alone if the stage gets further without them."""
    stop = start
    while stop < len(factors) and is_constant(factors[stop]):
        stop += 1
    constant, _ = _extended(empty, factors[:stop], start, axes)
    with_constant, reached = _extended(constant, factors, stop, axes)
    if not _is_monomial(constant.matrix) and _extended(empty, factors, stop, axes)[1] > reached:
        return constant, stop
    return with_constant, reached


def _extended(
    stage: Stage, factors: Sequence[Factor], start: int, axes: tuple[int, ...]
) -> tuple[Stage, int]:
    """(the stage with all factors from `start` that join it, the first that does not).

    A constant that does not join takes those just before it along: they cost nothing in
    its matrix, and more stages are equal without them."""
    trained = stage, start
    for position in range(start, len(factors)):
        joined = _joined(stage, factors[position], axes)
        if joined is None:
            return trained if is_constant(factors[position]) else (stage, position)
        stage = joined
        if not is_constant(factors[position]):
            trained = stage, position + 1
    return stage, len(factors)


def _joined(stage: Stage, factor: Factor, axes: tuple[int, ...]) -> Stage | None:
    """The factor times the stage as one stage, if it can be one."""
    matrix = constant_matrix(factor, axes)
    if matrix is not None:
        return _multiplied(stage, {0.0: matrix}, None)
    if isinstance(factor, Phase):
        return _with_phase(stage, generator_on(factor, axes), factor.angle)
    assert isinstance(factor, RealRotation | Rotated)
    return _multiplied(stage, spectrum(factor, axes), factor.angle)


def _with_phase(stage: Stage, generator: np.ndarray, angle: Expression) -> Stage | None:
    polynomial = stage.polynomial
    if not stage.phases and as_real(polynomial.waves().coefficients) is None:
        return None
    rates = stage.phases.get(angle, 0.0) + generator[:, None] * polynomial.support()
    return Stage(polynomial, {**stage.phases, angle: rates})


def _multiplied(stage: Stage, spectrum: Spectrum, angle: Expression | None) -> Stage | None:
    """A polynomial in one angle times the stage."""
    before = stage.polynomial
    polynomial = before.multiplied(spectrum, angle)
    if angle is not None and before.angles and polynomial.patterns() > MAX_PATTERNS:
        return None
    if not stage.phases:
        return Stage(polynomial, {})
    mixed = np.abs(np.stack(list(spectrum.values()))).sum(axis=0) > TOLERANCE
    phases = {}
    for own, rates in stage.phases.items():
        moved = _moved(mixed, before.support(), rates)
        if moved is None:
            return None
        phases[own] = moved * polynomial.support()
    if as_real(polynomial.waves().coefficients) is None:
        return None
    return Stage(polynomial, phases)


def _moved(mixed: np.ndarray, support: np.ndarray, rates: np.ndarray) -> np.ndarray | None:
    """Rates after a product that takes row r from the rows that `mixed[r]` marks; None if
    entries of different rates are added."""
    mixing = mixed.astype(float)
    count = mixing @ support
    total, squares = mixing @ rates, mixing @ rates**2
    # Numbers are all equal where the mean of their squares is the square of their mean.
    if np.abs(count * squares - total**2).max() > TOLERANCE * max(1.0, np.abs(rates).max() ** 2):
        return None
    return np.round(total / np.maximum(count, 1), DIGITS)


def _is_monomial(matrix: np.ndarray) -> bool:
    """Whether each row has one entry, so that the matrix joins any stage."""
    return bool(np.all(np.sum(np.abs(matrix) > TOLERANCE, axis=1) == 1))
