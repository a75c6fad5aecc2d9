"""The life of a layer, in one check."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

# bfloat16 results have 8 bits of mantissa.
MIXED_TOLERANCE = 1e-2


def assert_layer_ok(layer: keras.layers.Layer, inputs: Any, tolerance: float = 1e-6) -> None:
    """Check what Keras expects of a layer that was called on `inputs`.

    In order: its config makes the same layer, its symbolic results have the shapes and
    dtypes of the real ones, a step of `fit` keeps its weights finite, it runs in mixed
    precision, and a model of it comes back from a file. The layer itself stays as it is.

    Args:
        layer: any layer of one input.
        inputs: a batch, (batch, ...), as a NumPy array.
        tolerance: absolute, of results that should be the same.

    Raises:
        AssertionError: naming the stage that failed.
    """
    expected = _numbers(layer(inputs))
    again = _copy(layer, inputs)
    _assert_close(_numbers(again(inputs)), expected, tolerance, "from_config(get_config())")
    _assert_symbolic(again, inputs)
    _assert_trains(_copy(layer, inputs), inputs)
    _assert_mixed(layer, inputs, expected)
    _assert_saved(_copy(layer, inputs), inputs, expected, tolerance)


def _copy(layer: keras.layers.Layer, inputs: Any, **changes: Any) -> keras.layers.Layer:
    copy = type(layer).from_config({**layer.get_config(), **changes})
    copy.build(np.shape(inputs))
    copy.set_weights(layer.get_weights())
    return copy


def _numbers(results: Any) -> dict[str, np.ndarray]:
    named = results if isinstance(results, Mapping) else {"result": results}
    return {name: np.asarray(ops.convert_to_numpy(value)) for name, value in named.items()}


def _assert_close(
    found: dict[str, np.ndarray], expected: dict[str, np.ndarray], tolerance: float, stage: str
) -> None:
    assert found.keys() == expected.keys(), f"{stage}: {[*found]} instead of {[*expected]}"
    for name, values in found.items():
        np.testing.assert_allclose(
            values, expected[name], atol=tolerance, err_msg=f"{stage}: {name} differs"
        )


def _assert_symbolic(layer: keras.layers.Layer, inputs: Any) -> None:
    real = layer(inputs)
    symbolic = layer(keras.Input(np.shape(inputs)[1:]))
    shapes = layer.compute_output_shape((None, *np.shape(inputs)[1:]))
    if not isinstance(real, Mapping):
        real, symbolic, shapes = {"result": real}, {"result": symbolic}, {"result": shapes}
    for name, tensor in symbolic.items():
        shape, dtype = tuple(real[name].shape)[1:], keras.backend.standardize_dtype(tensor.dtype)
        assert tensor.shape == (None, *shape), f"symbolic call: {name} has shape {tensor.shape}"
        assert tensor.shape == shapes[name], f"compute_output_shape: {name} has {shapes[name]}"
        found = keras.backend.standardize_dtype(real[name].dtype)
        assert dtype == found, f"symbolic call: {name} has dtype {dtype}, not {found}"


def _model(layer: keras.layers.Layer, inputs: Any) -> keras.Model:
    symbols = keras.Input(np.shape(inputs)[1:])
    return keras.Model(symbols, layer(symbols))


def _assert_trains(layer: keras.layers.Layer, inputs: Any) -> None:
    symbols = keras.Input(np.shape(inputs)[1:])
    results = layer(symbols)
    parts = list(results.values()) if isinstance(results, Mapping) else [results]
    flat = [ops.reshape(ops.abs(part), (-1, int(np.prod(part.shape[1:])))) for part in parts]
    total = ops.sum(ops.concatenate(flat, axis=-1), axis=-1, keepdims=True)
    model = keras.Model(symbols, keras.layers.Dense(1)(total))
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    model.fit(inputs, np.zeros((len(inputs), 1)), batch_size=len(inputs), verbose=0)
    for variable in layer.weights:
        values = ops.convert_to_numpy(variable.value)
        assert np.isfinite(values).all(), f"fit: {variable.path} became {values}"


def _assert_mixed(layer: keras.layers.Layer, inputs: Any, expected: dict[str, np.ndarray]) -> None:
    results = _copy(layer, inputs, dtype="mixed_bfloat16")(inputs)
    named = results if isinstance(results, Mapping) else {"result": results}
    for name, value in named.items():
        dtype = keras.backend.standardize_dtype(value.dtype)
        assert dtype in ("bfloat16", "complex64"), f"mixed precision: {name} has dtype {dtype}"
    wide = {
        name: value if np.iscomplexobj(expected[name]) else ops.cast(value, "float32")
        for name, value in named.items()
    }
    _assert_close(_numbers(wide), expected, MIXED_TOLERANCE, "mixed precision")


def _assert_saved(
    layer: keras.layers.Layer, inputs: Any, expected: dict[str, np.ndarray], tolerance: float
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.keras"
        _model(layer, inputs).save(path)
        loaded = keras.models.load_model(path)
    _assert_close(_numbers(loaded(inputs)), expected, tolerance, "save and load")
