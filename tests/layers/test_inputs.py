"""What may go into a layer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from tests.circuits import entangler_layer, qnode_of, rotation_layer
from tests.differentiation import gradients, numbers


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool", "float16", "float64"])
def test_numbers_are_cast(dtype: str) -> None:
    x = np.array([[1, 0], [0, 1], [1, 1]])
    layer = entangler_layer()
    expected = numbers(layer(x.astype("float32")))
    result = layer(x.astype(dtype))
    assert keras.backend.standardize_dtype(result.dtype) == "float32"
    np.testing.assert_allclose(numbers(result), expected, atol=1e-6)


@pytest.mark.parametrize(
    "inputs",
    [
        np.array([["a", "b"]]),
        np.array([[b"a", b"b"]]),
        np.array([[None, 1.0]]),
        np.array([[1j, 2.0]]),
        keras.KerasTensor((None, 2), dtype="complex64"),
        keras.KerasTensor((None, 2), dtype="string"),
        "ab",
    ],
)
def test_only_real_numbers(inputs: Any) -> None:
    with pytest.raises(TypeError, match=r"Expected inputs of real numbers.*Received: inputs of"):
        entangler_layer()(inputs)


def test_only_real_tensors() -> None:
    with pytest.raises(TypeError, match=r"Received: inputs of dtype .*complex64"):
        entangler_layer()(ops.convert_to_tensor(np.array([[1j, 2.0]], "complex64")))


def test_features_of_another_number() -> None:
    layer = entangler_layer(name="quantum")
    layer(np.zeros((5, 2)))
    with pytest.raises(ValueError, match=r"'quantum' with 2 features.*Received: shape=\(5, 1\)"):
        layer(np.zeros((5, 1)))
    with pytest.raises(ValueError, match=r"'quantum' with 2 features.*shape=\(None, 4\)"):
        layer.compute_output_shape((None, 4))
    with pytest.raises(ValueError, match=r"'quantum' with 2 features.*shape=\(None, 4\)"):
        layer.build((None, 4))


@pytest.mark.parametrize("shape", [(None, None), (None, 0), ()])
def test_unknown_features(shape: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"known number of features.*Received: shape=\("):
        entangler_layer().build(shape)


def test_unknown_features_of_a_model() -> None:
    with pytest.raises(ValueError, match=r"known number of features.*shape=\(None, None\)"):
        entangler_layer()(keras.Input((None,)))


def test_nan_in_one_sample() -> None:
    """It makes that sample's results and gradient nan, and no other's."""
    x = np.array([[0.1, 0.2], [np.nan, 0.3], [0.5, 0.6]], "float32")
    layer = entangler_layer(lambda: [qml.expval(qml.Z(0)), qml.probs(wires=[1]), qml.purity(0)])
    results = numbers(layer(x))
    (gradient,) = gradients(lambda tensor: ops.sum(layer(tensor)), x)
    healthy = [0, 2]
    assert np.isnan(results[1]).all()
    assert np.isnan(gradient[1]).any()
    expected = numbers(layer(x[healthy]))
    np.testing.assert_allclose(results[healthy], expected, atol=1e-6)
    (expected,) = gradients(lambda tensor: ops.sum(layer(tensor)), x[healthy])
    np.testing.assert_allclose(gradient[healthy], expected, atol=1e-5)


# -------------------------------------------------------------------- circuits that do not fit


def third_feature(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[2] * weights, wires=0)
    return qml.expval(qml.Z(0))


def third_wire(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[0] * weights, wires=2)
    return qml.expval(qml.Z(0))


def third_wire_measured(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[0] * weights, wires=0)
    return qml.expval(qml.Z(2))


def embedding(inputs: Any, weights: Any) -> Any:
    qml.AngleEmbedding(inputs, wires=[0])
    return qml.expval(qml.Z(0))


def mixing_samples(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[0, 0] * weights, wires=0)
    return qml.expval(qml.Z(0))


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (third_feature, r"(?s)Received: .*2"),
        (third_wire, r"Expected wires of the device, \[0, 1\]. Received: wire 2"),
        (third_wire_measured, r"Expected wires of the device, \[0, 1\]. Received: wire 2"),
        (embedding, r"to run on 'inputs' of 2 features.*Received: "),
        (mixing_samples, r"for one sample, `inputs\[0\]`.*Received: .*Write `inputs\[0\]`"),
    ],
)
def test_circuits_that_do_not_fit(function: Any, match: str) -> None:
    layer = KerasLayer(qnode_of(function, 2), {"weights": 1})
    with pytest.raises(ValueError, match=match):
        layer.build((None, 2))


def test_too_many_wires() -> None:
    """The memory they would take is said before any of it is allocated."""

    def circuit(inputs: Any, weights: Any) -> Any:
        for wire in range(40):
            qml.RX(inputs[0] * weights, wires=wire)
        for wire in range(39):
            qml.CNOT([wire, wire + 1])
        return qml.probs(wires=range(40))

    layer = KerasLayer(qnode_of(circuit, 40), {"weights": 1})
    with pytest.raises(ValueError, match=r"40 wires.*GiB|GiB.*40 wires"):
        layer.build((None, 1))


def test_lists_are_no_tensors() -> None:
    """As for `Dense`, whose message Keras gives."""
    with pytest.raises(ValueError, match="Only input tensors may be passed"):
        rotation_layer()([[0.5]])
