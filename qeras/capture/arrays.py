"""Object arrays of scalars, and the table of functions on them.

`FUNCTIONS` maps NumPy's name of a function to its implementation, each written
once. The NumPy protocols of `Symbol`, `qml.math` and the lifting of Keras graphs
all read this table. Arguments that are arrays may be anything `to_array` takes;
results are arrays, lists of arrays, or plain Python values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from qeras.capture.scalar import Scalar, as_scalar

Array = np.ndarray  # of dtype object, entries are Scalars
FUNCTIONS: dict[str, Callable[..., Any]] = {}


def to_array(value: Any) -> Array:
    """Numbers, arrays, scalars and nested lists of these as an array of scalars."""
    if isinstance(value, list | tuple):
        rows = [to_array(item) for item in value]
        return np.stack(rows) if rows else np.empty(0, dtype=object)
    value = _box(value) if isinstance(value, Scalar) else _numbers(value)
    result = np.empty(value.shape, dtype=object)
    result[...] = np.frompyfunc(as_scalar, 1, 1)(value)
    return result


def _numbers(value: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(value) if keras.ops.is_tensor(value) else value)


def _box(scalar: Scalar) -> Array:
    result = np.empty((), dtype=object)
    result[()] = scalar
    return result


def concrete(array: Array) -> np.ndarray | None:
    """The numbers of an array that depends on no input and no weight, else None."""
    values = [item.value for item in array.flat]
    if any(value is None for value in values):
        return None
    return np.array(values).reshape(array.shape)


def elementwise(function: Callable[..., Scalar], count: int) -> Callable[..., Array]:
    """`function` of `count` scalars, broadcast over arrays."""
    applied = np.frompyfunc(function, count, 1)

    def apply(*arrays: Any) -> Array:
        return to_array(applied(*map(to_array, arrays)))

    return apply


def define(*names: str) -> Callable[[Callable], Callable]:
    """Put a function into the table under `names`."""

    def put(function: Callable) -> Callable:
        FUNCTIONS.update(dict.fromkeys(names, function))
        return function

    return put
