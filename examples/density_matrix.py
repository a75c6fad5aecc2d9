"""A layer that returns a quantum state: the density matrix of one of two qubits.

Its entries are complex; their absolute values are the features of a `Dense` layer.

    KERAS_BACKEND=jax python examples/density_matrix.py
"""

from __future__ import annotations

import keras
import pennylane as qml
from sklearn.datasets import make_moons

from qeras import KerasLayer

N_QUBITS, N_LAYERS = 2, 3


@qml.qnode(qml.device("default.qubit", wires=N_QUBITS))
def circuit(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(N_QUBITS))
    qml.StronglyEntanglingLayers(weights, wires=range(N_QUBITS))
    return qml.density_matrix(wires=0)


def density_model() -> keras.Model:
    inputs = keras.Input((N_QUBITS,))
    density = KerasLayer(circuit, {"weights": (N_LAYERS, N_QUBITS, 3)})(inputs)  # (batch, 2, 2)
    features = keras.layers.Flatten()(keras.ops.abs(density))
    return keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(features))


def main() -> None:
    keras.utils.set_random_seed(42)
    x, labels = make_moons(random_state=42)
    y = keras.utils.to_categorical(labels, 2)
    model = density_model()
    model.summary()
    model.compile(keras.optimizers.Adam(0.05), loss="mse", metrics=["accuracy"])
    model.fit(x, y, epochs=8, batch_size=5)


if __name__ == "__main__":
    main()
