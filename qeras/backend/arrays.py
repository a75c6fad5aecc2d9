"""The engine's array functions: those of `keras.ops`, and in its hot path a backend's own
where that is faster (each backend's `ARRAYS` says why)."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import keras
from keras import ops

_own: dict[str, Callable[..., Any]] = import_module(
    f"qeras.backend.{keras.backend.backend()}_backend"
).ARRAYS


def function(name: str) -> Callable[..., Any]:
    """The backend's own function of that name, else that of `keras.ops`."""
    return _own[name] if name in _own else getattr(ops, name)


def _unchanged(tensors: Any) -> Any:
    return tensors


def _unknown() -> bool:
    return False


def _rotate(re: Any, im: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
    return re * cos - im * sin, re * sin + im * cos


def _rotate_back(re: Any, im: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
    return re * cos + im * sin, im * cos - re * sin


def _times_each(matrix: Any, blocks: Any) -> Any:
    return matrix @ blocks


# Whether real and imaginary part are held in one array; see `qeras.execution.sheets`.
stacked: bool = "rotate_stacked" in _own
times_each = _own.get("times_each", _times_each)  # a matrix times each of a batch of them
rotate = _rotate  # (re + i im) (cos + i sin)
rotate_back = _rotate_back  # (re + i im) (cos - i sin)
# The same for parts stacked along the second axis, where they are.
rotate_stacked: Any = _own.get("rotate_stacked")
rotate_back_stacked: Any = _own.get("rotate_back_stacked")
scan = _own.get("scan")  # a compiled loop, or None where there is nothing to gain
computed_once = _own.get("computed_once", _unchanged)  # tensors that a compiler keeps
in_step = _own.get("in_step", _unchanged)  # tensors that are all there before one is used
# A tensor of a NumPy array, and where those are that may be used here (of the given ones,
# unless a graph is being made, which has constants of its own).
constant = _own.get("constant", ops.convert_to_tensor)
known_constants = _own.get("known_constants", _unchanged)
# Whether a graph for another runtime is being made, where the backend tells.
is_exported: Callable[[], bool] = _own.get("is_exported", _unknown)
broadcast_to = function("broadcast_to")
concatenate = function("concatenate")
cos = function("cos")
eigh = function("eigh")
gather = _own["gather"]  # along an axis, 0 by default, by a plan's indices, all in bounds
log = function("log")
make_complex = _own["make_complex"]  # of real and imaginary part, at their precision
reshape = function("reshape")
sin = function("sin")
stack = function("stack")
sum = function("sum")
swapaxes = function("swapaxes")
transpose = function("transpose")
unstack = function("unstack")
where = function("where")
zeros_like = function("zeros_like")
