"""Rows of expectation values as linear combinations, whose coefficients may be expressions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from qeras.circuit.expressions import Constant, Expression, sources
from qeras.plan.readouts import Expectations, HermitianSum, SignedSums, Symbolic


@dataclass(eq=False)
class Combination:
    """Rows as sums of coefficients times values, and the slots of coefficients that are not
    constant."""

    input_name: str
    rows: int
    values: int
    shared: list[Expression] = field(default_factory=list)
    per_sample: list[Expression] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._weights = np.zeros((self.rows, self.values))
        self._symbolic: dict[bool, list[tuple[int, int, int]]] = {False: [], True: []}

    def add(self, row: int, value: int, coefficient: Expression) -> None:
        """Add `coefficient` times a value to a row."""
        if isinstance(coefficient, Constant):
            self._weights[row, value] += coefficient.value
            return
        per_sample = self.input_name in sources([coefficient])
        slots = self.per_sample if per_sample else self.shared
        self._symbolic[per_sample].append((row, value, len(slots)))
        slots.append(coefficient)

    def expectations(
        self, sums: tuple[SignedSums, ...] = (), matrices: tuple[HermitianSum, ...] = ()
    ) -> Expectations:
        """The rows; `sums` and `matrices` say where the values come from, if from them."""
        products = (self._products(self._symbolic[one]) for one in (False, True))
        return Expectations(sums, matrices, self._weights, *products)

    def _products(self, products: list[tuple[int, int, int]]) -> Symbolic | None:
        if not products:
            return None
        rows, values, slots = (np.array(column) for column in zip(*products, strict=True))
        return Symbolic(np.eye(self.rows)[:, rows], values, slots)
