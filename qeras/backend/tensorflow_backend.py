"""Registration of a hand-written gradient with TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import record

from qeras.backend.registration import Backward, Forward, Work


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`.

    The backward pass reads tensors that the tape does not know as functions of the
    arguments, so its own gradient is registered too: that of the forward pass
    differentiated by TensorFlow."""

    @tf.custom_gradient
    def run(*tensors: Any) -> Any:
        outputs, residuals = forward(tensors)
        gives = _gives_constants()

        def gradient(*given: Any) -> Any:
            cotangents = _dense(given)
            if not twice:
                return backward(tensors, residuals, cotangents)

            @tf.custom_gradient
            def first_order(*arguments: Any) -> Any:
                own, given = arguments[: len(tensors)], arguments[len(tensors) :]
                with _giving(gives):
                    value = backward(own, residuals, given)

                def second_order(*upstream: Any) -> Any:
                    return _gradient_of_gradient(forward, own, given, upstream)

                return value, second_order

            return first_order(*tensors, *cotangents)

        return outputs, gradient

    return lambda tensors: list(run(*tensors))


def _gradient_of_gradient(forward: Forward, tensors: Any, cotangents: Any, upstream: Any) -> Any:
    arguments = [*tensors, *cotangents]
    with _without_loops(), tf.GradientTape() as outer:
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
        gradients = _dense(gradients)
    found = outer.gradient(
        gradients, arguments, list(upstream), unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    return _dense(found)


def _dense(gradients: Sequence[Any]) -> list[Any]:
    """Tensors: of a gather TensorFlow gives rows and their places instead."""
    return [tf.convert_to_tensor(gradient) for gradient in gradients]


def on_host(forward: Any, backward: Any, width: int) -> Callable[[Sequence[Any]], Any]:
    """See `qeras.backend.registration`. TensorFlow does not say which gradients it needs."""

    @tf.custom_gradient
    def run(*tensors: Any) -> Any:
        shape = (tensors[0].shape[0], width)
        (output,) = _call_host(lambda *arrays: [forward(arrays)], [shape], tensors)

        def gradient(cotangent: Any) -> Any:
            @tf.custom_gradient
            def first_order(*arguments: Any) -> Any:
                return _call_host(gradients, [one.shape for one in tensors], arguments), _refuse

            return first_order(*tensors, cotangent)

        def gradients(*arrays: Any) -> list[np.ndarray]:
            return backward(arrays[:-1], arrays[-1], [None] * len(tensors))

        return output, gradient

    return lambda tensors: run(*tensors)


def _call_host(
    function: Callable[..., list[np.ndarray]], shapes: Sequence[Any], tensors: Sequence[Any]
) -> list[Any]:
    """The function's arrays, at the tensors' dtype; an operation in graphs."""
    dtype = tensors[0].dtype

    def cast(*arrays: Any) -> list[np.ndarray]:
        return [np.asarray(one, dtype.as_numpy_dtype) for one in function(*arrays)]

    if tf.executing_eagerly():
        return [tf.constant(one) for one in cast(*(tensor.numpy() for tensor in tensors))]
    results = tf.numpy_function(cast, list(tensors), [dtype] * len(shapes))
    for result, shape in zip(results, shapes, strict=True):
        result.set_shape(shape)
    return list(results)


def _refuse(*cotangents: Any) -> Any:
    raise ValueError(
        "Expected first derivatives only of a QNode that PennyLane runs. Received: a gradient of "
        "its gradient."
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


# Bytes from which on a constant is an input of graphs in training: inside it would be copied
# each time a graph is, on its way to execution. 20 wires, batch 2: 411 MB, as inputs 250.
LEAST_GIVEN = 2**14

_gives: ContextVar[bool | None] = ContextVar("gives", default=None)


def _gives_constants() -> bool:
    """In training, where a tape records. A graph to be exported holds its constants: converters
    and gradients that are saved with it take no other inputs than the model's."""
    gives = _gives.get()
    return record.could_possibly_record() if gives is None else gives


@contextmanager
def _giving(gives: bool) -> Iterator[None]:
    """The way back goes by what the way forward did, as the tape may have ended."""
    token = _gives.set(gives)
    try:
        yield
    finally:
        _gives.reset(token)


def _is_given(array: np.ndarray) -> bool:
    return array.nbytes >= LEAST_GIVEN and _gives_constants()


def _constant(array: np.ndarray) -> Any:
    if not _is_given(array):
        return tf.constant(array)
    with tf.init_scope():
        return tf.constant(array)


def _known_constants(eager: dict[int, Any], array: np.ndarray) -> dict[int, Any]:
    """A graph would hold a constant as often as it is used."""
    return eager if _is_given(array) else _made_once(eager)


def _made_once(eager: dict[Any, Any]) -> dict[Any, Any]:
    """Where tensors that may be used here are kept: those of a graph on the graph itself, as
    they would otherwise keep it alive."""
    if tf.executing_eagerly():
        return eager
    graph = tf.compat.v1.get_default_graph()
    if not hasattr(graph, "_qeras_constants"):
        graph._qeras_constants = {}
    return graph._qeras_constants


def _reshape(tensor: Any, shape: Sequence[Any]) -> Any:
    """In a graph each shape is a constant: 16 wires, 4 layers have 390 reshapes to 80 shapes."""
    if tf.executing_eagerly() or not all(isinstance(size, int) for size in shape):
        return tf.reshape(tensor, shape)
    known = _made_once({})
    key = tuple(shape)
    if key not in known:
        known[key] = tf.constant(key)
    return tf.reshape(tensor, known[key])


_loops: ContextVar[bool] = ContextVar("loops", default=True)


@contextmanager
def _without_loops() -> Iterator[None]:
    """XLA does not compile the second derivative of a loop."""
    token = _loops.set(False)
    try:
        yield
    finally:
        _loops.reset(token)


def _scan(
    body: Callable[[Any, Any], tuple[Any, Any]], carried: Any, operands: Any, reverse: bool = False
) -> tuple[Any, Any]:
    """What `jax.lax.scan` computes, as a loop of the graph. Its first iteration stands before
    the loop, and shows what an iteration gives."""
    stacked = [one if one is None else tf.convert_to_tensor(one) for one in _flat(operands)]
    count = next(one.shape[0] for one in stacked if one is not None)
    shapes = [one.shape for one in _flat(carried)]

    def iteration(number: Any, carried: Any) -> tuple[list[Any], Any]:
        place = count - 1 - number if reverse else number
        own = [one if one is None else tf.gather(one, place) for one in stacked]
        carried, found = body(carried, tf.nest.pack_sequence_as(operands, own))
        flat = _flat(carried)
        for one, shape in zip(flat, shapes, strict=True):
            one.set_shape(shape)
        return flat, found

    def step(number: Any, flat: list[Any], rows: list[Any]) -> tuple[Any, list[Any], list[Any]]:
        flat, found = iteration(number, tf.nest.pack_sequence_as(carried, flat))
        return number + 1, flat, _written(rows, number, found)

    flat, first = iteration(0, carried)
    if not _loops.get():
        every = [first]
        for number in range(1, count):
            flat, found = iteration(number, tf.nest.pack_sequence_as(carried, flat))
            every.append(found)
        ordered = every[::-1] if reverse else every
        return tf.nest.pack_sequence_as(carried, flat), tf.nest.map_structure(_together, *ordered)
    rows = [
        tf.TensorArray(one.dtype, count, element_shape=one.shape)
        for one in _flat(first)
        if one is not None
    ]
    state = (tf.constant(1), flat, _written(rows, 0, first))
    _, flat, rows = tf.while_loop(
        lambda number, *_: number < count, step, state, maximum_iterations=count - 1
    )
    stacks = iter([one.stack() for one in rows])
    order = slice(None, None, -1 if reverse else None)
    found = [one if one is None else next(stacks)[order] for one in _flat(first)]
    return tf.nest.pack_sequence_as(carried, flat), tf.nest.pack_sequence_as(first, found)


def _together(*rows: Any) -> Any:
    return None if rows[0] is None else tf.stack(rows)


def _flat(structure: Any) -> list[Any]:
    return list(tf.nest.flatten(structure))


def _written(rows: list[Any], number: Any, found: Any) -> list[Any]:
    present = [one for one in _flat(found) if one is not None]
    return [row.write(number, one) for row, one in zip(rows, present, strict=True)]


# Moves of a plan that a loop must leave out. 60 layers on 8 wires (236 moves): trace and first
# step 1.4 s, not 34, and a step takes as long; on 12 wires a step takes half as long again.
LEAST_SAVED = 150


def _gather(tensor: Any, index: Any, axis: int = 0) -> Any:
    """keras.ops.take handles negative indices, which a plan does not have.

    From a column, not a vector: compiled by XLA, the second derivative of `tf.gather` from a
    vector, with an index repeated, was off by a tenth of its size."""
    if len(tensor.shape) == 1:
        return tf.reshape(tf.gather(tf.reshape(tensor, (-1, 1)), index), (-1,))
    return tf.gather(tensor, index, axis=axis)


# oneDNN, which TensorFlow computes with, shares work among threads however little it is, and
# waking one takes 30 to 60 microseconds, as long as eight kernels. Batches of products and
# transposes go to it; products of two small matrices, gathers, and taking rows apart do not.

# 2**13 numbers (8 wires, batch 32), 4 wires of them: one product between two gathers takes 20
# microseconds, a batch of products 34; 2**15 numbers 46 and 78, 2**16 190 and 69.
MOST_GATHERED = 2**15

# Matrices of a batch that are multiplied one by one, and rows or columns that are transposed
# so: 4 microseconds each.
MOST_PRODUCTS = 16
MOST_ROWS = 32


def _times_few(first: Any, second: Any) -> Any:
    """Where one matrix is the right factor of all, their rows are one matrix."""
    batches = [one.shape[:-2] for one in (first, second)]
    counts = [batch.num_elements() for batch in batches]
    shape = (*tf.broadcast_static_shape(*batches), first.shape[-2], second.shape[-1])
    if counts[1] == 1:
        rows = tf.reshape(first, (-1, first.shape[-1])) @ tf.reshape(second, second.shape[-2:])
        return tf.reshape(rows, shape)
    if counts[0] not in (1, counts[1]) or counts[1] is None or counts[1] > MOST_PRODUCTS:
        return first @ second
    firsts, seconds = _matrices(first) * (counts[1] // counts[0]), _matrices(second)
    products = tf.stack([one @ other for one, other in zip(firsts, seconds, strict=True)])
    return tf.reshape(products, shape)


def _matrices(batch: Any) -> list[Any]:
    return tf.unstack(tf.reshape(batch, (-1, *batch.shape[-2:])))


def _transpose(tensor: Any, axes: Sequence[int] | None = None) -> Any:
    if axes is None and len(tensor.shape) == 2:
        for axis in (0, 1):
            if (tensor.shape[axis] or math.inf) <= MOST_ROWS:
                return tf.stack(tf.unstack(tensor, axis=axis), axis=1 - axis)
    return tf.transpose(tensor, axes)


ARRAYS: dict[str, Callable[..., Any]] = {
    "constant": _constant,
    "gather": _gather,
    "known_constants": _known_constants,
    "in_step": _in_step,
    "make_complex": tf.complex,
    "reshape": _reshape,
    "scan": _scan,
    "times_few": _times_few,
    "transpose": _transpose,
}
