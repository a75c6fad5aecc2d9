"""Registration of a hand-written gradient with TensorFlow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from qeras.backend.registration import Backward, Forward


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`.

    The backward pass reads tensors that the tape does not know as functions of the
    arguments, so its own gradient is registered too: that of the forward pass
    differentiated by TensorFlow."""

    @tf.custom_gradient
    def run(*tensors: Any) -> Any:
        outputs, residuals = forward(tensors)

        def gradient(*given: Any) -> Any:
            # Of a gather TensorFlow gives rows and their places instead of a tensor.
            cotangents = [tf.convert_to_tensor(cotangent) for cotangent in given]
            if not twice:
                return backward(tensors, residuals, outputs, cotangents)

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


# keras.ops.take handles negative indices, which a plan does not have.
ARRAYS: dict[str, Callable[..., Any]] = {"gather": tf.gather, "make_complex": tf.complex}
