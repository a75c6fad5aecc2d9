"""Factors: what operations become before they are grouped into moves.

Axes are positions in the state, most significant first. Every factor acts on the
state as written, a later factor after an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from qeras.circuit.expressions import Expression


@dataclass(frozen=True, eq=False)
class Constant:
    """A matrix without parameters, `2**len(axes)` square; `unitary` unless it is a channel's."""

    axes: tuple[int, ...]
    matrix: np.ndarray
    unitary: bool = True


@dataclass(frozen=True, eq=False)
class Permutation:
    """New amplitude k is old amplitude `source[k]`."""

    axes: tuple[int, ...]
    source: np.ndarray


@dataclass(frozen=True, eq=False)
class Phase:
    """Multiply amplitude k by `exp(i angle generator[k])`."""

    axes: tuple[int, ...]
    generator: np.ndarray
    angle: Expression


@dataclass(frozen=True, eq=False)
class RealRotation:
    """Column k of the matrix is `cos(angle rate[k]) e_k + sin(angle rate[k]) turn[:, k]`.

    RY is the case rate = 1/2 and turn = [[0, -1], [1, 0]]."""

    axes: tuple[int, ...]
    rate: np.ndarray
    turn: np.ndarray
    angle: Expression


@dataclass(frozen=True, eq=False)
class Rotated:
    """A phase in another basis: V exp(i angle d) V^-1.

    Attributes:
        axes: of d, controls included.
        generator: d.
        basis: V as constants, the first applied first.
        angle: in radians.
    """

    axes: tuple[int, ...]
    generator: np.ndarray
    basis: tuple[Constant, ...]
    angle: Expression

    def as_phase(self) -> list[Factor]:
        """V^-1, the phase, V."""
        undo = [Constant(step.axes, step.matrix.conj().T) for step in reversed(self.basis)]
        return [*undo, Phase(self.axes, self.generator, self.angle), *self.basis]


@dataclass(frozen=True, eq=False)
class Entries:
    """A matrix ("matrix"), a diagonal ("diagonal") or a start vector ("state") whose
    entries are expressions: all real parts, then all imaginary parts, row by row. Of an
    "evolution" they are those of a Hermitian G, and exp(iG) is applied.

    Nothing is assumed of the others: they may be far from unitary."""

    axes: tuple[int, ...]
    kind: str
    entries: tuple[Expression, ...]


@dataclass(frozen=True, eq=False)
class Folded:
    """Factors that become one matrix on `axes`, the first applied first.

    They depend on no inputs; `real` is whether all of them are real."""

    axes: tuple[int, ...]
    factors: tuple[Factor, ...]
    real: bool


Factor = Constant | Permutation | Phase | RealRotation | Rotated | Entries | Folded


def is_diagonal(factor: Factor) -> bool:
    """Whether the factor commutes with every other diagonal one."""
    return isinstance(factor, Phase) or (isinstance(factor, Entries) and factor.kind == "diagonal")


def through_phases(
    factors: Iterable[Factor], per_sample: Callable[[Factor], bool]
) -> Iterator[Factor]:
    """The factors, where what is `per_sample` enters through phases alone."""
    for factor in factors:
        if isinstance(factor, Rotated) and per_sample(factor):
            yield from factor.as_phase()
        else:
            yield factor


def unfolded(factors: Iterable[Factor]) -> Iterator[Factor]:
    """The factors with those of each `Folded` in its place."""
    for factor in factors:
        if isinstance(factor, Folded):
            yield from factor.factors
        else:
            yield factor
