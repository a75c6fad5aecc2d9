"""Two moons learned by `fit` through PennyLane: by one device on every backend, by the others on
one. That values and gradients of each are right on each is in `test_values_and_gradients.py`."""

from __future__ import annotations

import keras
import pennylane as qml
import pytest
from sklearn.datasets import make_moons

from qeras import KerasLayer

WIRES = 2


def noisy(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(WIRES))
    qml.BasicEntanglerLayers(weights, wires=range(WIRES))
    for wire in range(WIRES):
        qml.DepolarizingChannel(0.02, wires=wire)
    return [qml.expval(qml.Z(wire)) for wire in range(WIRES)]


def pure(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(WIRES))
    qml.BasicEntanglerLayers(weights, wires=range(WIRES))
    return [qml.expval(qml.Z(wire)) for wire in range(WIRES)]


def measured(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(WIRES))
    qml.BasicEntanglerLayers(weights, wires=range(WIRES))
    outcome = qml.measure(1)
    qml.cond(outcome, qml.RY)(weights[0, 0], wires=0)
    return [qml.expval(qml.Z(0)), qml.expval(outcome)]


def accuracy(qnode: qml.QNode, layers: int = 2, samples: int = 60, epochs: int = 6) -> float:
    """After a few epochs, on the data themselves."""
    layer = KerasLayer(qnode, {"weights": (layers, WIRES)}, road="host")
    model = keras.Sequential(
        [keras.layers.Dense(2), layer, keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    x, labels = make_moons(samples, noise=0.1, random_state=42)
    y = keras.utils.to_categorical(labels)
    return model.fit(x, y, batch_size=10, epochs=epochs, verbose=0).history["accuracy"][-1]


@pytest.mark.backend_independent
def test_noise() -> None:
    assert accuracy(qml.QNode(noisy, qml.device("default.mixed", wires=WIRES))) >= 0.8


def test_lightning_by_adjoint() -> None:
    device = qml.device("lightning.qubit", wires=WIRES)
    assert accuracy(qml.QNode(pure, device, diff_method="adjoint")) >= 0.8


@pytest.mark.backend_independent
def test_shots() -> None:
    qnode = qml.QNode(pure, qml.device("default.qubit", wires=WIRES, seed=7))
    assert accuracy(qml.set_shots(qnode, 1000), layers=1) >= 0.8


@pytest.mark.backend_independent
def test_mid_circuit_measurement() -> None:
    assert accuracy(qml.QNode(measured, qml.device("default.qubit", wires=WIRES + 1))) >= 0.8
