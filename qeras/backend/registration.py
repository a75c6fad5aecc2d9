"""A forward and a backward pass as one differentiable function of the backend.

Each backend has a short file of its own with `differentiable(forward, backward)`:

* `forward(tensors) -> (outputs, residuals)`, `backward(tensors, residuals, cotangents) ->
  gradients`, on lists of tensors;
* where a gradient of the gradient is asked for and the hand-written pass cannot give
  one, `forward` alone is differentiated by the backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import keras
import numpy as np

Forward = Callable[[Sequence[Any]], tuple[list[Any], Any]]
Backward = Callable[[Sequence[Any], Any, Sequence[Any]], list[Any]]


@dataclass(frozen=True)
class Work:
    """How many numbers passes compute for each sample.

    Attributes:
        amplitudes: of one state.
        total: of the states after all moves.
    """

    amplitudes: int
    total: int


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """`tensors -> outputs` whose gradient is `backward`, on the running backend.

    Without `twice`, a gradient of the gradient is that of `backward`, which may refuse it, and
    never that of `forward`. Passes that are the same operations at every call with tensors of
    the same shapes may say how much they compute: their `work`. Columns of their two-dimensional
    tensors and outputs, the batch, must be independent of each other. A backend may record what
    such passes do, and run them for some columns at a time."""
    return _backend().differentiable(forward, backward, twice, work)


def on_host(
    forward: Callable[[Sequence[np.ndarray]], np.ndarray],
    backward: Callable[[Sequence[np.ndarray], np.ndarray, Sequence[bool | None]], list[np.ndarray]],
    width: int,
) -> Callable[[Sequence[Any]], Any]:
    """A function of NumPy arrays as a differentiable function of tensors, which each backend
    calls from its compiled graphs too; where there is no graph, errors come up as they are.

    Args:
        forward: arrays to an array (batch, width); the first array is (batch, features).
        backward: of the arrays, a cotangent (batch, width) and which gradients are needed
            (None, where the backend cannot tell); one gradient for each array.
        width: of the result.

    Returns:
        `tensors -> tensor (batch, width)` of the tensors' dtype. It has no second derivative.
    """
    return _backend().on_host(forward, backward, width)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled where the backend would else compile each operation alone."""
    return _backend().compiled(function)


def _backend() -> Any:
    return import_module(f"qeras.backend.{keras.backend.backend()}_backend")
