"""Values and gradients on whichever backend runs, so that tests need not name one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from tests import compilation

Weights = Mapping[str, np.ndarray]
Function = Callable[[Any, Mapping[str, Any]], list[Any]]
Cotangents = Sequence[Sequence[Any]]  # real and imaginary part of each
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
        results = compiled(function)(*tensors(inputs, weights, dtype))
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
        parts = [
            [ops.convert_to_tensor(part, dtype=dtype) for part in (one.real, one.imag)]
            for one in cotangents
        ]
        return found[keras.backend.backend()](function, *given, parts)


def _functional(cotangents: Cotangents, results: Sequence[Any]) -> Any:
    total: Any = 0.0
    for (re, im), result in zip(cotangents, results, strict=True):
        if "complex" in keras.backend.standardize_dtype(result.dtype):
            total = total + ops.sum(re * ops.real(result)) + ops.sum(im * ops.imag(result))
        else:
            total = total + ops.sum(re * result)
    return total


@lru_cache(maxsize=4)
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, on JAX as one program for each shape of its arguments."""
    if keras.backend.backend() != "jax":
        return function
    import jax

    return jax.jit(function, compiler_options=compilation.quick_options())


@lru_cache(maxsize=4)
def _value_and_gradients(function: Function) -> Callable[..., Any]:
    import jax

    def value(inputs: Any, weights: Any, cotangents: Cotangents) -> tuple[Any, list[Any]]:
        results = function(inputs, weights)
        return _functional(cotangents, results), results

    return compiled(jax.value_and_grad(value, (0, 1), has_aux=True))


def _jax(function: Function, inputs: Any, weights: Any, cotangents: Cotangents) -> Gradients:
    run = _value_and_gradients(function)
    (_, results), (to_inputs, to_weights) = run(inputs, weights, cotangents)
    return _arrays(results, to_inputs, to_weights)


def _tensorflow(function: Function, inputs: Any, weights: Any, cotangents: Cotangents) -> Gradients:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch([inputs, weights])
        results = function(inputs, weights)
        total = _functional(cotangents, results)
    gradients = tape.gradient(
        total, [inputs, weights], unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return _arrays(results, *gradients)


def _torch(function: Function, inputs: Any, weights: Any, cotangents: Cotangents) -> Gradients:
    import torch

    leaves = [inputs, *weights.values()]
    for leaf in leaves:
        leaf.requires_grad_(True)
    results = function(inputs, weights)
    total = _functional(cotangents, results)
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
