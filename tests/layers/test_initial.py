"""The default initializer draws the numbers of Keras's own."""

from __future__ import annotations

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from qeras.layers.initial import GlorotUniform


@pytest.mark.parametrize("shape", [(4, 8, 3), (2, 3, 4, 5), (6, 2), (5,), (), (0, 3, 2)])
def test_numbers_of_keras(shape: tuple[int, ...]) -> None:
    own = ops.convert_to_numpy(GlorotUniform(seed=3)(shape))
    keras_own = ops.convert_to_numpy(keras.initializers.GlorotUniform(seed=3)(shape))
    assert own.shape == shape
    np.testing.assert_allclose(own, keras_own, rtol=1e-6)


def test_weights_are_those_of_add_weight() -> None:
    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.expval(qml.Z(0))

    keras.utils.set_random_seed(7)
    layer = KerasLayer(circuit, {"weights": (3, 2, 3)})
    keras.utils.set_random_seed(7)
    plain = keras.layers.Layer()
    weight = plain.add_weight(shape=(3, 2, 3), name="weights")
    found = ops.convert_to_numpy(layer.qnode_weights["weights"].value)
    np.testing.assert_allclose(found, ops.convert_to_numpy(weight.value), rtol=1e-6)
