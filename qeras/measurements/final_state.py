"""What results are read from."""

from __future__ import annotations

from dataclasses import dataclass

from qeras.backend import arrays
from qeras.execution.context import State, Tensor


@dataclass(frozen=True)
class FinalState:
    """The state after all moves, or of it only what is read.

    Attributes:
        parts: real and imaginary part, each (2**width, batch); None if results depend on
            probabilities alone.
        squares: probabilities of the basis states, (2**width, batch); None if not known yet.
        rows: of expectation values, (rows, batch); None if not known yet.
    """

    parts: State | None = None
    squares: Tensor | None = None
    rows: Tensor | None = None

    @property
    def amplitudes(self) -> State:
        """Real and imaginary part."""
        assert self.parts is not None
        return self.parts

    @property
    def probabilities(self) -> Tensor:
        """Of the basis states, (2**width, batch)."""
        if self.squares is not None:
            return self.squares
        return arrays.sum_of_squares(*self.amplitudes)
