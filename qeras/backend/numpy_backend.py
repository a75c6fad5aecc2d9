"""Inference with NumPy, where Keras trains nothing: no gradients, no compiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qeras.backend.registration import Backward, Forward


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`: the forward pass alone, as nothing asks for more."""
    return lambda tensors: forward(tensors)[0]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: nothing to do here."""
    return function


def _make_complex(real: Any, imaginary: Any) -> Any:
    result = np.empty(np.shape(real), np.result_type(real, np.complex64))
    result.real, result.imag = real, imaginary
    return result


ARRAYS: dict[str, Callable[..., Any]] = {
    "gather": lambda array, index: np.take(array, index, axis=0),
    "make_complex": _make_complex,
}
