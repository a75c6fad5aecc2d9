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


def _rotate(re: Any, im: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
    return re * cos - im * sin, re * sin + im * cos


def _rotate_back(re: Any, im: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
    return re * cos + im * sin, im * cos - re * sin


def _stacked(rotation: Callable[..., Any]) -> Callable[..., Any]:
    """A rotation of parts stacked along the second axis."""
    return lambda cube, cos, sin: ops.stack(rotation(*ops.unstack(cube, axis=1), cos, sin), axis=1)


# Whether real and imaginary part are held in one array; see `qeras.execution.sheets`.
stacked: bool = keras.backend.backend() != "jax"
rotate = _rotate  # (re + i im) (cos + i sin)
rotate_back = _rotate_back  # (re + i im) (cos - i sin)
rotate_stacked = _own.get("rotate_stacked", _stacked(_rotate))
rotate_back_stacked = _own.get("rotate_back_stacked", _stacked(_rotate_back))
scan = _own.get("scan")  # a compiled loop, or None where there is nothing to gain
computed_once = _own.get("computed_once", _unchanged)  # tensors that a compiler keeps
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
