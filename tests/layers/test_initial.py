"""The default initializer: Keras's distribution, the same numbers everywhere."""

from __future__ import annotations

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from qeras.layers.initial import GlorotUniform


@pytest.mark.parametrize("shape", [(4, 8, 300), (2, 3, 40, 50), (600, 20), (5000,), (), (0, 3, 2)])
def test_distribution_of_keras(shape: tuple[int, ...]) -> None:
    own = ops.convert_to_numpy(GlorotUniform(seed=3)(shape))
    keras_own = ops.convert_to_numpy(keras.initializers.GlorotUniform(seed=3)(shape))
    assert (own.shape, own.dtype) == (keras_own.shape, keras_own.dtype)
    if own.size > 1:
        # The largest of n uniform numbers is below 1 - 10 / n once in 22 000 times.
        limits = [np.abs(one).max() for one in (own, keras_own)]
        assert limits[0] == pytest.approx(limits[1], rel=10 / own.size)
        deviation = limits[1] / np.sqrt(3 * own.size)
        assert abs(own.mean()) < 5 * deviation


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_dtype_is_the_weights(dtype: str) -> None:
    found = GlorotUniform(seed=3)((2, 3), dtype)
    assert keras.backend.standardize_dtype(found.dtype) == dtype


def test_numbers_are_the_same_on_every_backend() -> None:
    found = ops.convert_to_numpy(GlorotUniform(seed=3)((2, 2)))
    expected = [[-1.0149481, -0.64467996], [0.7379687, 0.20125507]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_set_random_seed_says_the_weights() -> None:
    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.expval(qml.Z(0))

    def weights() -> np.ndarray:
        layer = KerasLayer(circuit, {"weights": (3, 2, 3)})
        return ops.convert_to_numpy(layer.qnode_weights["weights"].value)

    keras.utils.set_random_seed(7)
    first, second = weights(), weights()
    keras.utils.set_random_seed(7)
    np.testing.assert_array_equal(weights(), first)
    assert np.abs(first - second).max() > 0
