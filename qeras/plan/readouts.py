"""What is read from the final state, on axes, all static: the results of planning measurements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import numpy as np

from qeras.circuit.expressions import Expression


@dataclass(frozen=True, eq=False)
class SignedSums:
    """Sums over basis states of one product of amplitudes with signs, one a word.

    Attributes:
        source: the product is conj(psi[k]) psi[source[k]]; None is |psi[k]|^2.
        imaginary: whether the imaginary part is summed, not the real part.
        left: (patterns, 2**split) signs over the first axes.
        pattern: for each word its pattern of `left`; None if they are the words, or `right`
            has all patterns.
        right: (words, 2**(width - split)) signs over the other axes, or for all patterns one
            after the other, zeros but for a word's own; None if `left` is over all axes.
    """

    source: np.ndarray | None
    imaginary: bool
    left: np.ndarray
    pattern: np.ndarray | None
    right: np.ndarray | None

    @property
    def columns(self) -> int:
        """Basis states of the other axes."""
        assert self.right is not None
        patterns = 1 if self.pattern is not None else len(self.left)
        return self.right.shape[1] // patterns

    @cached_property
    def left_transposed(self) -> np.ndarray:
        return self.left.T

    @cached_property
    def right_transposed(self) -> np.ndarray:
        assert self.right is not None
        return self.right.T

    @cached_property
    def by_pattern(self) -> np.ndarray:
        """(patterns, words): sums what words take from each pattern."""
        assert self.pattern is not None
        return np.eye(len(self.left))[:, self.pattern]


@dataclass(frozen=True, eq=False)
class HermitianSum:
    """<psi| H |psi> of a constant matrix H = real + i imaginary on axes."""

    axes: tuple[int, ...]
    real: np.ndarray
    imaginary: np.ndarray

    @cached_property
    def transposed(self) -> tuple[np.ndarray, np.ndarray]:
        return self.real.T, self.imaginary.T


@dataclass(frozen=True, eq=False)
class Symbolic:
    """Products coefficient * value that are added to rows.

    Attributes:
        rows: (number of rows, products), ones where a product belongs to a row.
        values: index of each product's value.
        slots: index of each product's coefficient.
    """

    rows: np.ndarray
    values: np.ndarray
    slots: np.ndarray


@dataclass(frozen=True, eq=False)
class Expectations:
    """Rows: linear combinations of values; values are words' and matrices' expectations.

    Attributes:
        sums, matrices: give the values, in this order.
        weights: (rows, values), the constant coefficients.
        shared, per_sample: the other coefficients, or None.
    """

    sums: tuple[SignedSums, ...]
    matrices: tuple[HermitianSum, ...]
    weights: np.ndarray
    shared: Symbolic | None
    per_sample: Symbolic | None

    @cached_property
    def weights_transposed(self) -> np.ndarray:
        return self.weights.T


@dataclass(frozen=True, eq=False)
class Readout:
    """One measurement.

    Attributes:
        kind: as in `Measurement`.
        shape: of the result for one sample.
        axes, other_axes: of the measured wires.
        rows: `expval`: (row,); `var`: (row of the observable, row of its square).
        basis: for `probs`, the unitary before reading as (real, imaginary), or None.
        log_base: of entropies, None for e.
    """

    kind: str
    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()
    other_axes: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    basis: tuple[np.ndarray, np.ndarray] | None = None
    log_base: float | None = None

    @property
    def is_complex(self) -> bool:
        return self.kind in ("state", "density_matrix")


@dataclass(frozen=True, eq=False)
class Readouts:
    """All measurements of a circuit.

    Attributes:
        width: number of axes.
        expectations: None if nothing needs them.
        readouts: one a measurement.
        shared_coefficients, per_sample_coefficients: expressions of the slots.
    """

    width: int
    expectations: Expectations | None
    readouts: tuple[Readout, ...]
    shared_coefficients: tuple[Expression, ...]
    per_sample_coefficients: tuple[Expression, ...]

    @cached_property
    def of_probabilities(self) -> bool:
        """Whether all results depend on the basis states' probabilities alone."""
        return all(
            readout.kind in ("expval", "var") or (readout.kind == "probs" and readout.basis is None)
            for readout in self.readouts
        ) and (
            self.expectations is None
            or (
                not self.expectations.matrices
                and all(sums.source is None for sums in self.expectations.sums)
            )
        )

    @cached_property
    def of_rows(self) -> bool:
        """Whether all results are read from rows that are constant sums of probabilities."""
        own = self.expectations
        return (
            self.of_probabilities
            and own is not None
            and own.shared is None
            and own.per_sample is None
            and len(own.sums) == 1
            and all(readout.kind != "probs" for readout in self.readouts)
        )

    @cached_property
    def by_kind(self) -> list[tuple[str, list[Readout]]]:
        """Neighbours of one kind together."""
        groups = groupby(self.readouts, key=lambda readout: readout.kind)
        return [(kind, list(members)) for kind, members in groups]

    @cached_property
    def is_complex(self) -> bool:
        """Whether one of the results is."""
        return any(readout.is_complex for readout in self.readouts)

    @cached_property
    def size(self) -> int:
        """Length of all results of a sample, flattened and concatenated."""
        return sum(int(np.prod(readout.shape)) for readout in self.readouts)
