"""Two moons learned by `fit` through PennyLane."""

from __future__ import annotations

from typing import Any

import keras
import pennylane as qml
import pytest
from sklearn.datasets import make_moons

from qeras import KerasLayer

WIRES, LAYERS = 2, 2


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
    pure(inputs, weights)
    outcome = qml.measure(1)
    qml.cond(outcome, qml.RY)(weights[0, 0], wires=0)
    return [qml.expval(qml.Z(0)), qml.expval(outcome)]


def accuracy(function: Any, device: Any, method: str = "best", shots: int | None = None) -> float:
    """After a few epochs, on the data themselves."""
    qnode = qml.QNode(function, device, diff_method=method)
    qnode = qml.set_shots(qnode, shots) if shots else qnode
    layer = KerasLayer(qnode, {"weights": (LAYERS, WIRES)}, road="host")
    model = keras.Sequential(
        [keras.layers.Dense(2), layer, keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    x, labels = make_moons(60, noise=0.1, random_state=42)
    history = model.fit(x, keras.utils.to_categorical(labels), batch_size=15, epochs=6, verbose=0)
    return history.history["accuracy"][-1]


def test_noise() -> None:
    assert accuracy(noisy, qml.device("default.mixed", wires=WIRES)) > 0.8


def test_lightning_by_adjoint() -> None:
    assert accuracy(pure, qml.device("lightning.qubit", wires=WIRES), "adjoint") > 0.8


def test_shots() -> None:
    assert accuracy(pure, qml.device("default.qubit", wires=WIRES), shots=1000) > 0.8


def test_mid_circuit_measurement() -> None:
    assert accuracy(measured, qml.device("default.qubit", wires=WIRES + 1)) > 0.8


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_plugin_device() -> None:
    """Qiskit's Aer, with shots; its device is one of PennyLane's older kind."""
    device = qml.device("qiskit.aer", wires=WIRES)
    assert accuracy(pure, device, "parameter-shift", shots=200) > 0.8
