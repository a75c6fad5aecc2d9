"""Nothing outside of a layer changes when one is made, called, trained or saved."""

from __future__ import annotations

import copy
import pickle
import random
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.circuits import entangler

# Keras 3.15 converts its variables with NumPy 2's `copy` argument, which they lack.
KERAS_ITSELF = "__array__ implementation doesn't accept a copy keyword"
X = np.random.default_rng(13).normal(size=(4, 2)).astype("float32")


def global_settings() -> dict[str, Any]:
    """Also of backends that do not run: JAX and PyTorch are often there together."""
    import jax
    import torch

    return {
        "torch dtype": torch.get_default_dtype(),
        "torch threads": torch.get_num_threads(),
        "torch gradients": torch.is_grad_enabled(),
        "torch random": torch.get_rng_state().tolist(),
        "jax x64": jax.config.jax_enable_x64,
        "jax debug": jax.config.jax_debug_nans,
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "policy": keras.config.dtype_policy().name,
        "image format": keras.config.image_data_format(),
        "numpy random": pickle.dumps(np.random.get_state()),
        "numpy errors": np.geterr(),
        "python random": random.getstate(),
        "pennylane queue": qml.QueuingManager.recording(),
        "warnings": list(warnings.filters),
    }


def snapshot(qnode: qml.QNode) -> dict[str, Any]:
    return {
        name: copy.copy(value) if isinstance(value, dict | list) else value
        for name, value in vars(qnode).items()
    }


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, value in found.items():
        assert value is expected[name] or value == expected[name], name


def test_life_of_a_layer_leaves_no_trace(tmp_path: Path) -> None:
    """Keras draws random numbers for weights and in `fit`; here are neither."""
    qnode = entangler()
    before, own = global_settings(), snapshot(qnode)
    specs = {"weights": {"initializer": "zeros"}}
    layer = KerasLayer(qnode, {"weights": (2, 2)}, weight_specs=specs)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse")
    model.train_on_batch(X, X)
    model.predict_on_batch(X)
    layer(X)
    model.save(tmp_path / "model.keras")
    keras.models.load_model(tmp_path / "model.keras")
    qml.draw(layer)(X[0])
    assert_same(global_settings(), before)
    assert_same(snapshot(qnode), own)


def test_the_qnode_still_runs() -> None:
    qnode = entangler()
    weights = np.ones((2, 2))
    expected = qnode(X[0], weights)
    KerasLayer(qnode, {"weights": (2, 2)})(X)
    np.testing.assert_array_equal(qnode(X[0], weights), expected)


def test_arguments_are_not_changed() -> None:
    shapes, specs = {"weights": [2, 2]}, {"weights": {"initializer": "zeros"}}
    layer = KerasLayer(entangler(), shapes, [2], specs)
    layer.weight_specs["weights"]["trainable"] = False
    layer(X)
    assert shapes == {"weights": [2, 2]}
    assert specs == {"weights": {"initializer": "zeros"}}


def test_the_same_seed_gives_the_same_weights() -> None:
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(5)
        layer = KerasLayer(entangler(), {"weights": (2, 2)})
        layer(X)
        found.append((layer.get_weights()[0], keras.random.uniform((3,))))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(np.asarray(found[0][1]), np.asarray(found[1][1]))


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor warned of, where Keras or PennyLane catch what a warning raises."""
    model = keras.Sequential([keras.layers.Dense(2), KerasLayer(entangler(), {"weights": (2, 2)})])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.compile("sgd", "mse")
        model.fit(X, X, verbose=0)
        model.save(tmp_path / "model.keras")
        keras.models.load_model(tmp_path / "model.keras").predict(X, verbose=0)
        keras.models.clone_model(model)
    messages = {str(warning.message) for warning in caught}
    assert not {message for message in messages if KERAS_ITSELF not in message}
    assert capfd.readouterr() == ("", "")
