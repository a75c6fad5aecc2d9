"""`assert_layer_ok` passes what is right and names the stage of what is wrong."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras.testing.layer import assert_layer_ok
from tests.circuits import entangler_layer

X = np.random.default_rng(29).normal(size=(3, 2)).astype("float32")

# Of each the shapes and dtypes differ; a frozen one leaves nothing to train but the head.
LAYERS: dict[str, Any] = {
    "dense": lambda: keras.layers.Dense(3),
    "expval": entangler_layer,
    "probs": lambda: entangler_layer(lambda: qml.probs(wires=[0, 1])),
    "state": lambda: entangler_layer(qml.state),
    "dictionary": lambda: entangler_layer(
        lambda: {"z": qml.expval(qml.Z(0)), "rho": qml.density_matrix(0)}
    ),
    "frozen": lambda: entangler_layer(trainable=False),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_layers(kind: str) -> None:
    layer = LAYERS[kind]()
    layer(X)
    before = layer.get_weights()
    assert_layer_ok(layer, X)
    for found, expected in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


@keras.saving.register_keras_serializable(package="tests")
class Scaled(keras.layers.Layer):
    """A right layer, of which the tests spoil one part each."""

    def __init__(self, factor: float = 2.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(2,), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return self.factor * self.scale * inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="tests")
class Forgetful(Scaled):
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": 1.0}


@keras.saving.register_keras_serializable(package="tests")
class Misshapen(Scaled):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape, 1)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, dtype=self.compute_dtype)


@keras.saving.register_keras_serializable(package="tests")
class Exploding(Scaled):
    def call(self, inputs: Any) -> Any:
        root = ops.sqrt(self.scale - 1.0)  # whose gradient is infinite at 1
        return self.factor * inputs + root


@keras.saving.register_keras_serializable(package="tests")
class AlwaysWide(Scaled):
    def call(self, inputs: Any) -> Any:
        return ops.cast(super().call(inputs), "float32")


def test_right_layer() -> None:
    assert_layer_ok(Scaled(), X)


@pytest.mark.parametrize(
    ("layer", "match"),
    [
        (Forgetful, r"from_config\(get_config\(\)\): result differs"),
        (Misshapen, r"compute_output_shape: result has \(None, 2, 1\)"),
        (Exploding, r"fit: .* became"),
        (AlwaysWide, r"mixed precision: result has dtype float32"),
    ],
)
def test_wrong_layers(layer: type[Scaled], match: str) -> None:
    with pytest.raises(AssertionError, match=match):
        assert_layer_ok(layer(), X)
