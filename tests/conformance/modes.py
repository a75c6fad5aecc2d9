"""Operations on modes of light. PennyLane's own device of them is that of Gaussian states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import Body, Example

UNITARY = np.array([[0.6, 0.8], [-0.8, 0.6]])


def quadratures(wires: int) -> Any:
    """A polynomial of all positions and momenta, as the device reads one measurement."""
    size = 1 + 2 * wires
    matrix = np.random.default_rng(2).normal(size=(size, size))
    return qml.expval(qml.PolyXP(matrix + matrix.T, wires=range(wires)))


def displacements(x: Any, wires: int, start: float) -> None:
    for wire in range(wires):
        qml.Displacement(start + 0.3 * wire, 0.2, wires=wire)
        qml.Rotation(start + (x[0] if wire == 0 else 0.0), wires=wire)


def mode(kind: type, body: Body, wires: int = 2, angles: int = 1, **changes: Any) -> Example:
    given = {
        "device": "default.gaussian",
        "spread": displacements,
        "returned": quadratures,
        **changes,
    }
    return Example(kind, body, wires, angles, **given)


def preparing(kind: type, body: Body, angles: int = 1, **changes: Any) -> Example:
    """A preparation: PennyLane's rules of shifts have none for them."""
    options = {"diff_method": "finite-diff"}
    return mode(kind, body, 2, angles, prepares=True, options=options, **changes)


def read(kind: type, observable: Any, **changes: Any) -> Example:
    """An observable."""
    return mode(kind, lambda x: None, returned=lambda wires: qml.expval(observable()), **changes)


def layers(x: Any) -> None:
    shapes = qml.CVNeuralNetLayers.shape(1, 2)
    qml.CVNeuralNetLayers(*(np.full(shape, 0.1) for shape in shapes), wires=[0, 1])


MODES = [
    mode(qml.Rotation, lambda x: qml.Rotation(x[0], 0)),
    mode(qml.Squeezing, lambda x: qml.Squeezing(x[0], x[1], 0), 2, 2, scale=0.5),
    mode(qml.Displacement, lambda x: qml.Displacement(x[0], x[1], 0), 2, 2),
    mode(qml.Beamsplitter, lambda x: qml.Beamsplitter(x[0], x[1], [0, 1]), 2, 2),
    mode(qml.TwoModeSqueezing, lambda x: qml.TwoModeSqueezing(x[0], x[1], [0, 1]), 2, 2, scale=0.5),
    mode(qml.QuadraticPhase, lambda x: qml.QuadraticPhase(x[0], 0)),
    mode(qml.ControlledAddition, lambda x: qml.ControlledAddition(x[0], [0, 1])),
    mode(qml.ControlledPhase, lambda x: qml.ControlledPhase(x[0], [0, 1])),
    mode(
        qml.InterferometerUnitary,
        lambda x: qml.InterferometerUnitary(UNITARY, [0, 1]),
        note="the QNode's own gradient is not the derivative; the layer gives the same",
    ),
    mode(
        qml.Interferometer,
        lambda x: qml.Interferometer(x[0:1], x[1:2], x[2:4], wires=[0, 1]),
        2,
        4,
    ),
    mode(qml.DisplacementEmbedding, lambda x: qml.DisplacementEmbedding(x, [0, 1]), 2, 2),
    mode(qml.SqueezingEmbedding, lambda x: qml.SqueezingEmbedding(x, [0, 1]), 2, 2, scale=0.5),
    mode(qml.CVNeuralNetLayers, layers),
    preparing(qml.CoherentState, lambda x: qml.CoherentState(x[0], x[1], 0), 2),
    preparing(
        qml.DisplacedSqueezedState,
        lambda x: qml.DisplacedSqueezedState(x[0], x[1], x[2], x[3], 0),
        4,
    ),
    preparing(qml.SqueezedState, lambda x: qml.SqueezedState(x[0], x[1], 0), 2),
    preparing(qml.ThermalState, lambda x: qml.ThermalState(x[0], 0)),
    preparing(
        qml.GaussianState,
        lambda x: qml.GaussianState(2.0 * np.eye(4), np.array([0.3, 0.1, 0.2, 0.4]), [0, 1]),
    ),
    mode(qml.Kerr, lambda x: qml.Kerr(x[0], 0)),
    mode(qml.CrossKerr, lambda x: qml.CrossKerr(x[0], [0, 1])),
    mode(qml.CubicPhase, lambda x: qml.CubicPhase(x[0], 0)),
    preparing(qml.CatState, lambda x: qml.CatState(x[0], 0.1, 0.0, 0)),
    preparing(qml.FockState, lambda x: qml.FockState(1, 0)),
    preparing(qml.FockStateVector, lambda x: qml.FockStateVector([0.0, 1.0], 0)),
    preparing(qml.FockDensityMatrix, lambda x: qml.FockDensityMatrix(np.eye(2) / 2, 0)),
]

MODE_OBSERVABLES = [
    read(qml.QuadX, lambda: qml.QuadX(0)),
    read(qml.QuadP, lambda: qml.QuadP(0)),
    read(qml.QuadOperator, lambda: qml.QuadOperator(0.3, 0)),
    read(qml.NumberOperator, lambda: qml.NumberOperator(0)),
    read(qml.PolyXP, lambda: qml.PolyXP(np.diag([0.2, 1.0, 0.5]), 0)),
    read(qml.FockStateProjector, lambda: qml.FockStateProjector([1, 0], [0, 1])),
    read(qml.ops.cv.TensorN, lambda: qml.ops.cv.TensorN([0, 1])),
]
