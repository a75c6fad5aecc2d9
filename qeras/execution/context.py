"""Numbers that a plan fixes, as tensors of the run's precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from qeras.backend import arrays

Tensor = Any
State = tuple[Tensor, Tensor]  # real and imaginary part, each (2**width, batch)
USUAL_BATCH = 32  # assumed where it is not known yet, in a graph
_Change = Callable[[np.ndarray], np.ndarray]


class Constants:
    """Casts the plan's arrays to one dtype and makes tensors of them, each once; JAX takes
    NumPy arrays as constants of a program. On torch they live on the device that is the
    default at first use.
    """

    def __init__(self, dtype: str):
        self.dtype = dtype
        self._cast: dict[tuple[int, str], tuple[np.ndarray, np.ndarray]] = {}
        self._eager: dict[int, tuple[np.ndarray, Tensor]] = {}

    def real(self, array: np.ndarray) -> Tensor:
        """The array in the run's floating dtype."""
        return self._get(array, self.dtype)

    def tensor(self, array: np.ndarray) -> Tensor:
        """The array as a tensor in the run's floating dtype, also on JAX."""
        return ops.convert_to_tensor(self.real(array))

    def complex(self, array: np.ndarray) -> Tensor:
        """The array in the run's complex dtype."""
        return self._get(array, "complex128" if self.dtype == "float64" else "complex64")

    def packed(self, array: np.ndarray) -> Tensor:
        """Complex matrices A + iB, (..., size, size), as real ones [[A, -B], [B, A]]."""
        return self._get(array, self.dtype, packed)

    def index(self, array: np.ndarray) -> Tensor:
        """The array as indices."""
        return self._get(array, "int32")

    def _get(self, array: np.ndarray, dtype: str, change: _Change = np.asarray) -> Tensor:
        key = (id(array), dtype)
        if key not in self._cast:
            # The array is kept beside its cast, so that its id stays its own.
            self._cast[key] = (array, np.ascontiguousarray(change(array), dtype=dtype))
        cast = self._cast[key][1]
        known = arrays.known_constants(self._eager, cast)
        if id(cast) not in known:
            known[id(cast)] = (cast, arrays.constant(cast))
        return known[id(cast)][1]


def packed(matrices: np.ndarray) -> np.ndarray:
    """[[A, -B], [B, A]] along the last two axes, of A + iB."""
    return np.block([[matrices.real, -matrices.imag], [matrices.imag, matrices.real]])
