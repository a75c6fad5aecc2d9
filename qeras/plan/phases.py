"""Phase factors -> `PhaseTerms`: generators as sums of left x right products.

For a wide register one number a basis state and term is too much (2**20 states and 20
terms are 80 MB), but a generator is a short sum of products of a function of the first
axes and one of the others, and one small GEMM makes the phase of all states.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qeras.circuit.expressions import Expression
from qeras.plan.factors import Phase
from qeras.plan.lowering import embed_vector

# Up to this many axes a generator is one column of 2**axes numbers.
UNSPLIT_WIDTH = 10


class PhaseBuilder:
    """Collects terms and the expressions of their angles, equal ones together."""

    def __init__(self, axes: Sequence[int]):
        self.axes = list(axes)
        width = len(self.axes)
        self.split = width if width <= UNSPLIT_WIDTH else width // 2
        self.columns: dict[tuple[Expression, str], list[np.ndarray]] = {}
        self.products: list[tuple[Expression, np.ndarray, np.ndarray]] = []

    def add(self, factor: Phase) -> None:
        positions = tuple(self.axes.index(axis) for axis in factor.axes)
        left = [p for p in positions if p < self.split]
        right = [p for p in positions if p >= self.split]
        if not right:
            vector = embed_vector(factor.generator, positions, self.split)
            self.columns.setdefault((factor.angle, "left"), []).append(vector)
        elif not left:
            moved = tuple(p - self.split for p in positions)
            vector = embed_vector(factor.generator, moved, len(self.axes) - self.split)
            self.columns.setdefault((factor.angle, "right"), []).append(vector)
        else:
            self._add_product(factor, positions, left, right)

    def _add_product(
        self, factor: Phase, positions: tuple[int, ...], left: list[int], right: list[int]
    ) -> None:
        order = [positions.index(p) for p in (*left, *right)]
        cube = factor.generator.reshape((2,) * len(positions)).transpose(order)
        u, s, v = np.linalg.svd(cube.reshape(2 ** len(left), -1), full_matrices=False)
        moved = tuple(p - self.split for p in right)
        for index in np.flatnonzero(s > 1e-12 * s[0]):
            first = embed_vector(u[:, index] * s[index], tuple(left), self.split)
            second = embed_vector(v[index], moved, len(self.axes) - self.split)
            self.products.append((factor.angle, first, second))

    def terms(self) -> tuple[np.ndarray, np.ndarray, list[Expression], np.ndarray | None]:
        """left, right, the angles' expressions, and each term's angle (None: in order)."""
        ones_left = np.ones(2**self.split)
        ones_right = np.ones(2 ** (len(self.axes) - self.split))
        rows = [
            (angle, np.sum(vectors, axis=0), ones_right)
            if side == "left"
            else (angle, ones_left, np.sum(vectors, axis=0))
            for (angle, side), vectors in self.columns.items()
        ]
        rows += self.products
        # Equal phases are written alike, whatever order their factors came in: by numbers, so
        # that angles of embeddings stay in the order of the axes, and are taken as they are.
        rows.sort(key=lambda row: (row[1].tolist(), row[2].tolist()))
        place: dict[Expression, int] = {}
        index = np.array([place.setdefault(angle, len(place)) for angle, _, _ in rows])
        angles = list(place)
        left = np.stack([row[1] for row in rows], axis=1)
        right = np.stack([row[2] for row in rows], axis=1)
        in_order = np.array_equal(index, np.arange(len(angles)))
        return left, right, angles, None if in_order else index
