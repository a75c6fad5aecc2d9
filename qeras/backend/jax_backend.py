"""Registration of a hand-written gradient with JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from qeras.backend.registration import Backward, Forward
from qeras.circuit.expressions import FUNCTIONS


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`. JAX differentiates the backward pass itself
    where a gradient of the gradient is asked for."""

    def plain(tensors: list[Any]) -> list[Any]:
        return forward(tensors)[0]

    def run_forward(tensors: list[Any]) -> tuple[list[Any], Any]:
        outputs, residuals = forward(tensors)
        return outputs, (tensors, residuals, outputs)

    def run_backward(kept: Any, cotangents: list[Any]) -> tuple[list[Any]]:
        tensors, residuals, outputs = kept
        return (backward(tensors, residuals, outputs, cotangents),)

    run = jax.custom_vjp(plain)
    run.defvjp(run_forward, run_backward)
    return lambda tensors: run(list(tensors))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: outside of a compiled step, JAX would compile
    every operation of the circuit by itself."""
    return jax.jit(function)


def _gather(array: Any, index: Any) -> Any:
    """Indices of a plan are in bounds; jax.numpy.take would check each of them."""
    rows = jax.numpy.asarray(array).at[index]
    return rows.get(mode="promise_in_bounds", wrap_negative_indices=False)


# keras.ops computes these in 32 bits where they are given 64, whatever jax_enable_x64 says.
_PRECISE: dict[str, Callable[..., Any]] = {
    name: getattr(jax.numpy, name) for name in FUNCTIONS if hasattr(jax.numpy, name)
}
_PRECISE |= {
    "erf": jax.scipy.special.erf,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
}

ARRAYS: dict[str, Callable[..., Any]] = {
    **_PRECISE,
    "gather": _gather,
    "make_complex": jax.lax.complex,
    # XLA on the CPU would compute them anew in every kernel that uses them.
    "computed_once": jax.lax.optimization_barrier,
    # Compile time is in proportion to the operations of the program.
    "scan": jax.lax.scan,
}
