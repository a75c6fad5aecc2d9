"""What is drawn from the final state together, all static: the results of planning shots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qeras.plan.readouts import Readouts, SignedSums


@dataclass(frozen=True, eq=False)
class Turn:
    """A unitary, real + i imaginary, on axes of the state."""

    axes: tuple[int, ...]
    real: np.ndarray
    imaginary: np.ndarray

    @cached_property
    def minus_imaginary(self) -> np.ndarray:
        """The imaginary part of its conjugate."""
        return -self.imaginary


@dataclass(frozen=True, eq=False)
class Counted:
    """A `counts`: of the outcomes on `positions`, or of eigenvalues.

    Attributes:
        readout: its place among the readouts.
        positions: of the measured wires among the group's axes, or empty.
        table: (outcomes, 2**axes), ones where a basis state has that eigenvalue, or None.
    """

    readout: int
    positions: tuple[int, ...]
    table: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Sampled:
    """A `sample`: bits of `positions`, or one eigenvalue, (2**axes,), a basis state."""

    readout: int
    positions: tuple[int, ...]
    table: np.ndarray | None


@dataclass(frozen=True, eq=False)
class SampleGroup:
    """What is read from one set of shots.

    Attributes:
        axes: that are drawn, in order.
        turns: of the state, before.
        shots: how many.
        words: expectation values of products of Z on the axes, or None.
        tables: (values, 2**axes), numbers whose mean is a value, or None.
        marginals: of each `probs` its readout and the positions of its wires.
        counted, sampled: see there.
    """

    axes: tuple[int, ...]
    turns: tuple[Turn, ...]
    shots: int
    words: SignedSums | None
    tables: np.ndarray | None
    marginals: tuple[tuple[int, tuple[int, ...]], ...]
    counted: tuple[Counted, ...]
    sampled: tuple[Sampled, ...]


@dataclass(frozen=True, eq=False)
class SampledReadouts(Readouts):
    """All measurements of a circuit with shots.

    Values of `expectations` are, in this order: the number one, each group's words and
    tables.

    Attributes:
        groups: what is drawn together.
    """

    groups: tuple[SampleGroup, ...]
