"""What a user of TensorFlow does with the layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from qeras import KerasLayer
from qeras.backend import arrays
from tests.circuits import entangler, entangler_layer, rotation_layer, strongly_entangled
from tests.differentiation import numbers
from tests.execution.test_loops import FEATURES, layered, program

X = np.random.default_rng(19).uniform(-1, 1, size=(7, 2)).astype("float32")
Y = np.cos(X[:, :1])


def wide_layer() -> KerasLayer:
    return KerasLayer(entangler(wires=14), {"weights": (2, 14)})


def hybrid() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])


@pytest.mark.parametrize("options", [{"jit_compile": True}, {"steps_per_execution": 2}])
def test_compiled(options: dict[str, Any]) -> None:
    results = []
    for chosen in ({"run_eagerly": True}, options):
        keras.utils.set_random_seed(3)
        model = hybrid()
        model.compile(keras.optimizers.SGD(0.1), "mse", **chosen)
        model.fit(X[:6], Y[:6], batch_size=3, shuffle=False, verbose=0)
        results.append(model.predict(X, verbose=0))
    np.testing.assert_allclose(results[1], results[0], atol=1e-5)


def test_dataset_with_a_smaller_last_batch() -> None:
    model = hybrid()
    model.compile(keras.optimizers.Adam(0.1), "mse")
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(3)
    losses = model.fit(dataset, epochs=6, shuffle=False, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict(dataset, verbose=0).shape == (7, 1)


def test_loop() -> None:
    model = hybrid()
    optimizer = keras.optimizers.Adam(0.1)

    @tf.function
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    losses = [float(step(X, Y)) for _ in range(10)]
    assert losses[-1] < 0.7 * losses[0]


def test_graph_of_any_batch() -> None:
    layer = entangler_layer()
    graph = tf.function(layer, input_signature=[tf.TensorSpec((None, None, 2), tf.float32)])
    for batch in ((2, 3), (0, 1), (1, 5)):
        x = np.random.default_rng(0).normal(size=(*batch, 2)).astype("float32")
        np.testing.assert_allclose(numbers(graph(x)), numbers(layer(x)), atol=1e-6)


def test_hessian() -> None:
    layer = rotation_layer()
    layer.set_weights([np.array(0.5)])
    x = tf.constant([0.2])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            value = layer(x)
        gradient = inner.gradient(value, x)
    np.testing.assert_allclose(outer.jacobian(gradient, x), [[-np.cos(0.7)]], atol=1e-5)


def test_export(tmp_path: Path) -> None:
    model = hybrid()
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(exported.serve(X), numbers(model(X)), atol=1e-6)


def test_large_constants_are_beside_graphs_of_training() -> None:
    """Inside, a graph would copy them several times before it runs."""
    layer = wide_layer()

    @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32)])
    def gradients(x: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(layer(x))
        return tape.gradient(value, layer.trainable_variables)

    layer.build((None, 2))
    graph = gradients.get_concrete_function().graph
    assert max(tensor.shape.num_elements() for tensor in graph.external_captures) >= 2**14
    assert graph.as_graph_def().ByteSize() < 2**17
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(layer(X))
    (expected,) = tape.gradient(value, layer.trainable_variables)
    np.testing.assert_allclose(gradients(X)[0], expected, atol=1e-5)


@pytest.mark.parametrize("trained", [False, True])
def test_exported_graphs_hold_their_constants(trained: bool, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), wide_layer(), keras.layers.Dense(1)])
    if trained:
        model.compile("sgd", "mse")
        model.fit(X, Y, verbose=0)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(exported.serve(X), numbers(model(X)), atol=1e-6)
    # Its gradients are saved too.
    x = tf.constant(X)
    found = []
    for function in (model, exported.serve):
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        found.append(tape.gradient(value, x))
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)


def test_operations_do_not_grow_with_depth() -> None:
    """Above the depth from which on layers are a loop."""
    counts = []
    for layers in (60, 80):
        layer = strongly_entangled(layers, 6)
        layer.build((None, 2))

        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32)])
        def gradients(x: tf.Tensor, layer: KerasLayer = layer) -> list[tf.Tensor]:
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(layer(x))
            return tape.gradient(value, layer.trainable_variables)

        counts.append(len(gradients.get_concrete_function().graph.get_operations()))
    assert counts[0] == counts[1]


def test_shapes_are_constants_once_in_a_graph() -> None:
    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
    def graph(tensor: tf.Tensor) -> list[tf.Tensor]:
        rows = [arrays.reshape(one, (-1, 2)) for one in (tensor, tensor + 1)]
        return [*rows, arrays.reshape(tensor, (tf.shape(tensor)[0], 2, 2))]

    operations = graph.get_concrete_function().graph.get_operations()
    shapes = [operation.inputs[1].name for operation in operations if operation.type == "Reshape"]
    assert len(shapes) == 3
    assert len(set(shapes)) == 2
    found = graph(np.arange(8.0, dtype="float32").reshape(2, 4))
    assert [one.shape for one in found] == [(4, 2), (4, 2), (2, 2, 2)]


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("loops", [False, True])
def test_layers_are_differentiated_twice(
    jit_compile: bool, loops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a graph for any batch, as without loops and graphs."""
    circuit = layered(0)
    generator = np.random.default_rng(0)
    inputs = tf.constant(generator.uniform(-3, 3, (3, FEATURES)), "float32")
    weights = tf.constant(generator.uniform(-3, 3, circuit.weight_shapes["weights"]), "float32")

    def second(run: Callable[..., Any]) -> Callable[..., Any]:
        def found(inputs: Any) -> Any:
            with tf.GradientTape() as outer:
                outer.watch(weights)
                with tf.GradientTape() as inner:
                    inner.watch(weights)
                    total = tf.reduce_sum(tf.stack(run(inputs, {"weights": weights})) ** 2)
                gradient = inner.gradient(total, weights)
                slope = tf.reduce_sum(gradient**2)
            return gradient, outer.gradient(slope, weights)

        return found

    found, plain = (program(circuit, monkeypatch, one) for one in (loops, False))
    graph = tf.function(
        second(found.run),
        jit_compile=jit_compile,
        input_signature=[tf.TensorSpec((None, FEATURES))],
    )
    for one, other in zip(graph(inputs), second(plain.run)(inputs), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
