"""Registration of a hand-written gradient with TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from qeras.backend.registration import Backward, Forward


def differentiable(forward: Forward, backward: Backward) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`.

    The backward pass reads tensors that the tape does not know as functions of the
    arguments, so its own gradient is registered too: that of the forward pass
    differentiated by TensorFlow."""

    @tf.custom_gradient
    def run(*tensors: Any) -> Any:
        outputs, residuals = forward(tensors)

        def gradient(*cotangents: Any) -> Any:
            @tf.custom_gradient
            def first_order(*arguments: Any) -> Any:
                own, given = arguments[: len(tensors)], arguments[len(tensors) :]
                value = backward(own, residuals, outputs, given)

                def second_order(*upstream: Any) -> Any:
                    return _gradient_of_gradient(forward, own, given, upstream)

                return value, second_order

            return first_order(*tensors, *cotangents)

        return outputs, gradient

    return lambda tensors: list(run(*tensors))


def _gradient_of_gradient(forward: Forward, tensors: Any, cotangents: Any, upstream: Any) -> Any:
    arguments = [*tensors, *cotangents]
    with tf.GradientTape() as outer:
        outer.watch(arguments)
        with tf.GradientTape() as inner:
            inner.watch(list(tensors))
            outputs, _ = forward(tensors)
        gradients = inner.gradient(
            outputs,
            list(tensors),
            list(cotangents),
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
    return outer.gradient(
        gradients, arguments, list(upstream), unconnected_gradients=tf.UnconnectedGradients.ZERO
    )


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`: nothing to do here."""
    return function


def _in_step(tensors: Any) -> Any:
    """A graph's operations run as soon as they can: the way back would undo a state to its
    start, and hold what is between, before the cotangent follows."""
    present = [tensor for tensor in tf.nest.flatten(tensors) if tensor is not None]
    with tf.control_dependencies(present):
        return tf.nest.map_structure(
            lambda tensor: None if tensor is None else tf.identity(tensor), tensors
        )


def _known_constants(eager: dict[int, Any]) -> dict[int, Any]:
    """A graph would hold a constant as often as it is used. Those of a graph are kept on the
    graph itself, as their tensors would otherwise keep it alive."""
    if tf.executing_eagerly():
        return eager
    graph = tf.compat.v1.get_default_graph()
    if not hasattr(graph, "_qeras_constants"):
        graph._qeras_constants = {}
    return graph._qeras_constants


# keras.ops.take handles negative indices, which a plan does not have.
ARRAYS: dict[str, Callable[..., Any]] = {
    "gather": lambda tensor, index, axis=0: tf.gather(tensor, index, axis=axis),
    "known_constants": _known_constants,
    "in_step": _in_step,
    "make_complex": tf.complex,
}
