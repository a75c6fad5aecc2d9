"""Seeds of many random numbers from the one that a layer draws for each call."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

# An odd number near 2**32 divided by the golden ratio: its multiples are spread evenly.
SPREAD = 0x9E3779B1


HALF = 16  # bits of a seed's halves, which real numbers hold exactly


class Stream(keras.random.SeedGenerator):
    """Different seeds on each use, all of them functions of one seed.

    A `keras.random.SeedGenerator` keeps a variable, which a backward pass must not change;
    this one counts while the program is traced.

    Args:
        seed: of `packed`.
        dtype: of the seed before.
        branch: streams of one seed that differ in it are independent.
    """

    def __init__(self, seed: Any, dtype: str, branch: int = 0):
        high, low = (ops.cast(seed[half], dtype) for half in (0, 1))
        self._seed = high * 2**HALF + low
        self._used = branch << 20

    def next(self, ordered: bool = True) -> Any:
        """The next seed, (2,)."""
        self._used += 1
        step = np.array([self._used * SPREAD % 2**31, 0])
        return self._seed + ops.cast(ops.convert_to_tensor(step), self._seed.dtype)


def packed(seed: Any, dtype: str) -> Any:
    """A seed (2,) as real numbers (2, 2), so that functions with a gradient take it like
    every other tensor."""
    return ops.cast(ops.stack([seed // 2**HALF, seed % 2**HALF]), dtype)
