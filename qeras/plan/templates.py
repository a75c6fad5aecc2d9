"""Blocks -> templates: the stages of blocks as the arrays that build their matrices.

Complex matrices are held as real ones of twice the size, row and column 2n being the real
part of entry n and 2n + 1 its imaginary part: A + iB is A x 1 + B x [[0, -1], [1, 0]].
Each entry of K exp(i Psi) becomes K cos(Psi), K sin(Psi) = K cos(Psi - pi/2) and
-K sin(Psi) = K cos(Psi + pi/2), so that a complex stage is built by the same operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.factors import Factor
from qeras.plan.moves import Template
from qeras.plan.stages import Stage, stages_of
from qeras.plan.trigonometric import TOLERANCE, as_real

# Blocks of different constants are built together, the rarer kind padded to the number of
# the more frequent. A template takes about 17 operations forward and back, whatever its
# count; a padded matrix costs what another matrix costs.
MAX_PADDED = 4
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
        return (len(self.angles), *map(_bytes, arrays))


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
        """Equal for blocks that are built alike."""
        stages = tuple(stage.signature() for stage in self.stages)
        return (self.real, self.size, stages, tuple(map(_bytes, self.constants)))

    def shape(self) -> tuple:
        """Equal for blocks that may be built together, with constants of their own."""
        phases = any(stage.rates is not None for stage in self.stages)
        return (self.real, self.size, len(self.stages), phases)


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
            constants[-1] = _rounded(pack(stage.matrix))
    return Block(tuple(trained), tuple(constants), 2 ** len(axes) * (1 if real else 2), real)


def _rounded(array: np.ndarray) -> np.ndarray:
    """Keeps matrices that are equal but for the last bit in one template."""
    return np.round(array, 15) + 0.0


def _packed(matrix: np.ndarray) -> np.ndarray:
    """Real and imaginary part interleaved along both last axes."""
    parts = np.array([[matrix.real, -matrix.imag], [matrix.imag, matrix.real]])
    size = 2 * matrix.shape[-1]
    order = [*range(2, parts.ndim - 1), 0, parts.ndim - 1, 1]
    return parts.transpose(order).reshape(*matrix.shape[:-2], size, size)


def _spread(matrix: np.ndarray) -> np.ndarray:
    """Each entry in the four places of its packed form."""
    return np.kron(matrix, np.ones((2, 2)))


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
    quadrants = _spread(phase) + np.tile(QUADRANTS, phase.shape)
    frequencies = np.pad(waves.frequencies, ((0, len(angles) - len(own)), (0, 0)))
    spread = np.stack([_spread(matrix) for matrix in coefficients])
    return StageArrays(
        angles, frequencies, waves.offsets, _rounded(spread), rates, _rounded(quadrants)
    )


def _bytes(array: np.ndarray | None) -> tuple | None:
    return None if array is None else (array.shape, array.tobytes())


# ---------------------------------------------------------------------- templates


def templates_of(
    blocks: Sequence[Block], take: Callable[[Sequence[Expression]], int]
) -> tuple[list[Template], list[tuple[int, int]]]:
    """Templates that build the blocks, and for each block its (template, matrix).

    `take` gives expressions the slots of shared angles that begin where it returns."""
    alike: dict[tuple, list[int]] = {}
    for number, item in enumerate(blocks):
        alike.setdefault(item.signature(), []).append(number)
    templates: list[Template] = []
    place: list[tuple[int, int]] = [(-1, -1)] * len(blocks)
    for variants in _together(list(alike.values()), blocks):
        count = max(map(len, variants))
        for variant, numbers in enumerate(variants):
            for index, number in enumerate(numbers):
                place[number] = (len(templates), variant * count + index)
        members = [[blocks[number] for number in numbers] for numbers in variants]
        templates.append(_template(members, count, take))
    return templates, place


def _together(alike: list[list[int]], blocks: Sequence[Block]) -> list[list[list[int]]]:
    """Lists of blocks with equal signature, gathered into those built by one template."""
    found: list[list[list[int]]] = []
    for numbers in alike:
        own = blocks[numbers[0]]
        for variants in found:
            same = own.stages and blocks[variants[0][0]].shape() == own.shape()
            if same and _padded([*variants, numbers]) <= MAX_PADDED:
                variants.append(numbers)
                break
        else:
            found.append([numbers])
    return found


def _padded(variants: list[list[int]]) -> int:
    """How many matrices are built for nothing."""
    return len(variants) * max(map(len, variants)) - sum(map(len, variants))


def _template(
    variants: list[list[Block]], count: int, take: Callable[[Sequence[Expression]], int]
) -> Template:
    firsts = [members[0] for members in variants]
    size, stages = firsts[0].size, len(firsts[0].stages)
    if not stages:
        return Template.constant(_identity_or(firsts[0].constants[-1], size), firsts[0].real)
    parts = [stage for first in firsts for stage in first.stages]
    angles = max(len(part.angles) for part in parts)
    waves = max(part.frequencies.shape[1] for part in parts)
    has_phases = any(part.rates is not None for part in parts)
    frequencies = np.stack([_grown(part.frequencies, angles, waves) for part in parts])
    offsets = np.stack([_grown(part.offsets[None], 1, waves) for part in parts])
    if has_phases:
        rates = np.stack([_flat_rates(part, angles) for part in parts])
        quadrants = np.stack([part.quadrants.reshape(1, -1) for part in parts])
        frequencies = np.concatenate([frequencies, rates], axis=2)
        offsets = np.concatenate([offsets, quadrants], axis=2)
    flat = [part.coefficients.reshape(-1, size * size) for part in parts]
    before, between, after = _constants_of(firsts)
    return Template(
        frequencies,
        offsets,
        np.stack([_grown(one, waves, size * size) for one in flat]),
        before,
        between,
        after,
        len(variants),
        count,
        take(_slots(variants, count, angles)),
        firsts[0].real,
        _users(list(map(len, variants)), count),
    )


def _users(used: list[int], count: int) -> np.ndarray | None:
    """For each matrix its number among those used, 0 for padding; see `Template`."""
    if min(used) == count:
        return None
    real = np.concatenate([np.arange(count) < number for number in used])
    return np.where(real, np.cumsum(real) - 1, 0)


def _slots(variants: list[list[Block]], count: int, angles: int) -> list[Expression]:
    """Expressions by variant, stage, matrix and angle."""
    padding = [ZERO] * angles
    rows: list[Expression] = []
    for members in variants:
        for stage in range(len(members[0].stages)):
            for member in members:
                own = member.stages[stage].angles
                rows += [*own, *padding[len(own) :]]
            rows += padding * (count - len(members))
    return rows


def _flat_rates(part: StageArrays, angles: int) -> np.ndarray:
    """(angles, size * size)"""
    flat = np.zeros((angles, part.quadrants.size))
    if part.rates is not None:
        flat[: len(part.rates)] = part.rates.reshape(len(part.rates), -1)
    return flat


def _grown(array: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """With rows and columns of zeros at the end."""
    return np.pad(array, ((0, rows - array.shape[0]), (0, columns - array.shape[1])))


def _constants_of(
    firsts: list[Block],
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Constants before all stages, before each stage, and after all, of each variant.

    What acts before all stages is among those before each stage if there are any."""
    rows = [[_identity_or(one, first.size) for one in first.constants] for first in firsts]
    before, after = (np.stack([row[end] for row in rows]) for end in (0, -1))
    every = np.stack([matrix for row in rows for matrix in row[:-1]])
    inner = [matrix for row in rows for matrix in row[1:-1]]
    if all(map(_is_identity, inner)):
        return _unless_identity(before), None, _unless_identity(after)
    return None, every, _unless_identity(after)


def _identity_or(matrix: np.ndarray | None, size: int) -> np.ndarray:
    return np.eye(size) if matrix is None else matrix


def _is_identity(matrix: np.ndarray) -> bool:
    return np.array_equal(matrix, np.eye(len(matrix)))


def _unless_identity(matrices: np.ndarray) -> np.ndarray | None:
    return None if all(map(_is_identity, matrices)) else matrices
