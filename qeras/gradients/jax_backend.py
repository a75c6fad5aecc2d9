"""Registration of a hand-written gradient with JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from qeras.gradients.registration import Backward, Forward


def differentiable(forward: Forward, backward: Backward) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.gradients.registration`. JAX differentiates the backward pass itself
    where a gradient of the gradient is asked for."""

    @jax.custom_vjp
    def run(tensors: list[Any]) -> list[Any]:
        return forward(tensors)[0]

    def run_forward(tensors: list[Any]) -> tuple[list[Any], Any]:
        outputs, residuals = forward(tensors)
        return outputs, (tensors, residuals, outputs)

    def run_backward(kept: Any, cotangents: list[Any]) -> tuple[list[Any]]:
        return (backward(*kept, cotangents),)

    run.defvjp(run_forward, run_backward)
    return lambda tensors: run(list(tensors))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.gradients.registration`: outside of a compiled step, JAX would compile
    every operation of the circuit by itself."""
    return jax.jit(function)
