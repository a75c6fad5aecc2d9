"""Channels, on density matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import Body, Example, qubit

KRAUS = [np.diag([1.0, 0.8]), np.array([[0.0, 0.6], [0.0, 0.0]])]


def noisy(kind: type, body: Body, angles: int = 1) -> Example:
    return qubit(kind, body, 2, angles, device="default.mixed", scale=0.4)


def relaxation(x: Any) -> None:
    qml.ThermalRelaxationError(x[0], 1.0 + x[1], 1.1, 0.3, wires=0)


CHANNELS = [
    noisy(qml.AmplitudeDamping, lambda x: qml.AmplitudeDamping(x[0], wires=0)),
    noisy(qml.BitFlip, lambda x: qml.BitFlip(x[0], wires=0)),
    noisy(qml.DepolarizingChannel, lambda x: qml.DepolarizingChannel(x[0], wires=0)),
    noisy(
        qml.GeneralizedAmplitudeDamping,
        lambda x: qml.GeneralizedAmplitudeDamping(x[0], x[1], wires=0),
        2,
    ),
    noisy(qml.PauliError, lambda x: qml.PauliError("XY", x[0], wires=[0, 1])),
    noisy(qml.PhaseDamping, lambda x: qml.PhaseDamping(x[0], wires=0)),
    noisy(qml.PhaseFlip, lambda x: qml.PhaseFlip(x[0], wires=0)),
    noisy(qml.QubitChannel, lambda x: qml.QubitChannel(KRAUS, wires=0)),
    noisy(qml.ResetError, lambda x: qml.ResetError(x[0], x[1], wires=0), 2),
    noisy(qml.ThermalRelaxationError, relaxation, 2),
]
