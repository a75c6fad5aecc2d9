"""Configs and files: what comes back, where, and with what."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of, rotation, rotation_layer
from tests.differentiation import numbers


def data(features: int = 2) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(4, features)).astype("float32")


def built(**options: Any) -> KerasLayer:
    layer = entangler_layer(**options)
    layer.build((None, 2))
    return layer


OPTIONS: list[dict[str, Any]] = [
    {},
    {"output_dim": 2, "name": "quantum", "trainable": False},
    {"dtype": "mixed_bfloat16"},
    {"weight_specs": {"weights": {"initializer": keras.initializers.RandomUniform(0, 6, seed=1)}}},
    {"weight_specs": {"weights": {"regularizer": keras.regularizers.L1(0.5), "trainable": False}}},
    {"weight_specs": {"weights": {"constraint": keras.constraints.MaxNorm(1), "dtype": None}}},
    {"activity_regularizer": "l2"},
]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("is_built", [False, True])
def test_config(options: dict[str, Any], is_built: bool) -> None:
    layer = built(**options) if is_built else entangler_layer(**options)
    again = KerasLayer.from_config(layer.get_config())
    ours, theirs = layer.get_config(), again.get_config()
    if not is_built:
        assert ours.pop("qnode").qnode is theirs.pop("qnode").qnode
    assert ours == theirs
    assert [v.trainable for v in layer.weights] == [v.trainable for v in again.weights]
    again.set_weights(layer.get_weights())
    np.testing.assert_allclose(numbers(again(data())), numbers(layer(data())), atol=1e-6)


def test_config_is_json() -> None:
    config = built(output_dim=[2]).get_config()
    assert json.loads(json.dumps(config)) == config


def test_config_with_a_shape_as_output_dim(tmp_path: Path) -> None:
    layer = entangler_layer(lambda: qml.density_matrix([0]), output_dim=(2, 2))
    model = keras.Sequential([keras.Input((2,)), layer])
    model.save(tmp_path / "model.keras")
    (loaded,) = keras.models.load_model(tmp_path / "model.keras").layers
    assert loaded.output_dim == (2, 2)


def test_config_of_another_format() -> None:
    config = built().get_config()
    config["qnode"] = config["qnode"].replace('"version":1', '"version":99')
    with pytest.raises(ValueError, match=r"Received: version=99; .* needs a newer qeras"):
        KerasLayer.from_config(config)


@pytest.mark.parametrize("name", ["weights", "kernel", "name", "bias", "trainable", "layers", "w"])
def test_names_of_weights(name: str, tmp_path: Path) -> None:
    """No name of Keras's own is taken, wherever weights go."""

    def circuit(inputs: Any, **weights: Any) -> Any:
        qml.RX(inputs[0] + weights[name], wires=0)
        qml.RY(weights["other"][1], wires=0)
        return qml.expval(qml.Z(0))

    def model() -> keras.Model:
        layer = KerasLayer(qnode_of(circuit, 1), {name: 1, "other": 2})
        assert list(layer.qnode_weights) == [name, "other"]
        return keras.Sequential([keras.Input((1,)), layer])

    first, second = model(), model()
    expected = numbers(first(data(1)))
    assert np.abs(numbers(second(data(1))) - expected).max() > 1e-3
    first.save_weights(tmp_path / "model.weights.h5")
    second.load_weights(tmp_path / "model.weights.h5")
    first.save(tmp_path / "model.keras")
    third = keras.models.load_model(tmp_path / "model.keras")
    fourth = keras.models.clone_model(first)
    fourth.set_weights(first.get_weights())
    for again in (second, third, fourth):
        assert list(again.layers[0].qnode_weights) == [name, "other"]
        np.testing.assert_allclose(numbers(again(data(1))), expected, atol=1e-6)


