"""A forward and a backward pass as one differentiable function of the backend.

Each backend has a short file of its own with `differentiable(forward, backward)`:

* `forward(tensors) -> (outputs, residuals)`, `backward(tensors, residuals, outputs,
  cotangents) -> gradients`, on lists of tensors;
* where a gradient of the gradient is asked for and the hand-written pass cannot give
  one, `forward` alone is differentiated by the backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import keras

Forward = Callable[[Sequence[Any]], tuple[list[Any], Any]]
Backward = Callable[[Sequence[Any], Any, list[Any], Sequence[Any]], list[Any]]


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True
) -> Callable[[Sequence[Any]], list[Any]]:
    """`tensors -> outputs` whose gradient is `backward`, on the running backend.

    Without `twice`, a gradient of the gradient is that of `backward`, which may refuse it, and
    never that of `forward`."""
    return _backend().differentiable(forward, backward, twice)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled where the backend would else compile each operation alone."""
    return _backend().compiled(function)


def _backend() -> Any:
    return import_module(f"qeras.backend.{keras.backend.backend()}_backend")
