"""Embeddings, layers, networks and preparations of `qml.templates`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import preparing, qubit

HALF_FILLED = np.array([1, 1, 0, 0])
VECTOR = np.array([0.5, -0.5, 0.1, 0.7])


def shaped(x: Any, *shape: int) -> Any:
    return qml.math.reshape(x, shape)


def normalised(x: Any) -> Any:
    return x / qml.math.sqrt(qml.math.sum(x * x))


def block(weights: Any, wires: Any) -> None:
    qml.RX(weights[0], wires[0])
    qml.CNOT(wires)


def matrix_product_state(x: Any) -> None:
    zero = 0 * x[0]
    rows = [qml.math.cos(x[0]), zero], [zero, qml.math.sin(x[0])]
    first = qml.math.stack([qml.math.stack(row) for row in rows])
    qml.MPSPrep([first, np.eye(2)], wires=[0, 1], work_wires=[2])


EMBEDDINGS = [
    preparing(
        qml.AmplitudeEmbedding,
        lambda x: qml.AmplitudeEmbedding(x, wires=[0, 1], normalize=True),
        angles=4,
    ),
    qubit(qml.AngleEmbedding, lambda x: qml.AngleEmbedding(x, wires=range(3)), 3, 3),
    preparing(qml.BasisEmbedding, lambda x: qml.BasisEmbedding([1, 0], wires=[0, 1])),
    qubit(qml.IQPEmbedding, lambda x: qml.IQPEmbedding(x, wires=range(3), n_repeats=2), 3, 3),
    qubit(
        qml.QAOAEmbedding,
        lambda x: qml.QAOAEmbedding(x[:2], shaped(x[2:], 1, 3), wires=[0, 1]),
        angles=5,
    ),
]

LAYERS = [
    qubit(
        qml.BasicEntanglerLayers,
        lambda x: qml.BasicEntanglerLayers(shaped(x, 2, 3), wires=range(3)),
        3,
        6,
    ),
    qubit(
        qml.StronglyEntanglingLayers,
        lambda x: qml.StronglyEntanglingLayers(shaped(x, 2, 2, 3), wires=range(2)),
        2,
        12,
    ),
    qubit(
        qml.RandomLayers,
        lambda x: qml.RandomLayers(shaped(x, 2, 3), wires=range(3), seed=3),
        3,
        6,
    ),
    qubit(
        qml.SimplifiedTwoDesign,
        lambda x: qml.SimplifiedTwoDesign(x[:3], shaped(x[3:], 1, 2, 2), wires=range(3)),
        3,
        7,
    ),
    qubit(
        qml.ParticleConservingU1,
        lambda x: qml.ParticleConservingU1(shaped(x, 1, 2, 2), range(3), np.array([1, 1, 0])),
        3,
        4,
        prepares=True,
    ),
    qubit(
        qml.ParticleConservingU2,
        lambda x: qml.ParticleConservingU2(shaped(x, 1, 5), range(3), np.array([1, 1, 0])),
        3,
        5,
        prepares=True,
    ),
    preparing(
        qml.GateFabric,
        lambda x: qml.GateFabric(shaped(x, 1, 1, 2), range(4), HALF_FILLED),
        4,
        2,
    ),
    qubit(
        qml.MPS,
        lambda x: qml.MPS(
            range(3), 2, lambda weights, wires: block(weights, wires), 1, shaped(x, 2, 1)
        ),
        3,
        2,
    ),
    qubit(qml.TTN, lambda x: qml.TTN(range(4), 2, block, 1, shaped(x, 3, 1)), 4, 3),
    qubit(qml.MERA, lambda x: qml.MERA(range(4), 2, block, 1, shaped(x, 5, 1)), 4, 5),
    qubit(
        qml.TwoLocalSwapNetwork,
        lambda x: qml.TwoLocalSwapNetwork(
            range(3), lambda index, wires, param=None, **_: qml.CRX(param, wires), x
        ),
        3,
        3,
    ),
]

PREPARATIONS = [
    preparing(
        qml.ArbitraryStatePreparation,
        lambda x: qml.ArbitraryStatePreparation(x, wires=[0, 1]),
        angles=6,
    ),
    preparing(qml.CosineWindow, lambda x: qml.CosineWindow(wires=[0, 1])),
    preparing(
        qml.MottonenStatePreparation,
        lambda x: qml.MottonenStatePreparation(normalised(x), wires=[0, 1]),
        angles=4,
    ),
    preparing(
        qml.MultiplexerStatePreparation,
        lambda x: qml.MultiplexerStatePreparation(normalised(x), wires=[0, 1]),
        angles=4,
    ),
    preparing(
        qml.QROMStatePreparation,
        lambda x: qml.QROMStatePreparation(
            VECTOR, wires=[0, 1], precision_wires=[2, 3, 4], work_wires=[5]
        ),
        6,
    ),
    preparing(qml.MPSPrep, matrix_product_state, 3, gradient="differences"),
    preparing(
        qml.SumOfSlatersPrep,
        lambda x: qml.SumOfSlatersPrep(np.array([0.6, 0.8]), wires=range(3), indices=[1, 6]),
        3,
        largest=8,
        graph=True,
        note="with `qml.decomposition.enable_graph()`",
    ),
    preparing(
        qml.Superposition,
        lambda x: qml.Superposition(normalised(x), [[0, 0], [1, 1]], wires=[0, 1], work_wire=2),
        3,
        2,
        gradient="differences",
    ),
]
TEMPLATES = [*EMBEDDINGS, *LAYERS, *PREPARATIONS]
