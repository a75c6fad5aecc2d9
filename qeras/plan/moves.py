"""What a plan is made of: a few kinds of move on a register of axes, all static.

A register's state has shape `(2**width, batch)`. Its first axis counts basis states, the
register's first axis being the most significant bit; batch is 1 until the first move that
depends on inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Template:
    """Matrices built all at once: each a product of stages and constants.

    A stage is `K * exp(i (a @ R + r))`, entry by entry, with `K = cos(a @ F + f) @ C`, of its
    own angles a; F and R stand side by side in `frequencies`, f and r in `offsets`. Variants
    differ in these numbers, matrices of one variant in angles and outer constants alone.
    Matrix `variant * count + index` is `after @ T_last ... T_1 @ T_0 @ before`, where T_s is
    stage s times `between[s]`.

    Attributes:
        frequencies: (variants * stages, angles of one stage, waves), or waves + size**2 if
            stages have phases. Of this and the next three arrays the first axis is left out
            where its length is 1.
        offsets: (variants * stages, 1, waves or waves + size**2), in radians.
        coefficients: (variants * stages, waves, size**2), or 2 * size**2 of K's real and
            imaginary part where it is complex.
        between: (variants * stages, size, size), or None for identities.
        before, after: one for all, (size, size), one a matrix, (variants * count, size,
            size), or None for identities.
        variants: how many.
        stages: of one matrix.
        count: how many matrices of each variant.
        start: first slot of their angles among the shared angles, which are ordered by
            variant, stage, matrix, angle.
        size: rows of a matrix.
        real: whether the matrices are real, so that they act on real and imaginary part alike.
        has_phases: whether stages have the factor exp(i (a @ R + r)).
        gradient_rows: for each matrix, which of those that moves use gives it its gradient
            (that of one that none uses is of no angle); None if all are used.
        fixed: the matrix of a template without angles, (1, size, size), else None.
    """

    frequencies: np.ndarray
    offsets: np.ndarray
    coefficients: np.ndarray
    between: np.ndarray | None
    before: np.ndarray | None
    after: np.ndarray | None
    variants: int
    stages: int
    count: int
    start: int
    size: int
    real: bool
    has_phases: bool = False
    gradient_rows: np.ndarray | None = None
    fixed: np.ndarray | None = None

    @classmethod
    def constant(cls, matrix: np.ndarray, real: bool) -> Template:
        """The template of one matrix (size, size) without angles."""
        none = np.zeros((0, 0))
        return cls(
            none, none, none, None, None, None, 1, 1, 1, 0, len(matrix), real, fixed=matrix[None]
        )

    @property
    def angles(self) -> int:
        """Of one stage."""
        return self.frequencies.shape[-2]

    @property
    def slots(self) -> int:
        """How many shared angles the matrices take, from `start`."""
        return self.variants * self.stages * self.count * self.angles

    @property
    def waves(self) -> int:
        """Cosines and sines of one stage's K."""
        return self.coefficients.shape[-2]

    @property
    def has_complex_factor(self) -> bool:
        """Whether K is complex."""
        return self.coefficients.shape[-1] > self.size**2

    # Adjoints of the constants, each once, for the backward pass. That of F, whose cosines
    # have the derivative -sin, is negative.

    @cached_property
    def frequencies_back(self) -> np.ndarray:
        signs = np.where(np.arange(self.frequencies.shape[-1]) < self.waves, -1.0, 1.0)
        return (self.frequencies * signs).swapaxes(-1, -2)

    @cached_property
    def coefficients_back(self) -> np.ndarray:
        return self.coefficients.swapaxes(-1, -2)

    @cached_property
    def before_back(self) -> np.ndarray | None:
        return None if self.before is None else _adjoint(self.before)

    @cached_property
    def between_back(self) -> np.ndarray | None:
        return None if self.between is None else _adjoint(self.between)

    @cached_property
    def after_back(self) -> np.ndarray | None:
        return None if self.after is None else _adjoint(self.after)


def _adjoint(matrices: np.ndarray) -> np.ndarray:
    return matrices.conj().swapaxes(-1, -2)


@dataclass(frozen=True, eq=False)
class ApplyMatrix:
    """Apply matrix `index` of template `template` to `axes` of the register's `width`.

    `trained` is whether it is built from angles, so that its gradient is needed, `unitary`
    whether its transpose undoes it."""

    template: int
    index: int
    axes: tuple[int, ...]
    width: int
    trained: bool
    unitary: bool = True


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
    """Multiply by exp(i phase): shared by the batch, per sample, or both added.

    `expands` is whether the state before has batch 1 and the state after has not."""

    shared: tuple[PhaseTerms, ...]
    per_sample: tuple[PhaseTerms, ...]
    expands: bool


@dataclass(frozen=True, eq=False)
class ApplyFactors:
    """Multiply by the factors exp(i phase) of phase number `phase` of `Layout.phases`, behind
    which those of `Layout.table` are counted.

    `expands` is as for `ApplyPhase`."""

    phase: int
    expands: bool


@dataclass(frozen=True, eq=False)
class PhaseTable:
    """Phases that the batch shares, `generators @ angles`, found all at once.

    Attributes:
        generators: (phases, 2**width, angles of one phase).
        start: first slot of their angles among the shared ones, in order.
    """

    generators: np.ndarray
    start: int = -1

    @property
    def slots(self) -> int:
        """How many angles all phases have together."""
        return self.generators.shape[0] * self.generators.shape[2]

    @cached_property
    def generators_transposed(self) -> np.ndarray:
        return self.generators.swapaxes(1, 2)


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
        expands: as for `ApplyPhase`.
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


Move = ApplyMatrix | ApplyPhase | ApplyFactors | Permute | ApplyEntries


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
        phases: of samples, whose factors several moves multiply by: to find first, too.
        table: phases that the batch shares, to find first, if they are small and several.
        batched: whether the final state has a batch axis.
    """

    registers: tuple[Register, ...]
    steps: tuple[Step, ...]
    templates: tuple[Template, ...]
    phases: tuple[ApplyPhase, ...]
    table: PhaseTable | None
    batched: bool

    @cached_property
    def amplitudes(self) -> int:
        """That all moves together compute, for one sample."""
        parts = [(register.steps, len(register.axes)) for register in self.registers]
        return sum(_moves(steps) * 2**axes for steps, axes in [*parts, (self.steps, self.width)])

    @cached_property
    def width(self) -> int:
        """How many axes there are after merging."""
        return sum(len(register.axes) for register in self.registers)


def _moves(steps: tuple[Step, ...]) -> int:
    return sum(
        len(step.iterations) * len(step.iterations[0]) if isinstance(step, Repeat) else 1
        for step in steps
    )
