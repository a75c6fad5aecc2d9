"""Inference with NumPy, where Keras trains nothing: no gradients, no compiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qeras.backend.registration import Backward, Forward, Work


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`: the forward pass alone, as nothing asks for more."""
    return lambda tensors: forward(tensors)[0]


def on_host(forward: Any, backward: Any, width: int) -> Callable[[Sequence[Any]], Any]:
    """See `qeras.backend.registration`: the forward pass alone."""
    return lambda tensors: np.asarray(forward(tensors), tensors[0].dtype)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: nothing to do here."""
    return function


def _make_complex(real: Any, imaginary: Any) -> Any:
    result = np.empty(np.shape(real), np.result_type(real, np.complex64))
    result.real, result.imag = real, imaginary
    return result


ARRAYS: dict[str, Callable[..., Any]] = {
    "gather": lambda array, index, axis=0: np.take(array, index, axis=axis),
    "make_complex": _make_complex,
}