def test_saved_model_goes_on_training(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    model.fit(data(), np.ones((4, 1)), verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for one in (model, loaded):
        one.fit(data(), np.ones((4, 1)), epochs=2, verbose=0)
    np.testing.assert_allclose(numbers(loaded(data())), numbers(model(data())), atol=1e-5)


def test_loaded_layer_is_complete(tmp_path: Path) -> None:
    """It can be drawn, saved again and cloned, and knows its features."""
    model = keras.Sequential([keras.Input((2,)), entangler_layer(name="quantum")])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    (layer,) = loaded.layers
    assert repr(layer) == repr(model.layers[0])
    assert "RX" in qml.draw(layer)(data()[0])
    assert layer.qnode.diff_method == "best"
    own = layer.qnode(data()[0], *layer.get_weights())
    np.testing.assert_allclose(own, numbers(layer(data()))[0], atol=1e-6)
    loaded.save(tmp_path / "again.keras")
    again = keras.models.load_model(tmp_path / "again.keras")
    np.testing.assert_allclose(numbers(again(data())), numbers(model(data())), atol=1e-6)


def test_copy_knows_its_features() -> None:
    """Its circuit is of two features; another number would leave some out."""
    copy = KerasLayer.from_config(built(name="quantum").get_config())
    for features in (1, 3):
        with pytest.raises(ValueError, match=r"'quantum' with 2 features.*Received: shape="):
            copy(data(features))


def test_without_gradient(tmp_path: Path) -> None:
    layer = KerasLayer(rotation(diff_method=None), {"weights": 1})
    layer.build((None, 1))
    assert KerasLayer.from_config(layer.get_config()).qnode.diff_method is None


@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
def test_only_built_layers_go_to_a_file(tmp_path: Path) -> None:
    model = keras.Sequential([entangler_layer()])
    with pytest.raises(ValueError, match=r"(?s)Expected a built layer.*Received: .*'circuit'"):
        model.save(tmp_path / "model.keras")


def test_weights_of_a_model_never_built(tmp_path: Path) -> None:
    class Model(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.quantum = entangler_layer()

        def call(self, inputs: Any) -> Any:
            return self.quantum(inputs)

    first, second = Model(), Model()
    expected = numbers(first(data()))
    first.save_weights(tmp_path / "model.weights.h5")
    second(data())
    second.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_allclose(numbers(second(data())), expected, atol=1e-6)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies(copied: Any) -> None:
    """Of a model and of a layer alone, with weights of their own."""
    layer = rotation_layer(name="quantum")
    model = keras.Sequential([keras.Input((1,)), layer])
    for one in (model, layer):
        again = copied(one)
        expected = numbers(one(data(1)))
        np.testing.assert_allclose(numbers(again(data(1))), expected, atol=1e-6)
        again.set_weights([np.array(2.0)])
        np.testing.assert_allclose(numbers(one(data(1))), expected, atol=1e-6)


def training_model() -> keras.Model:
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), keras.losses.MeanSquaredError())
    return model


def fit(model: keras.Model, epochs: int, callback: Any = None, **options: Any) -> list[float]:
    history = model.fit(
        data(),
        np.ones((4, 1)),
        batch_size=3,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[callback] if callback else [],
        **options,
    )
    return history.history["loss"]


@pytest.mark.parametrize("weights_only", [False, True])
def test_model_checkpoint(weights_only: bool, tmp_path: Path) -> None:
    name = tmp_path / ("best.weights.h5" if weights_only else "best.keras")
    model = training_model()
    fit(model, 2, keras.callbacks.ModelCheckpoint(name, save_weights_only=weights_only))
    if weights_only:
        again = training_model()
        again.optimizer.build(again.trainable_variables)
        again.load_weights(name)
    else:
        again = keras.saving.load_model(name)
    np.testing.assert_allclose(numbers(again(data())), numbers(model(data())), atol=1e-6)


def test_backup_and_restore(tmp_path: Path) -> None:
    """A run that is interrupted goes on to the losses of one that is not."""

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                raise InterruptedError

    expected = fit(training_model(), 4)
    callbacks = [keras.callbacks.BackupAndRestore(tmp_path / "backup"), Interrupt()]
    with pytest.raises(InterruptedError):
        training_model().fit(
            data(),
            np.ones((4, 1)),
            batch_size=3,
            epochs=4,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
        )
    found = fit(training_model(), 4, keras.callbacks.BackupAndRestore(tmp_path / "backup"))
    np.testing.assert_allclose(found, expected[2:], atol=1e-6)


def test_clone_of_a_model_without_inputs() -> None:
    """Nothing is captured yet, so the clone keeps the QNode and takes any features it does."""
    clone = keras.models.clone_model(keras.Sequential([entangler_layer()]))
    assert clone(data()).shape == (4, 2)


def test_clone_with_the_qnode() -> None:
    qnode = entangler()
    layer = KerasLayer(qnode, {"weights": (2, 2)})
    assert KerasLayer.from_config(layer.get_config()).qnode is qnode
