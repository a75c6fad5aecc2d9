"""Powers by numbers that are no integers, and by inputs and weights."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

POWERS = {
    "Rot": lambda x: qml.Rot(*x, wires=0),
    "Rot beyond a half turn": lambda x: qml.Rot(*(4 * x), wires=0),
    "U2": lambda x: qml.U2(*x[:2], wires=0),
    "U3": lambda x: qml.U3(*(5 * x), wires=0),
    "CRot": lambda x: qml.CRot(*x, wires=[0, 1]),
    "product": lambda x: qml.prod(qml.RX(x[0], 0), qml.RY(x[1], 0)),
    "QubitUnitary": lambda x: qml.QubitUnitary(qml.RX.compute_matrix(3 * x[0]), 1),
    "SpecialUnitary": lambda x: qml.SpecialUnitary(4 * x, 0),
    "diagonal": lambda x: qml.DiagonalQubitUnitary(qml.math.exp(4j * x[[0, 1, 2, 0]]), [0, 1]),
    "PSWAP": lambda x: qml.PSWAP(x[0], [0, 1]),
    "CPhaseShift01": lambda x: qml.CPhaseShift01(2 * x[0], [0, 1]),
    "PCPhase": lambda x: qml.PCPhase(x[0], 3, [0, 1]),
    "FermionicSWAP": lambda x: qml.FermionicSWAP(x[0], [0, 1]),
    "controlled": lambda x: qml.ctrl(qml.U3(*x, wires=0), [1, 2], control_values=[0, 1]),
    "adjoint": lambda x: qml.adjoint(qml.Rot(*x, wires=0)),
}


@pytest.mark.parametrize("exponent", [0.5, -1.7, 2.3])
@pytest.mark.parametrize("name", POWERS)
def test_power_of_parametrised_operator(agree, name, exponent):
    def function(inputs):
        for wire in range(3):
            qml.RY(0.3 + wire, wire)
        qml.pow(POWERS[name](inputs), exponent)
        qml.ctrl(qml.pow(POWERS[name](inputs), exponent), 3)

    agree(function)


CONSTANTS = {
    "X": qml.X(0),
    "H": qml.H(0),
    "S": qml.S(0),
    "T": qml.T(0),
    "SX": qml.SX(0),
    "SWAP": qml.SWAP([0, 1]),
    "ISWAP": qml.ISWAP([0, 1]),
    "CNOT": qml.CNOT([1, 0]),
    "product": qml.prod(qml.S(0), qml.H(0)),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant_operator_to_the_power_of_an_input(agree, name):
    def function(inputs, w):
        for wire in range(3):
            qml.RY(0.3 + wire, wire)
        qml.pow(CONSTANTS[name], inputs[0])
        qml.pow(CONSTANTS[name], -w[0])

    agree(function, {"w": (1,)})


def test_power_at_the_identity():
    """Where both eigenvalues are 1, the power still has its derivative."""
    from qeras.capture import capture
    from qeras.testing.reference import simulate

    def function(inputs):
        qml.pow(qml.Rot(inputs[0], inputs[1], 0.0, wires=0), 0.5)
        return qml.expval(qml.Y(0))

    circuit = capture(qml.QNode(function, qml.device("default.qubit")), {}, 2)
    assert simulate(circuit, np.zeros(2), {})[0] == pytest.approx(0)
