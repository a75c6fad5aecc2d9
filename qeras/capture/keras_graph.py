"""Graphs of Keras operations as arrays of scalars.

`keras.ops.f(symbol)` gives a plain `keras.KerasTensor` that remembers how it was
made. Walking back that history gives its expressions.
"""

from __future__ import annotations

from typing import Any

import keras

from qeras.capture.arrays import Array


def lift(tensor: keras.KerasTensor) -> Array:
    """The entries of a symbol, or of what Keras operations made of symbols."""
    return tensor.scalars
