"""Functions that move entries around, and facts about arrays.

They are NumPy's own functions, which do not look at the entries of an object array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qeras.capture.arrays import FUNCTIONS, Array, concrete, define, to_array
from qeras.capture.errors import CaptureError, value_is_read
from qeras.capture.questions import asked_for_norm
from qeras.capture.scalar import Scalar, as_scalar

_STRUCTURE = (
    "reshape ravel transpose swapaxes moveaxis rollaxis expand_dims squeeze broadcast_to tile "
    "repeat flip fliplr flipud roll rot90 take diagonal diagflat diag tril triu delete "
    "take_along_axis resize copy"
).split()
_SEQUENCES = "stack concatenate hstack vstack dstack column_stack".split()
_SPLITS = "split array_split hsplit vsplit".split()


def _structure(name: str) -> Callable[..., Array]:
    function = getattr(np, name)
    return lambda array, *args, **kwargs: to_array(function(to_array(array), *args, **kwargs))


def _sequence(name: str) -> Callable[..., Array]:
    function = getattr(np, name)

    def apply(arrays: Sequence[Any], *args: Any, **kwargs: Any) -> Array:
        return to_array(function([to_array(array) for array in arrays], *args, **kwargs))

    return apply


def _split(name: str) -> Callable[..., list[Array]]:
    function = getattr(np, name)
    return lambda array, *args, **kwargs: list(function(to_array(array), *args, **kwargs))


FUNCTIONS.update({name: _structure(name) for name in _STRUCTURE})
FUNCTIONS.update({name: _sequence(name) for name in _SEQUENCES})
FUNCTIONS.update({name: _split(name) for name in _SPLITS})
FUNCTIONS["concat"] = FUNCTIONS["concatenate"]
FUNCTIONS["permute_dims"] = FUNCTIONS["transpose"]


@define("flatten")
def flatten(array: Any) -> Array:
    """The array with one axis."""
    return to_array(array).reshape(-1)


@define("append")
def append(array: Any, values: Any, axis: int | None = None) -> Array:
    """The values behind the array."""
    return np.append(to_array(array), to_array(values), axis=axis)


@define("insert")
def insert(array: Any, index: Any, values: Any, axis: int | None = None) -> Array:
    """The values inserted into the array."""
    return np.insert(to_array(array), index, to_array(values), axis=axis)


@define("pad")
def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Array:
    """The array with values around it."""
    if mode != "constant":
        raise CaptureError(f"Expected mode='constant' for pad. Received: mode={mode!r}")
    value: Any = as_scalar(constant_values)
    return to_array(np.pad(to_array(array), pad_width, constant_values=value))


@define("unstack")
def unstack(array: Any, num: int | None = None, axis: int = 0) -> list[Array]:
    """The slices along an axis."""
    return [to_array(item) for item in np.moveaxis(to_array(array), axis, 0)]


def _at_least(name: str) -> Callable[..., Any]:
    function = getattr(np, name)
    return lambda *arrays: (
        function(to_array(arrays[0]))
        if len(arrays) == 1
        else [function(to_array(array)) for array in arrays]
    )


FUNCTIONS.update({name: _at_least(name) for name in ("atleast_1d", "atleast_2d", "atleast_3d")})


@define("broadcast_arrays")
def broadcast_arrays(*arrays: Any) -> list[Array]:
    """The arrays with their common shape."""
    return list(np.broadcast_arrays(*map(to_array, arrays)))


@define("shape")
def shape(array: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return to_array(array).shape


@define("ndim")
def ndim(array: Any) -> int:
    """The number of axes."""
    return to_array(array).ndim


@define("size")
def size(array: Any, axis: int | None = None) -> int:
    """The number of entries."""
    return to_array(array).size if axis is None else to_array(array).shape[axis]


@define("allclose")
def allclose(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
    """Whether two tensors are close for every value of inputs and weights.

    PennyLane asks this where it could simplify a gate, always with both tolerances, so
    "not known" is False. A circuit that asks it for itself reads a value."""
    left, right = np.broadcast_arrays(to_array(a), to_array(b))
    difference = concrete(
        to_array([_difference(*pair) for pair in zip(left.flat, right.flat, strict=True)])
    )
    if difference is None and asked_for_norm():
        return True
    if difference is None and (rtol is None or atol is None):
        raise value_is_read("the closeness (`np.allclose`)")
    return difference is not None and np.allclose(difference, 0, rtol=0, atol=atol or 1e-8)


def _difference(a: Scalar, b: Scalar) -> Scalar:
    return as_scalar(0) if a.re is b.re and a.im is b.im else a - b


@define("iscomplexobj")
def iscomplexobj(array: Any) -> bool:
    """Whether an entry has an imaginary part."""
    return not all(item.is_real for item in to_array(array).flat)


@define("isrealobj")
def isrealobj(array: Any) -> bool:
    """Whether no entry has an imaginary part."""
    return not iscomplexobj(array)


@define("iscomplex")
def iscomplex(array: Any) -> np.ndarray:
    """Where entries have an imaginary part."""
    return np.array([not item.is_real for item in to_array(array).flat]).reshape(shape(array))


@define("real_if_close")
def real_if_close(array: Any, tol: float = 100) -> Array:
    """The array; imaginary parts that are zero are dropped already."""
    return to_array(array)


def _filled(value: float | None) -> Callable[..., Any]:
    def apply(array: Any, fill_value: Any = value, dtype: Any = None, **_: Any) -> Any:
        return np.full(shape(array), fill_value, dtype=dtype or float)

    return apply


@define("full_like")
def full_like(array: Any, fill_value: Any, **_: Any) -> Array:
    """An array of the same shape filled with a value."""
    return to_array(np.broadcast_to(to_array(fill_value), shape(array)))


FUNCTIONS["zeros_like"] = FUNCTIONS["empty_like"] = _filled(0.0)
FUNCTIONS["ones_like"] = _filled(1.0)
