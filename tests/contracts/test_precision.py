"""Dtypes: mixed precision, float64, and results of each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of, rotation_layer
from tests.differentiation import gradients, numbers, weight_gradients

ROOT = Path(__file__).parents[2]
X = np.random.default_rng(11).normal(size=(4, 2))


def dtype_of(tensor: object) -> str:
    return keras.backend.standardize_dtype(tensor.dtype)  # type: ignore[attr-defined]


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_mixed_precision(half: str) -> None:
    """Weights, angles and state stay float32: only the result is rounded."""
    layer = entangler_layer(dtype=f"mixed_{half}")
    exact = entangler_layer()
    exact.set_weights(layer.get_weights())
    inputs = ops.cast(100 * X, half)
    result = layer(inputs)
    assert dtype_of(result) == half
    assert dtype_of(layer.weights[0]) == "float32"
    expected = ops.cast(exact(ops.cast(inputs, "float32")), half)
    np.testing.assert_array_equal(
        numbers(ops.cast(result, "float32")), numbers(ops.cast(expected, "float32"))
    )


@pytest.mark.parametrize("half", ["float16", "bfloat16"])
def test_model_in_mixed_precision(half: str) -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(f"mixed_{half}")
    try:
        layers = [keras.layers.Dense(2), entangler_layer(), keras.layers.Dense(1, dtype="float32")]
        model = keras.Sequential(layers)
        model.compile(keras.optimizers.Adam(0.1), "mse")
        losses = model.fit(X, np.ones((4, 1)), epochs=5, verbose=0).history["loss"]
    finally:
        keras.config.set_dtype_policy(policy)
    assert losses[-1] < losses[0]


def test_complex_results_in_mixed_precision() -> None:
    layer = entangler_layer(qml.state, dtype="mixed_float16")
    assert dtype_of(layer(X.astype("float32"))) == "complex64"


def test_half_precision_weights() -> None:
    """A pure policy rounds weights too; the circuit still runs in float32."""
    layer = rotation_layer(dtype="bfloat16")
    layer.set_weights([np.array(0.5)])
    result = layer(np.array([[0.25]], "float32"))
    assert dtype_of(result) == "bfloat16"
    found = numbers(ops.cast(result, "float32"))
    np.testing.assert_allclose(found, [np.cos(0.75)], atol=4e-3)


@pytest.mark.usefixtures("float64")
def test_float64() -> None:
    layer = entangler_layer()
    assert dtype_of(layer.weights[0]) == "float64"
    result = layer(X)
    assert dtype_of(result) == "float64"
    expected = np.stack(entangler()(X, *layer.get_weights()), axis=-1)
    np.testing.assert_allclose(numbers(result), expected, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("float64")
def test_complex_results_in_float64() -> None:
    layer = entangler_layer(qml.state)
    result = layer(X)
    assert dtype_of(result) == "complex128"
    expected = entangler(qml.state)(X, *layer.get_weights())
    np.testing.assert_allclose(numbers(result), expected, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("float64")
def test_shots_in_float64() -> None:
    """In every basis, with the gradient: its estimate has the deviation of theory."""

    def measure() -> Any:
        matrix = np.array([[1, 1j], [-1j, -1]])
        return [qml.expval(qml.X(0)), qml.var(qml.Hermitian(matrix, 1)), qml.probs(op=qml.Y(1))]

    shots, copies = 1000, 200
    exact = entangler_layer(measure)
    layer = KerasLayer(qml.set_shots(entangler(measure), shots), {"weights": (2, 2)}, seed=4)
    x = np.repeat(X[:1], copies, axis=0)
    results = layer(x)
    layer.set_weights([np.full((2, 2), 0.4)])
    exact.build((None, 2))
    exact.set_weights(layer.get_weights())
    assert dtype_of(results) == "float64"
    results, expected = numbers(layer(x)), numbers(exact(x))
    error = results.std(axis=0) / np.sqrt(copies)
    np.testing.assert_array_less(abs(results.mean(axis=0) - expected[0]), 5 * error + 5 / shots)

    def total(layer: KerasLayer) -> Any:
        return lambda tensor: ops.sum(layer(tensor))

    (found,), (slopes,) = gradients(total(layer), x), gradients(total(exact), x)
    assert found.dtype == "float64"
    error = found.std(axis=0) / np.sqrt(copies)
    np.testing.assert_array_less(abs(found.mean(axis=0) - slopes[0]), 5 * error + 5 / shots)


FUNCTIONS = "sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh exp log1p sqrt abs".split()


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_parameters_in_float64(name: str) -> None:
    """keras.ops computes some functions of float64 in float32."""

    def circuit(inputs: Any) -> Any:
        qml.RX(getattr(ops, name)(inputs[0]), wires=0)
        return qml.expval(qml.Z(0))

    x = np.array([[0.1], [0.7]])
    result = numbers(KerasLayer(qnode_of(circuit, 1), {})(x))
    np.testing.assert_allclose(result, np.cos(getattr(np, name)(x[:, 0])), rtol=0, atol=1e-14)


@pytest.mark.usefixtures("float64")
def test_entropy_in_float64() -> None:
    def measure() -> Any:
        return [qml.vn_entropy(wires=[0]), qml.purity(wires=[0]), qml.probs(wires=[1])]

    layer = entangler_layer(measure)
    expected = entangler(measure)(X, *layer.get_weights())
    expected = np.concatenate([np.reshape(part, (4, -1)) for part in expected], axis=-1)
    np.testing.assert_allclose(numbers(layer(X)), expected, rtol=0, atol=1e-10)


@pytest.mark.usefixtures("float64")
def test_gradients_in_float64() -> None:
    layer = rotation_layer()
    layer.set_weights([np.array(0.5)])
    x = np.array([[0.1], [0.7], [-2.0]])
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor)), x)
    np.testing.assert_allclose(found, -np.sin(x + 0.5), rtol=0, atol=1e-13)
    np.testing.assert_allclose(
        weight_gradients(layer, x), [-np.sin(x + 0.5).sum()], rtol=0, atol=1e-13
    )


@pytest.mark.usefixtures("float64")
def test_fit_in_float64() -> None:
    model = keras.Sequential([keras.layers.Dense(2), entangler_layer(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    losses = model.fit(X, np.ones((4, 1)), epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert {dtype_of(variable) for variable in model.trainable_variables} == {"float64"}


MAKE = """
import keras
import pennylane as qml
from qeras import KerasLayer

@qml.qnode(qml.device("default.qubit", wires=1))
def circuit(inputs, weights):
    qml.RX(inputs[0] + weights, wires=0)
    return qml.expval(qml.Z(0))

try:
    KerasLayer(circuit, {"weights": 1}, dtype="float64")
except ValueError as error:
    print(error)
"""


@pytest.mark.backend_independent  # it starts a process on JAX, which alone has such a switch
def test_float64_that_is_switched_off() -> None:
    """No warning comes before the error."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MAKE],
        env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Received: dtype='float64' on JAX without 64-bit numbers; write" in done.stdout
