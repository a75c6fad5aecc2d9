"""The layer among others: models of every kind, and what Keras does with them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of, rotation_layer
from tests.differentiation import numbers


def data(batch: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Samples of two features and a target that an entangler can learn."""
    x = np.random.default_rng(7).uniform(-1, 1, size=(batch, 2)).astype("float32")
    return x, np.cos(x[:, :1] + 0.5)


class Hybrid(keras.Model):
    """A subclassed model."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(2)
        self.quantum = entangler_layer()
        self.head = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.head(self.quantum(self.dense(inputs)))


def sequential() -> keras.Model:
    return keras.Sequential([entangler_layer(), entangler_layer(), keras.layers.Dense(1)])


def functional() -> keras.Model:
    inputs = keras.Input((2,))
    split = keras.ops.split(keras.layers.Dense(4)(inputs), 2, axis=1)
    joined = keras.layers.Concatenate()([entangler_layer()(part) for part in split])
    return keras.Model(inputs, keras.layers.Dense(1)(joined))


def shared() -> keras.Model:
    inputs, layer = keras.Input((2,)), entangler_layer()
    joined = keras.layers.Add()([layer(inputs), layer(2 * inputs)])
    return keras.Model(inputs, keras.layers.Dense(1)(joined))


MODELS = {"sequential": sequential, "functional": functional, "shared": shared, "own": Hybrid}
COUNTS = {"sequential": (8, 11), "functional": (8, 12 + 8 + 5), "shared": (4, 7), "own": (4, 13)}


@pytest.mark.parametrize("kind", MODELS)
def test_fit(kind: str) -> None:
    x, y = data()
    model = MODELS[kind]()
    model.compile(keras.optimizers.Adam(0.1), "mse")
    history = model.fit(x, y, batch_size=4, epochs=8, validation_split=0.25, verbose=0).history
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    assert np.isfinite(history["val_loss"]).all()
    quantum = [layer for layer in model.layers if isinstance(layer, KerasLayer)]
    found = sum(layer.count_params() for layer in quantum), model.count_params()
    assert found == COUNTS[kind]


@pytest.mark.parametrize(
    "options",
    [{"run_eagerly": True}, {"jit_compile": False}],
    ids=lambda options: next(iter(options)),
)
def test_ways_to_run(options: dict[str, Any]) -> None:
    """The same weights, however Keras runs the steps."""
    x, y = data()
    results = []
    for chosen in ({}, options):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse", **chosen)
        model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
        results.append(model.predict(x, verbose=0))
    np.testing.assert_allclose(results[1], results[0], atol=1e-5)


def test_time_distributed() -> None:
    layer = entangler_layer()
    model = keras.Sequential([keras.Input((3, 2)), keras.layers.TimeDistributed(layer)])
    assert model.output_shape == (None, 3, 2)
    x = np.random.default_rng(0).normal(size=(4, 3, 2)).astype("float32")
    np.testing.assert_allclose(
        model.predict(x, verbose=0).reshape(-1, 2), numbers(layer(x.reshape(-1, 2))), atol=1e-6
    )


def test_frozen() -> None:
    x, y = data()
    layer = entangler_layer()
    layer.trainable = False
    model = keras.Sequential([keras.layers.Dense(2), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    (before,) = layer.get_weights()
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(layer.get_weights()[0], before)
    assert len(model.trainable_variables) == 4


def test_cloned() -> None:
    x, y = data()
    model = functional()
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    expected = numbers(model(x))
    np.testing.assert_allclose(numbers(clone(x)), expected, atol=1e-6)
    clone.compile("sgd", "mse")
    clone.fit(x, y, verbose=0)
    np.testing.assert_allclose(numbers(model(x)), expected, atol=1e-6)


def test_one_qnode_in_two_layers() -> None:
    qnode = entangler()
    first, second = (KerasLayer(qnode, {"weights": (layers, 2)}) for layers in (1, 3))
    x, _ = data()
    for layer in (first, second):
        expected = np.stack(qnode(x, *layer.get_weights()), axis=-1)
        np.testing.assert_allclose(numbers(layer(x)), expected, atol=1e-6)


def test_dictionary_of_outputs() -> None:
    x, y = data()
    inputs = keras.Input((2,))
    layer = entangler_layer(lambda: {"a": qml.expval(qml.Z(0)), "b": qml.probs(wires=[1])})
    results = layer(inputs)
    model = keras.Model(inputs, {"a": keras.ops.expand_dims(results["a"], -1), "b": results["b"]})
    model.compile("sgd", {"a": "mse", "b": "mse"})
    history = model.fit(x, {"a": y, "b": np.zeros((8, 2))}, epochs=3, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert {key: value.shape for key, value in model.predict(x, verbose=0).items()} == {
        "a": (8, 1),
        "b": (8, 2),
    }


def test_sample_weights_and_callbacks(tmp_path: Any) -> None:
    x, y = data()
    model = sequential()
    model.compile("adam", "mse", metrics=["mae"], weighted_metrics=["mse"])
    best = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    stop = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    model.fit(
        x,
        y,
        sample_weight=np.linspace(0, 1, 8),
        callbacks=[best, stop],
        validation_data=(x, y),
        epochs=2,
        verbose=0,
    )
    loaded = keras.models.load_model(tmp_path / "best.keras")
    np.testing.assert_allclose(numbers(loaded(x)), numbers(model(x)), atol=1e-5)


def test_features_and_weights_read_several_times() -> None:
    """In a graph that does not know the batch's size."""

    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(inputs: Any, weights: Any) -> Any:
        for layer in range(3):
            qml.RX(inputs[0] * (layer + 1), wires=0)
            qml.RX(inputs[1], wires=1)
            qml.RY(weights[0], wires=0)
            qml.RY(weights[layer % 2], wires=1)
            qml.CNOT([0, 1])
        return qml.expval(qml.Z(0))

    x, y = data()
    results = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(3)
        first = keras.layers.Dense(2)
        model = keras.Sequential([first, KerasLayer(circuit, {"weights": 2})])
        model.compile(keras.optimizers.SGD(0.1), "mse", run_eagerly=eagerly)
        model.fit(x, y, batch_size=3, shuffle=False, epochs=2, verbose=0)
        results.append([*model.get_weights(), model.predict(x, verbose=0)])
    for graph, eager in zip(*results, strict=True):
        np.testing.assert_allclose(graph, eager, atol=1e-5)


