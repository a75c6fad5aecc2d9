"""Stages -> blocks: the numbers that build one matrix.

A complex matrix A + iB is held as the real one [[A, -B], [B, A]] of twice the size.
Each entry of K exp(i Psi) becomes K cos(Psi), K sin(Psi) = K cos(Psi - pi/2) and
-K sin(Psi) = K cos(Psi + pi/2), so that a complex stage is built by the same operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from qeras.circuit.expressions import Constant, Expression
from qeras.plan.factors import Factor
from qeras.plan.stages import Stage, stages_of
from qeras.plan.trigonometric import as_real

# cos(Psi + quadrant) for real and imaginary part of the row (first) and of the column.
QUADRANTS = np.array([[0.0, np.pi / 2], [-np.pi / 2, 0.0]])


@dataclass(frozen=True, eq=False)
class StageArrays:
    """One stage's numbers, for matrices of real `size`.

    Attributes:
        angles: expressions in radians.
        frequencies: (angles, waves).
        offsets: (waves,), in radians.
        coefficients: (waves, size, size), real.
        rates: (angles, size, size) of Psi, or None if it has none.
        quadrants: (size, size), Psi's constant part in radians.
    """

    angles: tuple[Expression, ...]
    frequencies: np.ndarray
    offsets: np.ndarray
    coefficients: np.ndarray
    rates: np.ndarray | None
    quadrants: np.ndarray

    def signature(self) -> tuple:
        """Equal for stages that differ in their expressions alone."""
        arrays = (
            self.frequencies, self.offsets, self.coefficients, self.rates, self.quadrants
        )  # fmt: skip
        return (len(self.angles), *map(as_bytes, arrays))


@dataclass(frozen=True, eq=False)
class Block:
    """One matrix to build: trained stages with constants between.

    Attributes:
        stages: the first applied first; none if the matrix is constant.
        constants: `constants[s]` acts before stage s, the last after all; None for identity.
        size: of the real matrix.
        real: whether it acts on real and imaginary part alike.
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
        real: whether all factors are real and so the matrix need not be packed.
    """
    pack = np.real if real else _packed
    trained: list[StageArrays] = []
    constants: list[np.ndarray | None] = [None]
    for stage in stages_of(factors, axes):
        if stage.trained:
            trained.append(_real_arrays(stage) if real else _packed_arrays(stage))
            constants.append(None)
        else:
            matrix = _rounded(pack(stage.matrix))
            constants[-1] = None if is_identity(matrix) else matrix
    return Block(tuple(trained), tuple(constants), 2 ** len(axes) * (1 if real else 2), real)


def _rounded(array: np.ndarray) -> np.ndarray:
    """Keeps matrices that are equal but for the last bit in one template."""
    return np.round(array, 15) + 0.0


def _packed(matrix: np.ndarray) -> np.ndarray:
    """[[A, -B], [B, A]] along the last two axes."""
    return np.block([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])


def _spread(matrix: np.ndarray) -> np.ndarray:
    """Each entry in the four places of its packed form."""
    return np.tile(matrix, (2, 2))


def _real_arrays(stage: Stage) -> StageArrays:
    waves = stage.polynomial.waves()
    return StageArrays(
        stage.polynomial.angles,
        waves.frequencies,
        waves.offsets,
        _rounded(waves.coefficients.real),
        None,
        np.zeros(waves.coefficients.shape[1:]),
    )


def _packed_arrays(stage: Stage) -> StageArrays:
    waves, own = stage.polynomial.waves(), stage.polynomial.angles
    if not stage.phases:
        packed = _rounded(_packed(waves.coefficients))
        zeros = np.zeros(packed.shape[1:])
        return StageArrays(own, waves.frequencies, waves.offsets, packed, None, zeros)
    split = as_real(waves.coefficients)
    assert split is not None  # a stage takes no phase otherwise
    coefficients, phase = split
    angles = tuple(dict.fromkeys((*own, *stage.phases)))
    zeros = np.zeros(phase.shape)
    rates = np.stack([_spread(stage.phases.get(angle, zeros)) for angle in angles])
    quadrants = _spread(phase) + np.kron(QUADRANTS, np.ones(phase.shape))
    frequencies = np.pad(waves.frequencies, ((0, len(angles) - len(own)), (0, 0)))
    spread = np.stack([_spread(matrix) for matrix in coefficients])
    return StageArrays(
        angles, frequencies, waves.offsets, _rounded(spread), _rounded(rates), _rounded(quadrants)
    )


def as_bytes(array: np.ndarray | None) -> tuple | None:
    return None if array is None else (array.shape, array.tobytes())


def is_identity(matrix: np.ndarray) -> bool:
    return np.array_equal(matrix, np.eye(len(matrix)))
