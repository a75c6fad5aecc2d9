"""Stages -> blocks: the numbers that build one matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from qeras.circuit.expressions import Constant, Expression
from qeras.plan.factors import Factor
from qeras.plan.stages import Stage, stages_of
from qeras.plan.trigonometric import as_real


@dataclass(frozen=True, eq=False)
class StageArrays:
    """One stage's numbers: the matrix K, or K * exp(i Psi), entry by entry.

    Attributes:
        angles: expressions in radians.
        frequencies: (angles, waves).
        offsets: (waves,), in radians.
        coefficients: (waves, size, size) of K; complex only where there is no Psi.
        rates: (angles, size, size) of Psi, or None if there is none.
        phases: (size, size), Psi's constant part in radians, or None.
    """

    angles: tuple[Expression, ...]
    frequencies: np.ndarray
    offsets: np.ndarray
    coefficients: np.ndarray
    rates: np.ndarray | None = None
    phases: np.ndarray | None = None

    def signature(self) -> tuple:
        """Equal for stages that differ in their expressions alone."""
        arrays = (
            self.frequencies, self.offsets, self.coefficients, self.rates, self.phases
        )  # fmt: skip
        return (len(self.angles), *map(as_bytes, arrays))


@dataclass(frozen=True, eq=False)
class Block:
    """One matrix to build: trained stages with constants between.

    Attributes:
        stages: the first applied first; none if the matrix is constant.
        constants: `constants[s]` acts before stage s, the last after all; None for identity.
        size: rows of the matrix.
        real: whether it is real, so that it acts on real and imaginary part alike.
    """

    stages: tuple[StageArrays, ...]
    constants: tuple[np.ndarray | None, ...]
    size: int
    real: bool

    def signature(self) -> tuple:
        """Equal for blocks that differ in angles and outer constants alone."""
        stages = tuple(stage.signature() for stage in self.stages)
        constants = self.constants[1:-1] if self.stages else self.constants
        return (self.real, self.size, stages, tuple(map(as_bytes, constants)))

    def shape(self) -> tuple:
        """Equal for blocks that may be variants of one template."""
        phases = any(stage.rates is not None for stage in self.stages)
        return (self.real, self.size, len(self.stages), phases)


@dataclass(eq=False)
class BlockMaker:
    """Makes blocks; those of factors that differ in their angles alone are multiplied out
    once, as the layers of a circuit mostly do."""

    _made: dict[tuple, tuple[Block, list[Expression]]] = field(default_factory=dict)

    def block(self, factors: Sequence[Factor], axes: tuple[int, ...], real: bool) -> Block:
        """See `block`."""
        angles: dict[Expression, int] = {}
        parts = tuple(_key(factor, axes, angles) for factor in factors)
        key = (len(axes), real, parts)
        if key not in self._made:
            self._made[key] = block(factors, axes, real), list(angles)
        made, before = self._made[key]
        return _with_angles(made, dict(zip(before, angles, strict=True)))


def _key(factor: Factor, axes: tuple[int, ...], angles: dict[Expression, int]) -> tuple:
    """Equal for factors that give the same numbers; the angles are counted in `angles`."""
    parts: list[object] = [type(factor), *map(axes.index, factor.axes)]
    for one in fields(factor):
        value = getattr(factor, one.name)
        if isinstance(value, np.ndarray):
            parts.append(as_bytes(value))
        elif one.name == "basis":
            parts += [(*map(factor.axes.index, s.axes), as_bytes(s.matrix)) for s in value]
        elif one.name == "angle" and not isinstance(value, Constant):
            parts.append(angles.setdefault(value, len(angles)))
        elif one.name == "angle":
            parts.append(repr(value.value))
        elif one.name != "axes":
            parts.append(value)
    return tuple(parts)


def _with_angles(made: Block, angles: Mapping[Expression, Expression]) -> Block:
    return replace(
        made,
        stages=tuple(
            replace(stage, angles=tuple(angles[angle] for angle in stage.angles))
            for stage in made.stages
        ),
    )


def block(factors: Sequence[Factor], axes: tuple[int, ...], real: bool) -> Block:
    """The product of factors that do not depend on inputs, on `axes`.

    Args:
        factors: the first applied first.
        axes: of the block, most significant first.
        real: whether all factors are real.
    """
    trained: list[StageArrays] = []
    constants: list[np.ndarray | None] = [None]
    for stage in stages_of(factors, axes):
        if stage.trained:
            trained.append(_arrays(stage, real))
            constants.append(None)
        else:
            matrix = _rounded(stage.matrix.real if real else stage.matrix)
            constants[-1] = None if is_identity(matrix) else matrix
    return Block(tuple(trained), tuple(constants), 2 ** len(axes), real)


def _rounded(array: np.ndarray) -> np.ndarray:
    """Keeps matrices that are equal but for the last bit in one template."""
    return np.round(array, 15) + 0.0


def _arrays(stage: Stage, real: bool) -> StageArrays:
    waves, own = stage.polynomial.waves(), stage.polynomial.angles
    if not stage.phases:
        coefficients = _rounded(waves.coefficients.real if real else waves.coefficients)
        return StageArrays(own, waves.frequencies, waves.offsets, coefficients)
    split = as_real(waves.coefficients)
    assert split is not None  # a stage takes no phase otherwise
    coefficients, phases = map(_rounded, split)
    angles = tuple(dict.fromkeys((*own, *stage.phases)))
    zeros = np.zeros(phases.shape)
    rates = _rounded(np.stack([stage.phases.get(angle, zeros) for angle in angles]))
    frequencies = np.pad(waves.frequencies, ((0, len(angles) - len(own)), (0, 0)))
    return StageArrays(angles, frequencies, waves.offsets, coefficients, rates, phases)


def as_bytes(array: np.ndarray | None) -> tuple | None:
    return None if array is None else (array.shape, array.tobytes())


def is_identity(matrix: np.ndarray) -> bool:
    return np.array_equal(matrix, np.eye(len(matrix)))
