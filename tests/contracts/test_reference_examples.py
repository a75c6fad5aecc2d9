"""Examples that the original layer was known by, with nothing changed but imports."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
from sklearn.datasets import make_moons

from qeras import KerasLayer
from tests.differentiation import numbers

dev = qml.device("default.qubit", wires=2)


def moons(samples: int = 40) -> tuple[np.ndarray, np.ndarray]:
    x, labels = make_moons(samples, noise=0.1, random_state=1)
    return x.astype("float32"), keras.utils.to_categorical(labels)


def assert_learns(model: keras.Model, epochs: int = 4) -> None:
    x, y = moons()
    history = model.fit(x, y, epochs=epochs, batch_size=5, validation_split=0.25, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < losses[0]


def test_a_vector_and_a_scalar() -> None:
    """Weights of different kinds, one of them without an axis."""

    @qml.qnode(dev)
    def qnode(inputs: Any, weights_0: Any, weight_1: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.RX(inputs[1], wires=1)
        qml.Rot(*weights_0, wires=0)
        qml.RY(weight_1, wires=1)
        qml.CNOT(wires=[0, 1])
        return qml.expval(qml.Z(0)), qml.expval(qml.Z(1))

    layer = KerasLayer(qnode, {"weights_0": 3, "weight_1": 1}, output_dim=2)
    model = keras.Sequential([keras.layers.Dense(2), layer, keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    assert_learns(model)
    x, _ = moons()
    weights_0, weight_1 = layer.get_weights()
    assert weights_0.shape == (3,)
    assert weight_1.shape == ()
    expected = qnode(x[0], weights_0=weights_0, weight_1=weight_1)
    np.testing.assert_allclose(numbers(layer(x[0])), expected, atol=1e-6)


def basic_entangler() -> KerasLayer:
    @qml.qnode(dev)
    def qnode(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        return [qml.expval(qml.PauliZ(wires=i)) for i in range(2)]

    return KerasLayer(qnode, {"weights": (6, 2)}, output_dim=2)


def test_sequential_tutorial() -> None:
    model = keras.models.Sequential(
        [
            keras.layers.Dense(2),
            basic_entangler(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(learning_rate=0.2), loss="mae", metrics=["accuracy"])
    assert_learns(model)


def test_functional_tutorial() -> None:
    inputs = keras.Input(shape=(2,))
    x = keras.layers.Dense(4)(inputs)
    x_1, x_2 = keras.ops.split(x, 2, axis=1)
    x = keras.ops.concatenate([basic_entangler()(x_1), basic_entangler()(x_2)], axis=1)
    model = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    model.compile(keras.optimizers.SGD(learning_rate=0.2), loss="mae", metrics=["accuracy"])
    assert_learns(model)


def test_strongly_entangling_layers() -> None:
    @qml.qnode(dev)
    def qnode(inputs: Any, weights: Any) -> Any:
        qml.templates.AngleEmbedding(inputs, wires=range(2))
        qml.templates.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.expval(qml.PauliZ(0)), qml.expval(qml.PauliZ(1))

    layer = KerasLayer(qnode, {"weights": (3, 2, 3)}, output_dim=2)
    head = keras.layers.Dense(2, activation="softmax")
    model = keras.Sequential([keras.layers.Dense(2, activation="relu"), layer, head])
    model.compile(keras.optimizers.SGD(learning_rate=0.5), loss="mae")
    assert_learns(model)


def test_density_matrix() -> None:
    @qml.qnode(dev)
    def qnode(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.density_matrix([0])

    model = keras.Sequential(
        [
            KerasLayer(qnode, {"weights": (3, 2, 3)}, output_dim=4),
            keras.layers.Lambda(keras.ops.abs),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), loss="mse")
    assert_learns(model)


def test_save_weights(tmp_path: Any) -> None:
    x, _ = moons()
    models = [
        keras.Sequential([keras.Input((2,)), basic_entangler(), keras.layers.Dense(2)])
        for _ in range(2)
    ]
    models[0].save_weights(tmp_path / "model.weights.h5")
    models[1].load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(numbers(models[1](x)), numbers(models[0](x)), atol=1e-6)
