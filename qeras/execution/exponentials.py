"""Matrices exp(iG) of Hermitian G, by scaling and squaring.

exp(iG) is exp(iG / 2**s) squared s times, and the exponential of a matrix of norm 1 at most
a short Taylor series (Moler and Van Loan, SIAM Review 45, 2003). It takes products alone,
which every backend and export format has and differentiates, also where eigenvalues of G
coincide.
"""

from __future__ import annotations

import math

import numpy as np
from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.plan.parameters import Exponents

# Terms of the series after which the next one, 1 / (terms + 1)!, is below rounding.
TERMS = {"float32": 11, "float64": 18}
# Squarings done at most, for norms up to 2**SQUARINGS; a turn by such an angle is known to
# three digits in single precision, and what is larger gives nan.
SQUARINGS = 13


def exponentiated(exponents: Exponents | None, entries: Tensor, constants: Constants) -> Tensor:
    """The entries, (slots,) or (slots, batch), with exp(iG) in the places of each G."""
    if exponents is None:
        return entries
    parts = [entries]
    for rows in exponents.rows:
        flat = arrays.gather(entries, constants.index(rows.reshape(-1)))
        parts.append(_exponentials(arrays.reshape(flat, (*rows.shape, -1)), constants))
    if entries.ndim == 1:
        parts[1:] = [part[:, 0] for part in parts[1:]]
    return arrays.gather(arrays.concatenate(parts, axis=0), constants.index(exponents.order))


def _exponentials(generators: Tensor, constants: Constants) -> Tensor:
    """From and to real and imaginary parts: (matrices, 2, size, size, columns) to rows."""
    count, _, size, _, _ = generators.shape
    parts = arrays.transpose(generators, (0, 4, 1, 2, 3))
    parts = arrays.reshape(parts, (-1, 2, size, size))
    real, imaginary = -parts[:, 1], parts[:, 0]  # of iG
    left = arrays.concatenate([real, imaginary], axis=1)
    right = arrays.concatenate([-imaginary, real], axis=1)
    found = _exponential(arrays.concatenate([left, right], axis=2), constants)
    found = arrays.reshape(found[:, :, :size], (count, -1, 2, size, size))
    return arrays.reshape(arrays.transpose(found, (0, 2, 3, 4, 1)), (2 * count * size**2, -1))


def _exponential(matrices: Tensor, constants: Constants) -> Tensor:
    """exp(M) of real matrices (count, size, size)."""
    norm = ops.max(arrays.sum(ops.absolute(matrices), axis=2), axis=1)[:, None, None]
    larger = [norm > 2.0**power for power in range(SQUARINGS)]
    for one in larger:
        matrices = arrays.where(one, 0.5 * matrices, matrices)
    unit = constants.real(_unit(matrices.shape[-1]))
    terms = TERMS[constants.dtype]
    result = unit + matrices / terms
    for order in range(terms - 1, 0, -1):
        result = unit + (matrices @ result) / order
    for one in larger:
        result = arrays.where(one, result @ result, result)
    return arrays.where(norm <= 2.0**SQUARINGS, result, math.nan)


_UNITS: dict[int, np.ndarray] = {}


def _unit(size: int) -> np.ndarray:
    """One array for each size, as constants are known by their identity."""
    return _UNITS.setdefault(size, np.eye(size))
