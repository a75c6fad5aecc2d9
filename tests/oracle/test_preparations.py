"""State preparations of inputs: PennyLane prepares a circuit's very first state as it is and all
others by gates, which see its direction only. Values are the same, gradients are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import capture
from qeras.pipeline import Program
from tests.contracts.like_qnode import assert_like_qnode

KINDS = [qml.StatePrep, qml.MottonenStatePreparation, qml.MultiplexerStatePreparation]


# Autograd's, for a real vector that PennyLane makes complex.
@pytest.mark.filterwarnings("ignore:Casting complex values to real discards")
@pytest.mark.parametrize("place", ["first", "on fresh wires", "behind a gate", "inverted"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_by_amplitudes(kind: Any, place: str) -> None:
    def function(inputs: Any, w: Any) -> Any:
        if place == "on fresh wires":
            qml.X(2)
        if place == "behind a gate":
            qml.RX(w[1], 1)
        made = kind(inputs, wires=[0, 1])
        if place == "inverted":
            qml.adjoint(made)
        qml.RY(w[0], 0)
        qml.CNOT([0, 1])
        return [qml.expval(qml.Z(0) @ qml.X(1) + 0.5 * qml.I(0))]

    qnode = qml.QNode(function, qml.device("default.qubit", wires=3))
    inputs = np.array([[0.1, 0.7, -0.5, 0.1], [-0.2, 0.3, 0.4, -0.9]])
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    run = Program(capture(qnode, {"w": (2,)}, 4)).run
    assert_like_qnode(run, qnode, inputs, np.array([0.4, 0.9]), 1e-12)
