"""A device of another project: Qiskit's simulator Aer, of PennyLane's older kind of device."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from qiskit.providers.basic_provider import BasicSimulator
from sklearn.datasets import make_moons

from qeras import KerasLayer
from tests.differentiation import numbers

# Of Qiskit's own plugins, which its transpiler loads for each circuit.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Since backends now support running jobs:DeprecationWarning"
)

X = np.array([[0.1], [0.7], [-2.0]], "float32")
SAMPLES, BATCH, EPOCHS = 40, 10, 5


def aer(wires: int) -> qml.devices.Device:
    """With the options of docs/devices.md that make it fast."""
    return qml.device(
        "qiskit.aer",
        wires=wires,
        compile_backend=BasicSimulator(),
        optimization_level=0,
        max_parallel_threads=1,
        seed_simulator=7,
    )


def test_values_and_a_step() -> None:
    @qml.set_shots(4000)
    @qml.qnode(aer(1), diff_method="parameter-shift")
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RX(inputs[0] + weights, wires=0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(circuit, {"weights": 1}, road="host")
    layer.set_weights([np.array(0.5)])
    model = keras.Sequential([layer, keras.layers.Reshape((1,))])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    np.testing.assert_allclose(numbers(layer(X)), np.cos(X[:, 0] + 0.5), atol=0.08)
    model.fit(X, np.zeros((3, 1)), verbose=0)
    slope = np.mean(-2 * np.cos(X[:, 0] + 0.5) * np.sin(X[:, 0] + 0.5))
    np.testing.assert_allclose(layer.get_weights()[0], 0.5 - 0.1 * slope, atol=0.02)


def test_moons() -> None:
    """Learned from 200 shots a circuit, with one job for Aer a pass."""
    device = aer(2)

    @qml.set_shots(200)
    @qml.qnode(device)
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        return [qml.expval(qml.Z(wire)) for wire in range(2)]

    layer = KerasLayer(circuit, {"weights": (1, 2)}, road="host")
    model = keras.Sequential(
        [keras.layers.Dense(2), layer, keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(
        keras.optimizers.Adam(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    x, y = make_moons(SAMPLES, noise=0.1, random_state=42)
    model.build(x.shape)
    before = layer.get_weights()[0]
    with qml.Tracker(device) as tracker:
        history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0).history
    assert history["accuracy"][-1] >= 0.8
    assert (layer.get_weights()[0] != before).all()
    steps = EPOCHS * SAMPLES // BATCH
    # a sample's circuit; its circuit again, and two for each of its four angles
    assert tracker.history["batch_len"] == [BATCH, 9 * BATCH] * steps
