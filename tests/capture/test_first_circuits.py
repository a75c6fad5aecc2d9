"""Circuits in common use: the captured circuit gives PennyLane's results."""

import numpy as np
import pennylane as qml

from qeras.capture import capture
from qeras.testing.reference import simulate


def test_rotations_layers_and_measurements():
    shapes = {"weights": (2, 3), "w2": (2, 3, 3)}

    @qml.qnode(qml.device("default.qubit", wires=3))
    def qnode(inputs, weights, w2):
        qml.AngleEmbedding(inputs, wires=range(3))
        qml.BasicEntanglerLayers(weights, wires=range(3))
        qml.StronglyEntanglingLayers(w2, wires=range(3))
        qml.RX(np.pi * inputs[0] * w2[0, 0, 0], wires=0)
        qml.CRY(inputs[1], wires=[0, 2])
        return [qml.expval(qml.Z(i)) for i in range(3)] + [qml.probs(wires=[2, 0]), qml.state()]

    rng = np.random.default_rng(0)
    inputs = rng.normal(size=3)
    weights = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    found = simulate(capture(qnode, shapes, 3), inputs, weights)
    for one, expected in zip(found, qnode(inputs, **weights), strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-12)
