"""The engine's array functions: those of `keras.ops`, and in its hot path a backend's own
where that is faster (each backend's `ARRAYS` says why)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import keras
import numpy as np
from keras import ops

_backend = import_module(f"qeras.backend.{keras.backend.backend()}_backend")
_own: dict[str, Callable[..., Any]] = _backend.ARRAYS


def function(name: str) -> Callable[..., Any]:
    """The backend's own function of that name, else that of `keras.ops`."""
    return _own[name] if name in _own else getattr(ops, name)


def _unchanged(tensors: Any) -> Any:
    return tensors


def _eager(tensors: dict[int, Any], array: np.ndarray) -> dict[int, Any]:
    return tensors


def _never() -> bool:
    return False


def _times(matrix: Any, other: Any) -> Any:
    return matrix @ other


def _sum_of_squares(re: Any, im: Any) -> Any:
    return square(re) + square(im)


def _sum_each(tensors: tuple[Any, ...], axis: int) -> tuple[Any, ...]:
    return tuple(sum(tensor, axis=axis) for tensor in tensors)


times_one = _own.get("times_one", _times)  # a matrix times a matrix
times_each = _own.get("times_each", _times)  # a matrix times each of a batch of them
times_pairs = _own.get("times_pairs", _times)  # two batches of matrices, one by one
times_few = _own.get("times_few", _times)  # the same where there are few of them
# Whether a state is one complex array now (see `qeras.execution.sheets`), and where it may
# be: a view (..., 2) of real and imaginary parts, and the inverse, of any view of that.
holds_complex: Callable[[], bool] = _own.get("holds_complex", _never)
is_complex: Any = _own.get("is_complex")
real_view: Any = _own.get("real_view")
complex_view: Any = _own.get("complex_view")
times_factors: Any = _own.get("times_factors")  # entry by entry
scan = _own.get("scan")  # a compiled loop, or None where there is nothing to gain
# Whether operations one after the other become one loop over the numbers.
fuses: bool = getattr(_backend, "FUSES", False)
# Moves that a loop must leave out before it pays, or None where there are no loops.
least_saved: int | None = getattr(_backend, "LEAST_SAVED", None)
# What a complex matrix takes, forward and back, where a real one takes 1.
complex_cost: float = getattr(_backend, "COMPLEX_COST", 2.0)
# Numbers of an array up to which its axes are brought in another order by a gather of rows.
most_gathered: int = getattr(_backend, "MOST_GATHERED", 0)
computed_once = _own.get("computed_once", _unchanged)  # tensors that a compiler keeps
in_step = _own.get("in_step", _unchanged)  # tensors that are all there before one is used
# A tensor of a NumPy array, and where such tensors are kept that may be used here: where they
# are eagerly, unless a graph is being made that has one of its own.
constant = _own.get("constant", ops.convert_to_tensor)
known_constants = _own.get("known_constants", _eager)
# Whether a graph for another runtime is being made, where the backend tells.
is_exported: Callable[[], bool] = _own.get("is_exported", _never)
broadcast_to = function("broadcast_to")
concatenate = function("concatenate")
conj = function("conj")
contiguous = _own.get("contiguous", _unchanged)  # in memory in the order of its axes
cos = function("cos")
eigh = function("eigh")
imag = function("imag")
gather = _own["gather"]  # along an axis, 0 by default, by a plan's indices, all in bounds
log = function("log")
make_complex = _own["make_complex"]  # of real and imaginary part, at their precision
real = function("real")
reshape = function("reshape")
sin = function("sin")
split = function("split")
square = function("square")
stack = function("stack")
sum = function("sum")
sum_each = _own.get("sum_each", _sum_each)  # of arrays alike, along an axis
sum_of_squares = _own.get("sum_of_squares", _sum_of_squares)
swapaxes = function("swapaxes")
transpose = function("transpose")
unstack = function("unstack")
where = function("where")
zeros_like = function("zeros_like")
