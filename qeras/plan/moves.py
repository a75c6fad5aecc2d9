"""What a plan is made of: a few kinds of move on a register of axes, all static.

A register's state is a pair of real arrays (real part, imaginary part) of shape
`(2**width, batch)`. Its first axis counts basis states, the register's first axis being
the most significant bit; batch is 1 until the first move that depends on inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np


@dataclass(frozen=True, eq=False)
class Template:
    """Matrices that are built alike, all at once, as a product of stages.

    Stage j is `cosine[j] * cos(f) + sine[j] * sin(f)`, where f scales the rows, and
    `f = (angles @ rate.T)`. The matrix is the product of the stages, stage 0 applied
    first. A complex matrix A + iB of size d is held as [[A, -B], [B, A]] of size 2d.

    Attributes:
        cosine, sine: (stages, size, size).
        rate: (stages * size, angles of one matrix).
        count: how many matrices.
        start: first slot of their angles among the shared angles; matrix g owns
            `rate.shape[1]` slots from `start + g * rate.shape[1]`.
        real: whether the matrices act on real and imaginary part alike.
    """

    cosine: np.ndarray
    sine: np.ndarray
    rate: np.ndarray
    count: int
    start: int
    real: bool

    @property
    def size(self) -> int:
        return self.cosine.shape[1]

    @property
    def angles(self) -> int:
        return self.rate.shape[1]

    @cached_property
    def rate_transposed(self) -> np.ndarray:
        return self.rate.T

    @cached_property
    def product(self) -> np.ndarray:
        """The matrix of a template without angles, (1, size, size)."""
        return reduce(lambda total, stage: stage @ total, self.cosine)[None]


@dataclass(frozen=True, eq=False)
class ApplyMatrix:
    """Apply matrix `index` of template `template` to `axes` of the register's `width`.

    `trained` is whether it is built from angles, so that its gradient is needed."""

    template: int
    index: int
    axes: tuple[int, ...]
    width: int
    trained: bool


@dataclass(frozen=True, eq=False)
class PhaseTerms:
    """The phase `sum_p left[:, p] x right[:, p] * angle[p]` over basis states.

    Attributes:
        left: (2**split, terms), over the first axes.
        right: (2**(width - split), terms), over the others.
        start: first slot of the angles.
        slots: number of angles.
        angle: for each term the angle it takes, counted from `start`; None if term p
            takes angle p.
        source: if set, entry k of the phase is taken from entry `source[k]`.
        inverse: the inverse of `source`.
    """

    left: np.ndarray
    right: np.ndarray
    start: int
    slots: int
    angle: np.ndarray | None = None
    source: np.ndarray | None = None
    inverse: np.ndarray | None = None

    @cached_property
    def left_transposed(self) -> np.ndarray:
        return self.left.T

    @cached_property
    def right_transposed(self) -> np.ndarray:
        return self.right.T

    @cached_property
    def gather_transposed(self) -> np.ndarray:
        """(slots, terms): sums the terms' gradients into their angles'."""
        assert self.angle is not None
        return np.eye(self.slots)[:, self.angle]


@dataclass(frozen=True, eq=False)
class ApplyPhase:
    """Multiply by exp(i phase): shared by the batch, per sample, or both added."""

    shared: tuple[PhaseTerms, ...]
    per_sample: tuple[PhaseTerms, ...]
    expands: bool


@dataclass(frozen=True, eq=False)
class Permute:
    """New amplitude k is old amplitude `source[k]`."""

    source: np.ndarray
    inverse: np.ndarray


@dataclass(frozen=True, eq=False)
class ApplyEntries:
    """Apply a matrix or a diagonal whose entries are computed parameters.

    Attributes:
        kind: "matrix" or "diagonal".
        axes, width: as for `ApplyMatrix`.
        start: first slot of the real parts among the (shared or per-sample) entries;
            the imaginary parts follow.
        per_sample: whether each sample has its own.
        expands: whether the state before has batch 1 and the state after has not.
    """

    kind: str
    axes: tuple[int, ...]
    width: int
    start: int
    per_sample: bool
    expands: bool

    @property
    def count(self) -> int:
        """Number of real parts."""
        return (4 if self.kind == "matrix" else 2) ** len(self.axes)


Move = ApplyMatrix | ApplyPhase | Permute | ApplyEntries


@dataclass(frozen=True, eq=False)
class Repeat:
    """The same sequence of moves several times, each time with other numbers.

    Attributes:
        iterations: all of one length; moves at one position are of one kind and shape.
    """

    iterations: tuple[tuple[Move, ...], ...]


Step = Move | Repeat


@dataclass(frozen=True, eq=False)
class Register:
    """Axes that start together, with their own moves before all registers are merged.

    Attributes:
        axes: of the circuit.
        initial: complex start vector, or None if it is made of entries.
        entries: (first slot, per sample) of the start vector's entries, or None.
        steps: on this register alone.
        batched: whether the batch is there at the end.
    """

    axes: tuple[int, ...]
    initial: np.ndarray | None
    entries: tuple[int, bool] | None
    steps: tuple[Step, ...]
    batched: bool

    @cached_property
    def initial_parts(self) -> tuple[np.ndarray, np.ndarray]:
        """Real and imaginary part of the start vector, each (2**axes, 1)."""
        assert self.initial is not None
        column = self.initial[:, None]
        return column.real.copy(), column.imag.copy()


@dataclass(frozen=True, eq=False)
class Layout:
    """The moves of a circuit: registers, then moves on all axes together.

    Attributes:
        registers: merged in order by outer products.
        steps: after merging.
        templates: matrices to build first.
        batched: whether the final state has a batch axis.
    """

    registers: tuple[Register, ...]
    steps: tuple[Step, ...]
    templates: tuple[Template, ...]
    batched: bool
