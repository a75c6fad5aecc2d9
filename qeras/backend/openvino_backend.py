"""Inference with OpenVINO, where Keras trains nothing: no gradients, no compiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras import ops

from qeras.backend.registration import Backward, Forward, Work


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`: the forward pass alone, as nothing asks for more."""
    return lambda tensors: forward(tensors)[0]


def on_host(forward: Any, backward: Any, width: int) -> Callable[[Sequence[Any]], Any]:
    """See `qeras.backend.registration`.

    Raises:
        ValueError: always, as OpenVINO's graphs hold no Python.
    """
    raise ValueError(
        "Expected a QNode that the engine runs, on the OpenVINO backend. Received: one that "
        "PennyLane runs; use the JAX, TensorFlow, torch or NumPy backend."
    )


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: nothing to do here."""
    return function


def _make_complex(real: Any, imaginary: Any) -> Any:
    raise ValueError(
        "Expected results of real numbers on the OpenVINO backend. Received: a circuit that "
        "returns a state or a density matrix; return probs or expval, or use another backend."
    )


ARRAYS: dict[str, Callable[..., Any]] = {
    "gather": lambda array, index, axis=0: ops.take(array, index, axis=axis),
    "make_complex": _make_complex,
}
