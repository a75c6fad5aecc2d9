"""Derivatives of a circuit with channels, from values of `default.mixed` alone.

Not by PennyLane's autograd: on `default.mixed` the gradients of `IsingZZ`, `MultiRZ` and
controlled rotations are nan there, and those of `DoubleExcitation` an error (0.45).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qeras.circuit.circuit import Circuit
from tests.oracle.default_qubit import Weights, values

# Places and coefficients of the central difference of fourth order. With this step its own
# error is far below that of rounding, 1e-10, and steps of `floor` and comparisons, which have
# derivative zero, are rarely crossed.
STENCIL = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))
STEP = 1e-4


def slope(
    circuit: Circuit,
    inputs: np.ndarray,
    weights: Weights,
    cotangents: Sequence[np.ndarray],
    to_inputs: np.ndarray,
    to_weights: Weights,
) -> float:
    """The derivative of `sum Re(conj(cotangent) result)` along a direction.

    Args:
        inputs, weights: where.
        cotangents: one for each result.
        to_inputs, to_weights: the direction, in the shapes of inputs and weights."""
    total = 0.0
    for place, coefficient in STENCIL:
        far = place * STEP
        moved = {name: value + far * to_weights[name] for name, value in weights.items()}
        found = values(circuit, inputs + far * to_inputs, moved)
        pairs = zip(cotangents, found, strict=True)
        total += coefficient * sum(np.sum(np.real(c.conj() * one)) for c, one in pairs)
    return total / STEP
