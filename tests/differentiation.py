"""Numbers and gradients out of a layer, gradients by each backend's own means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

Function = Callable[..., Any]


def numbers(results: Any) -> np.ndarray:
    """A tensor as an array."""
    return np.asarray(ops.convert_to_numpy(results))


def gradients(function: Function, *arrays: Any) -> list[np.ndarray]:
    """Gradients at `arrays` of a function of tensors that gives one number."""
    tensors = [np.asarray(array, keras.config.floatx()) for array in arrays]
    return [numbers(found) for found in _GRADIENTS[_backend()](function, tensors)]


def second_gradient(function: Function, array: Any) -> np.ndarray:
    """Gradient of the sum of the gradient."""
    tensor = np.asarray(array, keras.config.floatx())
    return numbers(_SECOND_GRADIENT[_backend()](function, tensor))


def weight_gradients(layer: keras.layers.Layer, inputs: Any) -> list[np.ndarray]:
    """Gradients of the sum of a layer's results, to its trainable weights."""
    found = _WEIGHT_GRADIENTS[_backend()](layer, inputs)
    return [numbers(gradient) for gradient in found]


def _backend() -> str:
    return keras.backend.backend()


def _jax_gradients(function: Function, arrays: list[Any]) -> Any:
    import jax

    return jax.grad(function, argnums=tuple(range(len(arrays))))(*arrays)


def _jax_second_gradient(function: Function, array: Any) -> Any:
    import jax

    return jax.grad(lambda tensor: jax.grad(function)(tensor).sum())(array)


def _jax_weight_gradients(layer: keras.layers.Layer, inputs: Any) -> Any:
    import jax

    others = [variable.value for variable in layer.non_trainable_variables]

    def total(values: list[Any]) -> Any:
        return ops.sum(layer.stateless_call(values, others, inputs)[0])

    return jax.grad(total)([variable.value for variable in layer.trainable_variables])


def _tensorflow_gradients(function: Function, arrays: list[Any]) -> Any:
    import tensorflow as tf

    tensors = [tf.constant(array) for array in arrays]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value = function(*tensors)
    return tape.gradient(value, tensors)


def _tensorflow_second_gradient(function: Function, array: Any) -> Any:
    import tensorflow as tf

    tensor = tf.constant(array)
    with tf.GradientTape() as outer:
        outer.watch(tensor)
        with tf.GradientTape() as inner:
            inner.watch(tensor)
            value = function(tensor)
        first = inner.gradient(value, tensor)
    return outer.gradient(first, tensor)


def _tensorflow_weight_gradients(layer: keras.layers.Layer, inputs: Any) -> Any:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        total = ops.sum(layer(inputs))
    return tape.gradient(total, [variable.value for variable in layer.trainable_variables])


def _torch_gradients(function: Function, arrays: list[Any]) -> Any:
    import torch

    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    return torch.autograd.grad(function(*tensors), tensors)


def _torch_second_gradient(function: Function, array: Any) -> Any:
    import torch

    tensor = torch.tensor(array, requires_grad=True)
    (first,) = torch.autograd.grad(function(tensor), tensor, create_graph=True)
    return torch.autograd.grad(first.sum(), tensor)[0]


def _torch_weight_gradients(layer: keras.layers.Layer, inputs: Any) -> Any:
    import torch

    values = [variable.value for variable in layer.trainable_variables]
    return torch.autograd.grad(ops.sum(layer(inputs)), values)


_GRADIENTS = {
    "jax": _jax_gradients,
    "tensorflow": _tensorflow_gradients,
    "torch": _torch_gradients,
}
_SECOND_GRADIENT = {
    "jax": _jax_second_gradient,
    "tensorflow": _tensorflow_second_gradient,
    "torch": _torch_second_gradient,
}
_WEIGHT_GRADIENTS = {
    "jax": _jax_weight_gradients,
    "tensorflow": _tensorflow_weight_gradients,
    "torch": _torch_weight_gradients,
}
