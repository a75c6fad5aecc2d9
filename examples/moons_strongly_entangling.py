"""Two moons with `StronglyEntanglingLayers`, the example of the original layer's manual.

KERAS_BACKEND=jax python examples/moons_strongly_entangling.py
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
    return qml.expval(qml.Z(0)), qml.expval(qml.Z(1))


def main() -> None:
    keras.utils.set_random_seed(42)
    x, labels = make_moons(random_state=42)
    y = keras.utils.to_categorical(labels, 2)
    model = keras.Sequential(
        [
            keras.layers.Dense(2),
            KerasLayer(circuit, {"weights": (N_LAYERS, N_QUBITS, 3)}, output_dim=N_QUBITS),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.5), loss="mae")
    model.fit(x, y, epochs=8, batch_size=5)


if __name__ == "__main__":
    main()
