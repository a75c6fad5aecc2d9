"""Registration of a hand-written gradient with JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import add
from typing import Any

import jax
import numpy as np

from qeras.backend.registration import Backward, Forward, Work
from qeras.circuit.expressions import FUNCTIONS


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`. JAX differentiates the backward pass itself
    where a gradient of the gradient is asked for."""

    def plain(tensors: list[Any]) -> list[Any]:
        return forward(tensors)[0]

    def run_forward(tensors: list[Any]) -> tuple[list[Any], Any]:
        outputs, residuals = forward(tensors)
        return outputs, (tensors, residuals)

    def run_backward(kept: Any, cotangents: list[Any]) -> tuple[list[Any]]:
        tensors, residuals = kept
        return (backward(tensors, residuals, cotangents),)

    run = jax.custom_vjp(plain)
    run.defvjp(run_forward, run_backward)
    return lambda tensors: run(list(tensors))


def on_host(forward: Any, backward: Any, width: int) -> Callable[[Sequence[Any]], Any]:
    """See `qeras.backend.registration`. JAX says which arguments are differentiated."""

    def value(tensors: Sequence[Any]) -> Any:
        shape = jax.ShapeDtypeStruct((tensors[0].shape[0], width), tensors[0].dtype)
        return _call_host(lambda *arrays: [forward(arrays)], [shape], tensors)[0]

    def run_forward(arguments: list[Any]) -> tuple[Any, Any]:
        tensors = [argument.value for argument in arguments]
        # In the structure, as what is kept must be arrays.
        needed = [() if argument.perturbed else None for argument in arguments]
        return value(tensors), (tensors, needed)

    def run_backward(kept: Any, cotangent: Any) -> tuple[list[Any]]:
        tensors, flags = kept
        needed = [flag is not None for flag in flags]
        if isinstance(cotangent, jax.custom_derivatives.SymbolicZero):
            return ([jax.numpy.zeros_like(tensor) for tensor in tensors],)
        shapes = [jax.ShapeDtypeStruct(tensor.shape, tensor.dtype) for tensor in tensors]

        def gradients(*arrays: Any) -> list[np.ndarray]:
            return backward(arrays[:-1], arrays[-1], needed)

        return (_call_host(gradients, shapes, [*tensors, cotangent]),)

    run = jax.custom_vjp(value)
    run.defvjp(run_forward, run_backward, symbolic_zeros=True)
    return lambda tensors: run([jax.numpy.asarray(tensor) for tensor in tensors])


def _call_host(
    function: Callable[..., list[np.ndarray]], shapes: Sequence[Any], tensors: Sequence[Any]
) -> list[Any]:
    """The function's arrays, at the shapes' dtypes; a callback in compiled programs."""

    def cast(*arrays: Any) -> list[np.ndarray]:
        results = function(*map(np.asarray, arrays))
        return [np.asarray(one, shape.dtype) for one, shape in zip(results, shapes, strict=True)]

    if _is_traced(tensors):
        return list(jax.pure_callback(cast, list(shapes), *tensors, vmap_method="sequential"))
    return [jax.numpy.asarray(array) for array in cast(*tensors)]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: outside of a compiled step, JAX would compile
    every operation of the circuit by itself. Inside of one, a compiled function's forward pass
    would be traced twice, first without its gradient."""
    alone = jax.jit(function)

    def run(*arguments: Any) -> Any:
        staged = _is_traced(jax.tree.leaves(arguments)) and _is_staged()
        return (function if staged else alone)(*arguments)

    return run


def _is_traced(tensors: Sequence[Any]) -> bool:
    return any(isinstance(tensor, jax.core.Tracer) for tensor in tensors)


def _is_staged() -> bool:
    """Whether operations go into a program; where JAX only differentiates, they run at once."""
    return isinstance(jax.numpy.zeros(()), jax.core.Tracer)


def _gather(array: Any, index: Any, axis: int = 0) -> Any:
    """Indices of a plan are in bounds; jax.numpy.take would check each of them."""
    rows = jax.numpy.asarray(array).at[(slice(None),) * axis + (index,)]
    return rows.get(mode="promise_in_bounds", wrap_negative_indices=False)


def _times_each(matrix: Any, blocks: Any) -> Any:
    """Without the batch axis, XLA would put the blocks' rows first and transpose."""
    return jax.numpy.broadcast_to(matrix, (blocks.shape[0], *matrix.shape)) @ blocks


# Numbers that are added one after the other, an unrolled loop; the sums of these then by a library.
ADDED = 16


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _sum_each(tensors: tuple[Any, ...], axis: int) -> tuple[Any, ...]:
    """As one reduction of all: each by itself would go to a library, for which XLA writes
    products and broadcasts out. The way back of a merge on 20 wires, batch 2, takes 4 ms and
    1 MiB in place of 20 and 32, on 16 wires, batch 16, 0.4 and not 3.7."""
    size = tensors[0].shape[axis]
    if size <= ADDED or size % ADDED:
        return _added(tensors, axis)
    shape = [*tensors[0].shape]
    shape[axis : axis + 1] = size // ADDED, ADDED
    sums = _added(tuple(jax.numpy.reshape(one, shape) for one in tensors), axis + 1)
    return tuple(jax.numpy.sum(one, axis=axis) for one in sums)


@_sum_each.defjvp
def _sum_each_jvp(axis: int, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """JAX cannot transpose a reduction of several arrays."""
    own = tuple(jax.numpy.sum(one, axis=axis) for one in tangents[0])
    return _sum_each(primals[0], axis), own


def _added(tensors: tuple[Any, ...], axis: int) -> tuple[Any, ...]:
    zeros = tuple(np.zeros((), one.dtype) for one in tensors)
    return jax.lax.reduce(tensors, zeros, lambda *both: jax.tree.map(add, *both), (axis,))


# Moves of a plan that a loop must leave out: of 8 on 8 wires it compiles in 0.86 s, not 0.92,
# and a step takes 0.57 ms, not 0.46.
LEAST_SAVED = 12

# On 12 wires 1.26 ms, and a real one 0.4, as both parts are put together and taken apart.
COMPLEX_COST = 3.0

# keras.ops computes these in 32 bits where they are given 64, whatever jax_enable_x64 says.
_PRECISE: dict[str, Callable[..., Any]] = {
    name: getattr(jax.numpy, name) for name in FUNCTIONS if hasattr(jax.numpy, name)
}
_PRECISE |= {
    "erf": jax.scipy.special.erf,
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
}

FUSES = True

ARRAYS: dict[str, Callable[..., Any]] = {
    **_PRECISE,
    # Arrays on a device would take twice the memory while a program is made of them.
    "constant": lambda array: array,
    "gather": _gather,
    "times_each": _times_each,
    "make_complex": jax.lax.complex,
    # For compilers that keep it: XLA on the CPU now drops it and computes them in each kernel.
    "computed_once": jax.lax.optimization_barrier,
    # Compile time is in proportion to the operations of the program.
    "scan": jax.lax.scan,
    "sum_each": _sum_each,
}