def test_train_and_predict_on_batch() -> None:
    x, y = data()
    model = sequential()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = [model.train_on_batch(x, y) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert model.predict_on_batch(x).shape == (8, 1)


# -------------------------------------------------------------------- the function's runs


def test_the_function_runs_once() -> None:
    """At construction not at all, once when the number of features is known."""
    runs = 0

    def circuit(inputs: Any, weights: Any) -> Any:
        nonlocal runs
        runs += 1
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        return [qml.expval(qml.Z(i)) for i in range(2)]

    layer = KerasLayer(qnode_of(circuit), {"weights": (2, 2)}, output_dim=2)
    assert runs == 0
    layer.build((None, 2))
    assert runs == 1
    x, y = data()
    model = keras.Sequential([keras.Input((2,)), layer, keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, y, batch_size=3, epochs=3, verbose=0)
    model.predict(x[:5], verbose=0)
    layer(x[0])
    layer.compute_output_shape((None, 2))
    layer.get_config()
    assert runs == 1


def test_results_follow_the_weights() -> None:
    layer = rotation_layer()
    for angle in (0.2, 1.2):
        layer.set_weights([np.array(angle)])
        found = numbers(layer(np.array([[0.3]], "float32")))
        np.testing.assert_allclose(found, [np.cos(0.3 + angle)], atol=1e-6)
