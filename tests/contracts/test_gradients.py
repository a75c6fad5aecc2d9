"""Gradients of the layer, against closed forms."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from tests.circuits import entangler, qnode_of, rotation, rotation_layer
from tests.differentiation import gradients, numbers, second_gradient, weight_gradients

X = np.array([[0.1], [0.7], [-2.0]], "float32")


def at_half(**options: Any) -> KerasLayer:
    """<Z> is cos(x + 0.5)."""
    layer = rotation_layer(**options)
    layer.set_weights([np.array(0.5)])
    return layer


def test_gradients() -> None:
    layer = at_half()
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor)), X)
    np.testing.assert_allclose(found, -np.sin(X + 0.5), atol=1e-6)
    np.testing.assert_allclose(weight_gradients(layer, X), [-np.sin(X + 0.5).sum()], atol=1e-5)


def test_gradients_of_gradients() -> None:
    layer = at_half()
    found = second_gradient(lambda tensor: ops.sum(layer(tensor)), X)
    np.testing.assert_allclose(found, -np.cos(X + 0.5), atol=1e-5)


def test_mixed_second_derivatives() -> None:
    """<Z> is cos(x0) cos(x1): every derivative is a product of sines and cosines."""

    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.RY(inputs[1], wires=0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qnode_of(circuit, 1), {})
    x = np.array([[0.3, 1.1]])
    found = second_gradient(lambda tensor: ops.sum(layer(tensor)), x)
    expected = np.sin(x).prod() - np.cos(x).prod()  # d/dx1 + d/dx0 of -sin(x0) cos(x1)
    np.testing.assert_allclose(found, [[expected] * 2], atol=1e-5)


def test_one_weight_in_many_gates() -> None:
    """cos(2x) cos(3w) with x and w each through two expressions."""

    def circuit(inputs: Any, w: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.RX(inputs[0], wires=0)
        qml.RY(2 * w, wires=1)
        qml.RY(w, wires=1)
        return qml.expval(qml.Z(0) @ qml.Z(1))

    layer = KerasLayer(qnode_of(circuit), {"w": 1})
    layer.set_weights([np.array(0.4)])
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor)), X)
    np.testing.assert_allclose(found, -2 * np.sin(2 * X) * np.cos(1.2), atol=1e-5)
    expected = (-3 * np.cos(2 * X) * np.sin(1.2)).sum()
    np.testing.assert_allclose(weight_gradients(layer, X), [expected], atol=1e-5)


def test_gradient_through_a_complex_result() -> None:
    """rho[0, 1] of RX(t) is i sin(t) / 2."""

    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        return qml.density_matrix(0)

    layer = KerasLayer(qnode_of(circuit, 1), {})
    (found,) = gradients(lambda tensor: ops.sum(ops.imag(layer(tensor)[:, 0, 1])), X)
    np.testing.assert_allclose(found, np.cos(X) / 2, atol=1e-6)


def test_weights_without_effect() -> None:
    """One is in no gate, one in a gate that no measurement sees: their gradients are zero,
    where some backends would have none and Keras would warn."""

    def circuit(inputs: Any, used: Any, unused: Any, unseen: Any) -> Any:
        qml.RX(inputs[0] * used, wires=0)
        qml.RX(unseen, wires=1)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qnode_of(circuit), {"used": 1, "unused": 3, "unseen": 1})
    layer.set_weights([np.array(0.5), np.full(3, np.nan), np.array(1.0)])
    layer.build((None, 1))
    used, unused, unseen = weight_gradients(layer, X)
    np.testing.assert_allclose(used, -(X * np.sin(X / 2)).sum(), atol=1e-5)
    np.testing.assert_array_equal(unused, np.zeros(3))
    assert unseen == 0
    model = keras.Sequential([layer, keras.layers.Reshape((1,))])
    model.compile("sgd", "mse")
    model.fit(X, np.zeros((3, 1)), verbose=0)
    assert layer.qnode_weights["unseen"].numpy() == 1


# -------------------------------------------------------------------- diff_method


@pytest.mark.parametrize("method", ["best", "backprop", "adjoint"])
def test_exact_methods(method: str) -> None:
    layer = KerasLayer(rotation(diff_method=method), {"weights": 1})
    layer.set_weights([np.array(0.5)])
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor)), X)
    np.testing.assert_allclose(found, -np.sin(X + 0.5), atol=1e-6)
    assert layer.engine.endswith("adjoint gradient)")


@pytest.mark.parametrize(
    "method", ["parameter-shift", "finite-diff", "spsa", "hadamard", qml.gradients.param_shift]
)
def test_other_methods_are_run_by_pennylane(method: Any) -> None:
    """As they are named, never as another one."""
    layer = KerasLayer(rotation(diff_method=method), {"weights": 1})
    name = getattr(method, "__name__", method)
    assert layer.engine == f"pennylane (its diff_method is {name!r})"


def without_gradient() -> KerasLayer:
    layer = KerasLayer(rotation(diff_method=None), {"weights": 1})
    layer.set_weights([np.array(0.5)])
    return layer


def test_no_method() -> None:
    layer = without_gradient()
    assert layer.engine.endswith("no gradient)")
    np.testing.assert_allclose(numbers(layer(X)), np.cos(X[:, 0] + 0.5), atol=1e-6)
    with pytest.raises(ValueError, match=r"gradient where one is asked.*diff_method=None"):
        gradients(lambda tensor: ops.sum(layer(tensor)), X)
    with pytest.raises(ValueError, match=r"gradient where one is asked.*diff_method=None"):
        weight_gradients(layer, X)


def test_no_method_in_a_model() -> None:
    layer = without_gradient()
    model = keras.Sequential([layer, keras.layers.Reshape((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    assert model.predict(X, verbose=0).shape == (3, 1)
    with pytest.raises(ValueError, match=r"Received: diff_method=None; write"):
        model.fit(X, np.zeros((3, 1)), verbose=0)


def test_no_method_and_nothing_to_train() -> None:
    layer = without_gradient()
    layer.trainable = False
    head = keras.layers.Dense(1)
    model = keras.Sequential([layer, keras.layers.Reshape((1,)), head])
    model.compile("sgd", "mse")
    model.build((None, 1))
    before = head.get_weights()
    model.fit(X, np.ones((3, 1)), verbose=0)
    assert not np.array_equal(head.get_weights()[0], before[0])


def test_finite_differences() -> None:
    layer = KerasLayer(entangler(lambda: qml.probs(wires=[1, 0])), {"weights": (2, 2)})
    x = np.array([[0.3, -0.8]], "float32")
    scale = np.array([1.0, -2.0, 0.5, 3.0], "float32")
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor) * ops.convert_to_tensor(scale)), x)
    step, steps = 1e-2, 1e-2 * np.eye(2, dtype="float32")
    moved = [numbers(layer(x + s) - layer(x - s))[0] @ scale / (2 * step) for s in steps]
    np.testing.assert_allclose(found[0], moved, atol=1e-3)
