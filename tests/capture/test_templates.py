"""Templates of PennyLane: the captured circuit gives the same state, phase included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import capture

WIRES = range(4)
HALF_FILLED = np.array([1, 1, 0, 0])
HAMILTONIAN = qml.Hamiltonian([1.0, 0.5], [qml.X(0), qml.Z(0) @ qml.Z(1)])


def spread():
    """A state that shows every entry of a gate."""
    for wire in WIRES:
        qml.RY(0.3 + wire, wire)


def block(weights, wires):
    qml.RX(weights[0], wires[0])
    qml.CNOT(wires)


def permuted_pair(weights=None, wires=None, **_):
    qml.RX(weights, wires[0])


# name -> (function of inputs and w, features, shape of w)
TEMPLATES = {
    "AngleEmbedding": (lambda x, w: qml.AngleEmbedding(x, wires=WIRES), 4, (1,)),
    "AngleEmbedding Y of a list": (
        lambda x, w: qml.AngleEmbedding([x[0], w[0]], wires=[2, 0], rotation="Y"),
        1,
        (1,),
    ),
    "IQPEmbedding": (lambda x, w: qml.IQPEmbedding(x, wires=WIRES, n_repeats=2), 4, (1,)),
    "QAOAEmbedding": (lambda x, w: qml.QAOAEmbedding(x, w, wires=WIRES), 4, (2, 8)),
    "BasicEntanglerLayers": (lambda x, w: qml.BasicEntanglerLayers(w, WIRES), 1, (3, 4)),
    "StronglyEntanglingLayers": (lambda x, w: qml.StronglyEntanglingLayers(w, WIRES), 1, (3, 4, 3)),
    "RandomLayers": (lambda x, w: qml.RandomLayers(w, wires=WIRES, seed=3), 1, (2, 4)),
    "SimplifiedTwoDesign": (lambda x, w: qml.SimplifiedTwoDesign(x, w, WIRES), 4, (2, 3, 2)),
    "ParticleConservingU1": (
        lambda x, w: qml.ParticleConservingU1(w, wires=WIRES, init_state=HALF_FILLED),
        1,
        (1, 3, 2),
    ),
    "ParticleConservingU2": (
        lambda x, w: qml.ParticleConservingU2(w, wires=WIRES, init_state=HALF_FILLED),
        1,
        (2, 7),
    ),
    "GateFabric": (
        lambda x, w: qml.GateFabric(w, wires=WIRES, init_state=HALF_FILLED),
        1,
        (1, 1, 2),
    ),
    "UCCSD": (
        lambda x, w: qml.UCCSD(w, WIRES, [[0, 1, 2]], [[[0, 1], [2, 3]]], HALF_FILLED),
        1,
        (2,),
    ),
    "kUpCCGSD": (
        lambda x, w: qml.kUpCCGSD(w, wires=WIRES, k=1, delta_sz=0, init_state=HALF_FILLED),
        1,
        (1, 6),
    ),
    "AllSinglesDoubles": (
        lambda x, w: qml.AllSinglesDoubles(
            w, WIRES, HALF_FILLED, singles=[[0, 2], [1, 3]], doubles=[[0, 1, 2, 3]]
        ),
        1,
        (3,),
    ),
    "FermionicSingleExcitation": (
        lambda x, w: [spread(), qml.FermionicSingleExcitation(w[0], wires=[0, 1, 2])],
        1,
        (1,),
    ),
    "FermionicDoubleExcitation": (
        lambda x, w: [spread(), qml.FermionicDoubleExcitation(w[0], [0, 1], [2, 3])],
        1,
        (1,),
    ),
    "BasisRotation": (
        lambda x, w: [spread(), qml.BasisRotation([0, 1], np.array([[0.6, 0.8], [-0.8, 0.6]]))],
        1,
        (1,),
    ),
    "MPS": (
        lambda x, w: qml.MPS(WIRES, 2, lambda weights, wires: block(weights, wires), 1, w),
        1,
        (3, 1),
    ),
    "TTN": (lambda x, w: qml.TTN(WIRES, 2, block, 1, w), 1, (3, 1)),
    "MERA": (lambda x, w: qml.MERA(WIRES, 2, block, 1, w), 1, (5, 1)),
    "TwoLocalSwapNetwork": (
        lambda x, w: qml.TwoLocalSwapNetwork(
            WIRES, lambda index, wires, param=None, **_: qml.CRX(param, wires), w
        ),
        1,
        (6,),
    ),
    "ArbitraryUnitary": (lambda x, w: qml.ArbitraryUnitary(w, wires=[0, 1]), 1, (15,)),
    "ArbitraryStatePreparation": (
        lambda x, w: qml.ArbitraryStatePreparation(w, wires=[0, 1]),
        1,
        (6,),
    ),
    "QFT": (lambda x, w: [spread(), qml.QFT(WIRES), qml.adjoint(qml.QFT)([2, 0])], 1, (1,)),
    "AQFT": (lambda x, w: [spread(), qml.AQFT(1, wires=WIRES)], 1, (1,)),
    "GroverOperator": (lambda x, w: [spread(), qml.GroverOperator(WIRES)], 1, (1,)),
    "Permute and FlipSign": (
        lambda x, w: [spread(), qml.Permute([2, 1, 0, 3], WIRES), qml.FlipSign(1, WIRES)],
        1,
        (1,),
    ),
    "TrotterProduct": (lambda x, w: qml.TrotterProduct(HAMILTONIAN, w[0], order=2), 1, (1,)),
    "TrotterProduct of weights": (
        lambda x, w: qml.TrotterProduct(qml.dot(w, [qml.X(0), qml.Z(0) @ qml.Z(1)]), x[0], n=2),
        1,
        (2,),
    ),
    "ApproxTimeEvolution": (lambda x, w: qml.ApproxTimeEvolution(HAMILTONIAN, w[0], 2), 1, (1,)),
    "CommutingEvolution": (
        lambda x, w: qml.CommutingEvolution(
            qml.Hamiltonian([1.0, 0.5], [qml.X(0), qml.X(0) @ qml.X(1)]), w[0]
        ),
        1,
        (1,),
    ),
    "QDrift": (lambda x, w: qml.QDrift(HAMILTONIAN, 0.5, n=3, seed=3), 1, (1,)),
    "QAOA layers": (
        lambda x, w: [
            spread(),
            qml.qaoa.cost_layer(w[0], qml.Hamiltonian([1.0], [qml.Z(0) @ qml.Z(1)])),
            qml.qaoa.mixer_layer(w[1], qml.qaoa.x_mixer(WIRES)),
        ],
        1,
        (2,),
    ),
    "Select": (
        lambda x, w: [spread(), qml.Select([qml.RX(w[0], 2), qml.RY(w[1], 2)], control=[0])],
        1,
        (2,),
    ),
    "SelectPauliRot": (
        lambda x, w: [spread(), qml.SelectPauliRot(w, [0, 1], 2, rot_axis="Y")],
        1,
        (4,),
    ),
    "ControlledSequence": (
        lambda x, w: [spread(), qml.ControlledSequence(qml.RX(w[0], 3), control=[0, 1, 2])],
        1,
        (1,),
    ),
    "QuantumPhaseEstimation": (
        lambda x, w: qml.QuantumPhaseEstimation(qml.RZ(w[0], 3), estimation_wires=[0, 1, 2]),
        1,
        (1,),
    ),
    "Reflection": (
        lambda x, w: [spread(), qml.Reflection(qml.prod(qml.RX(w[0], 0), qml.H(1)), w[1])],
        1,
        (2,),
    ),
    "AmplitudeAmplification": (
        lambda x, w: [
            spread(),
            qml.AmplitudeAmplification(qml.prod(qml.H(0), qml.H(1)), qml.FlipSign(2, [0, 1])),
        ],
        1,
        (1,),
    ),
    "IQP": (lambda x, w: qml.IQP(w, 4, [[[0]], [[1]], [[0, 1]]], None), 1, (3,)),
    "QSVT": (
        lambda x, w: qml.QSVT(
            qml.BlockEncode(np.array([[0.1, 0.2], [0.3, 0.4]]), wires=[0, 1]),
            [qml.PCPhase(w[i], 2, wires=[0, 1]) for i in range(3)],
        ),
        1,
        (3,),
    ),
    "QROM": (
        lambda x, w: [
            spread(),
            qml.QROM(["0", "1", "1", "0"], control_wires=[0, 1], target_wires=[2], work_wires=[3]),
        ],
        1,
        (1,),
    ),
    "PrepSelPrep": (
        lambda x, w: qml.PrepSelPrep(qml.dot([0.3, 0.7], [qml.X(2), qml.Z(2)]), control=[0]),
        1,
        (1,),
    ),
    "Qubitization": (
        lambda x, w: qml.Qubitization(qml.dot([0.3, 0.7], [qml.X(2), qml.Z(2)]), control=[0]),
        1,
        (1,),
    ),
    "HilbertSchmidt": (
        lambda x, w: qml.HilbertSchmidt(qml.RX(w[0], 2), qml.Hadamard(0)),
        1,
        (1,),
    ),
    "Adder": (
        lambda x, w: [spread(), qml.PhaseAdder(3, [0, 1, 2]), qml.Adder(3, [0, 1, 2])],
        1,
        (1,),
    ),
    "CosineWindow": (lambda x, w: qml.CosineWindow(wires=WIRES), 1, (1,)),
    "Superposition": (
        lambda x, w: qml.Superposition(
            np.sqrt([0.5, 0.5]), [[0, 0], [1, 1]], wires=[0, 1], work_wire=2
        ),
        1,
        (1,),
    ),
    "FABLE": (
        lambda x, w: qml.FABLE(np.array([[0.1, 0.2], [0.3, 0.4]]), wires=[0, 1, 2]),
        1,
        (1,),
    ),
    "GQSP": (lambda x, w: qml.GQSP(qml.RX(0.3, 1), w, control=0), 1, (3, 3)),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_prepares_the_same_state(agree, name):
    function, features, shape = TEMPLATES[name]
    agree(lambda inputs, w: function(inputs, w), {"w": shape}, features)


def test_layers_and_loops(agree):
    def function(inputs, w):
        qml.layer(lambda one: qml.RX(one[0], wires=0), 3, w)

        @qml.for_loop(0, 3)
        def loop(i: Any):
            qml.RY(w[i, 0] * inputs[i], wires=i)

        loop()
        for wire, feature in enumerate(inputs):
            qml.RZ(feature, wires=wire)
        qml.cond(len(inputs) == 3, qml.RX, qml.RY)(inputs[0], wires=1)

    agree(function, {"w": (3, 1)})


def test_global_random_state_stays():
    @qml.qnode(qml.device("default.qubit"))
    def qnode(inputs, w):
        qml.RandomLayers(w, wires=WIRES)
        return qml.expval(qml.Z(0))

    before = np.random.get_state(legacy=False)["state"]["key"].tolist()
    capture(qnode, {"w": (2, 4)}, 1)
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == before
