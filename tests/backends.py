"""Values and gradients on whichever backend runs, so that tests need not name one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

Weights = Mapping[str, np.ndarray]
Function = Callable[[Any, Mapping[str, Any]], list[Any]]
Gradients = tuple[list[np.ndarray], np.ndarray, dict[str, np.ndarray]]


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Where JAX computes in `dtype`; the other backends always can."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.enable_x64(dtype == "float64"):
        yield


def tensors(inputs: Any, weights: Weights, dtype: str) -> tuple[Any, dict[str, Any]]:
    """Arrays as tensors of `dtype`."""
    named = {name: ops.convert_to_tensor(w, dtype=dtype) for name, w in weights.items()}
    return ops.convert_to_tensor(inputs, dtype=dtype), named


def evaluate(function: Function, inputs: Any, weights: Weights, dtype: str) -> list[np.ndarray]:
    """Results of `function(inputs, weights)` as arrays."""
    with precision(dtype):
        if keras.backend.backend() == "jax":
            function = _compiled(function)
        results = function(*tensors(inputs, weights, dtype))
        return [ops.convert_to_numpy(result) for result in results]


def differentiate(
    function: Function,
    inputs: np.ndarray,
    weights: Weights,
    cotangents: Sequence[np.ndarray],
    dtype: str,
) -> Gradients:
    """Results, and gradients of `sum Re(conj(cotangent) result)` by inputs and weights."""
    found: dict[str, Callable[..., Gradients]] = {
        "jax": _jax,
        "tensorflow": _tensorflow,
        "torch": _torch,
    }
    with precision(dtype):
        given = tensors(inputs, weights, dtype)
        return found[keras.backend.backend()](function, *given, _Functional(cotangents, dtype))


class _Functional:
    def __init__(self, cotangents: Sequence[np.ndarray], dtype: str):
        self.parts = [
            (ops.convert_to_tensor(c.real, dtype=dtype), ops.convert_to_tensor(c.imag, dtype=dtype))
            for c in cotangents
        ]

    def __call__(self, results: Sequence[Any]) -> Any:
        total: Any = 0.0
        for (re, im), result in zip(self.parts, results, strict=True):
            if "complex" in keras.backend.standardize_dtype(result.dtype):
                total = total + ops.sum(re * ops.real(result)) + ops.sum(im * ops.imag(result))
            else:
                total = total + ops.sum(re * result)
        return total


# Each program runs once, so what counts is XLA's time to compile it: 0.2 s with these, 1.5 s
# without for a circuit of ten gates.
_QUICK_COMPILATION = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(function, compiler_options=_QUICK_COMPILATION)


def _jax(function: Function, inputs: Any, weights: Any, functional: _Functional) -> Gradients:
    import jax

    def value(*arguments: Any) -> tuple[Any, list[Any]]:
        results = function(*arguments)
        return functional(results), results

    run = _compiled(jax.value_and_grad(value, (0, 1), has_aux=True))
    (_, results), (to_inputs, to_weights) = run(inputs, weights)
    return _arrays(results, to_inputs, to_weights)


def _tensorflow(
    function: Function, inputs: Any, weights: Any, functional: _Functional
) -> Gradients:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch([inputs, weights])
        results = function(inputs, weights)
        total = functional(results)
    gradients = tape.gradient(
        total, [inputs, weights], unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return _arrays(results, *gradients)


def _torch(function: Function, inputs: Any, weights: Any, functional: _Functional) -> Gradients:
    import torch

    leaves = [inputs, *weights.values()]
    for leaf in leaves:
        leaf.requires_grad_(True)
    results = function(inputs, weights)
    total = functional(results)
    if total.requires_grad:
        total.backward()
    found = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
    return _arrays(results, found[0], dict(zip(weights, found[1:], strict=True)))


def _arrays(results: Sequence[Any], to_inputs: Any, to_weights: Mapping[str, Any]) -> Gradients:
    return (
        [ops.convert_to_numpy(result) for result in results],
        ops.convert_to_numpy(to_inputs),
        {name: ops.convert_to_numpy(value) for name, value in to_weights.items()},
    )
