"""Numbers that a plan fixes, as tensors of the run's precision."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

Tensor = Any
State = tuple[Tensor, Tensor]  # real and imaginary part, each (2**width, batch)


class Constants:
    """Casts the plan's arrays to one dtype, each once.

    On torch an array is also moved to the default device once; the other backends take
    NumPy arrays as constants of the compiled function.
    """

    def __init__(self, dtype: str):
        self.dtype = dtype
        self._on_torch = keras.backend.backend() in ("torch", "openvino")
        self._known: dict[tuple[int, str], tuple[np.ndarray, Tensor]] = {}

    def real(self, array: np.ndarray) -> Tensor:
        """The array in the run's floating dtype."""
        return self._get(array, self.dtype)

    def index(self, array: np.ndarray) -> Tensor:
        """The array as indices."""
        return self._get(array, "int32")

    def _get(self, array: np.ndarray, dtype: str) -> Tensor:
        key = (id(array), dtype)
        if key not in self._known:
            cast = np.ascontiguousarray(array, dtype=dtype)
            # The array is kept beside its cast, so that its id stays its own.
            value = ops.convert_to_tensor(cast, dtype=dtype) if self._on_torch else cast
            self._known[key] = (array, value)
        return self._known[key][1]
