"""A layer gives the same numbers however often it was called, and results stay what they are."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
from keras import ops

from qeras import KerasLayer
from tests.circuits import entangler_layer
from tests.differentiation import numbers, second_gradient, weight_gradients

CALLS = 25  # more than a backend waits before it records what it does


def test_values_and_gradients() -> None:
    layer, fresh = entangler_layer(), entangler_layer()
    layer.build((None, 2))
    fresh.build((None, 2))
    fresh.set_weights(layer.get_weights())
    generator = np.random.default_rng(0)
    for number in range(2 * CALLS):
        x = generator.normal(size=(3 + number % 2, 2)).astype("float32")
        found = [numbers(layer(x)), *weight_gradients(layer, x)]
    expected = [numbers(fresh(x)), *weight_gradients(fresh, x)]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_prediction_and_second_derivatives() -> None:
    layer = entangler_layer()
    x = np.array([[0.3, -0.7], [1.1, 0.2]], "float32")
    before = second_gradient(lambda tensor: ops.sum(layer(tensor)), x)
    for _ in range(CALLS):
        weight_gradients(layer, x)
    model = keras.Sequential([layer])
    for _ in range(CALLS):
        found = model.predict_on_batch(x)
    np.testing.assert_allclose(found, numbers(layer(x)), atol=1e-6)
    after = second_gradient(lambda tensor: ops.sum(layer(tensor)), x)
    np.testing.assert_allclose(after, before, atol=1e-6)


def test_a_large_state_stays() -> None:
    """2**17 amplitudes: memory that is used again must not be that of a result."""
    wires = 17

    @qml.qnode(qml.device("default.qubit", wires=wires))
    def circuit(inputs: Any, weights: Any) -> Any:
        for wire in range(wires):
            qml.RY(inputs[0] + weights[wire], wires=wire)
        for wire in range(wires - 1):
            qml.CNOT(wires=[wire, wire + 1])
        for wire in range(wires):
            qml.RX(weights[wire], wires=wire)
        return qml.state()

    layer = KerasLayer(circuit, {"weights": wires})
    first = layer(np.array([[0.3], [0.4]], "float32"))
    before = ops.convert_to_numpy(first).copy()
    for _ in range(3):
        other = layer(np.array([[1.3], [-0.4]], "float32"))
        assert not np.allclose(ops.convert_to_numpy(other), before, atol=1e-4)
    np.testing.assert_array_equal(ops.convert_to_numpy(first), before)
