"""Files of models with layers that PennyLane runs: a name on save, a QNode on load."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import HostWarning, KerasLayer
from tests.host.qnodes import PluginDevice

X = np.random.default_rng(3).normal(size=(8, 2)).astype("float32")
Y = np.random.default_rng(4).normal(size=(8, 1)).astype("float32")
NEEDED = r"'noisy' is run by PennyLane.*load_model\(path, custom_objects=\{'noisy': qnode\}\)"


@qml.qnode(PluginDevice(wires=2))
def noisy(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(2))
    qml.BasicEntanglerLayers(weights, wires=range(2))
    qml.DepolarizingChannel(0.05, wires=0)
    return [qml.expval(qml.Z(i)) for i in range(2)]


def trained() -> keras.Model:
    layer = KerasLayer(
        noisy, {"weights": (2, 2)}, weight_specs={"weights": {"initializer": "ones"}}
    )
    model = keras.Sequential([keras.layers.Dense(2), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), loss=keras.losses.MeanSquaredError())
    with pytest.warns(HostWarning, match="runs its QNode 'noisy'"):
        model.fit(X, Y, verbose=0)
    return model


def saved(model: keras.Model, path: Path) -> Path:
    with pytest.warns(HostWarning, match=NEEDED):
        model.save(path)
    return path


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5")
def test_with_custom_objects(tmp_path: Path, suffix: str) -> None:
    """Weights, optimizer and training come back."""
    model = trained()
    path = saved(model, tmp_path / f"model.{suffix}")
    with pytest.warns(HostWarning, match="runs its QNode 'noisy'"):
        loaded = keras.saving.load_model(path, custom_objects={"noisy": noisy})
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), expected, atol=1e-6)
    assert loaded.layers[1].qnode is noisy
    if suffix == "h5":  # whose optimizer Keras does not bring back
        return
    first, second = (
        each.fit(X, Y, shuffle=False, verbose=0).history["loss"] for each in (model, loaded)
    )
    np.testing.assert_allclose(first, second, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[2], loaded.get_weights()[2], rtol=1e-4)


@pytest.fixture
def registered() -> Iterator[Any]:
    name = "tests>circuit_of_ours"
    keras.saving.register_keras_serializable("tests", "circuit_of_ours")(noisy)
    yield name
    keras.saving.get_custom_objects().pop(name)
    keras.src.saving.object_registration.GLOBAL_CUSTOM_NAMES.pop(noisy)


def test_registered(tmp_path: Path, registered: str) -> None:
    model = trained()
    with pytest.warns(HostWarning, match=f"custom_objects={{'{registered}': qnode}}"):
        model.save(tmp_path / "model.keras")
    with pytest.warns(HostWarning, match="runs its QNode"):
        loaded = keras.saving.load_model(tmp_path / "model.keras")
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), expected, atol=1e-6)


def test_without_the_qnode(tmp_path: Path) -> None:
    path = saved(trained(), tmp_path / "model.keras")
    match = r"Expected the QNode 'noisy', on a device such as 'plugin.mixed'.*Received: none of"
    with pytest.raises(ValueError, match=match):
        keras.saving.load_model(path)
    with pytest.raises(ValueError, match=r"Expected the QNode 'noisy'.*Received: 3"):
        keras.saving.load_model(path, custom_objects={"noisy": 3})


def test_another_qnode_of_that_name(tmp_path: Path) -> None:
    @qml.qnode(PluginDevice(wires=2))
    def other(inputs, angles):
        return qml.expval(qml.Z(0))

    path = saved(trained(), tmp_path / "model.keras")
    with pytest.raises(ValueError, match=r"Expected a shape for every argument of 'other'"):
        keras.saving.load_model(path, custom_objects={"noisy": other})


def test_asked_for_road_comes_back(tmp_path: Path) -> None:
    @qml.qnode(qml.device("default.qubit", wires=2))
    def forced(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.RX(weights, wires=0)
        return qml.probs(wires=[0])

    model = keras.Sequential([KerasLayer(forced, {"weights": 1}, road="host")])
    expected = model.predict(X, verbose=0)
    with pytest.warns(HostWarning, match=r"road='host' asks for it"):
        model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", custom_objects={"forced": forced})
    np.testing.assert_allclose(loaded.predict(X, verbose=0), expected, atol=1e-6)
    assert loaded.layers[0].engine == "pennylane (road='host' asks for it)"


def test_clone_and_weights(tmp_path: Path) -> None:
    """In one program nothing needs a name."""
    model = trained()
    with pytest.warns(HostWarning, match="runs its QNode"):
        clone = keras.models.clone_model(model)
    assert clone.layers[1].qnode is noisy
    model.save_weights(tmp_path / "model.weights.h5")
    clone.load_weights(tmp_path / "model.weights.h5")
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(clone.predict(X, verbose=0), expected, atol=1e-6)


def test_the_layer_alone() -> None:
    layer = KerasLayer(noisy, {"weights": (2, 2)}, road="host")
    again = KerasLayer.from_config(layer.get_config())
    assert again.qnode is noisy
    assert again.weight_shapes == layer.weight_shapes
