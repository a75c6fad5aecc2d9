"""The models that go from process to process: one of each kind that Keras has."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

FILES = (
    "sequential.keras",
    "sequential.h5",
    "functional.keras",
    "functional.h5",
    "subclassed.keras",
    "subclassed.h5",
)
EPOCHS = 2


def inputs() -> np.ndarray:
    return np.random.default_rng(11).normal(size=(12, 2)).astype("float32")


def targets() -> np.ndarray:
    return np.tanh(inputs()[:, :1] * inputs()[:, 1:]).astype("float32")


@keras.saving.register_keras_serializable(package="tests")
class Subclassed(keras.Model):
    """Some layers one after the other; its code is needed where it is loaded, as Keras says."""

    def __init__(self, parts: list[Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.parts = parts

    def call(self, values: Any) -> Any:
        for part in self.parts:
            values = part(values)
        return values

    def get_config(self) -> dict[str, Any]:
        parts = [keras.saving.serialize_keras_object(part) for part in self.parts]
        return {**super().get_config(), "parts": parts}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Subclassed:
        parts = [keras.saving.deserialize_keras_object(part) for part in config.pop("parts")]
        return cls(parts, **config)


def fit(model: keras.Model) -> list[float]:
    """Some epochs in a fixed order, so that every backend takes the same steps; the losses."""
    history = model.fit(inputs(), targets(), epochs=EPOCHS, batch_size=5, shuffle=False, verbose=0)
    return history.history["loss"]


def predictions(model: keras.Model) -> np.ndarray:
    return keras.ops.convert_to_numpy(model(inputs()))


def trained_on(model: keras.Model) -> dict[str, np.ndarray]:
    """What some more epochs lead to: losses, then predictions, weights and the optimizer."""
    losses = np.array(fit(model))
    variables = [*model.weights, *model.optimizer.variables]
    numbers = [np.ravel(keras.ops.convert_to_numpy(variable.value)) for variable in variables]
    return {"losses": losses, "later": predictions(model), "variables": np.concatenate(numbers)}
