"""Every gate of PennyLane, alone, controlled, inverted and raised to powers."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError
from qeras.capture.inverse import inverse
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import constant
from qeras.circuit.gates import DATA_GATES, GATES

WIRES = range(4)

# name -> (number of parameters, wires)
PARAMETRIC = {
    "RX": (1, [2]),
    "RY": (1, [2]),
    "RZ": (1, [2]),
    "PhaseShift": (1, [2]),
    "U1": (1, [2]),
    "U2": (2, [2]),
    "U3": (3, [2]),
    "Rot": (3, [2]),
    "GlobalPhase": (1, [2]),
    "MultiRZ": (1, [3, 0, 1]),
    "IsingXX": (1, [2, 1]),
    "IsingYY": (1, [2, 1]),
    "IsingZZ": (1, [2, 1]),
    "IsingXY": (1, [2, 1]),
    "PSWAP": (1, [2, 1]),
    "FermionicSWAP": (1, [2, 1]),
    "CRX": (1, [2, 1]),
    "CRY": (1, [2, 1]),
    "CRZ": (1, [2, 1]),
    "CRot": (3, [2, 1]),
    "ControlledPhaseShift": (1, [2, 1]),
    "CPhaseShift00": (1, [2, 1]),
    "CPhaseShift01": (1, [2, 1]),
    "CPhaseShift10": (1, [2, 1]),
    "SingleExcitation": (1, [2, 1]),
    "SingleExcitationPlus": (1, [2, 1]),
    "SingleExcitationMinus": (1, [2, 1]),
    "DoubleExcitation": (1, [2, 1, 0, 3]),
    "DoubleExcitationPlus": (1, [2, 1, 0, 3]),
    "DoubleExcitationMinus": (1, [2, 1, 0, 3]),
    "OrbitalRotation": (1, [2, 1, 0, 3]),
}
CONSTANT = {
    "Identity": [0],
    "PauliX": [0],
    "PauliY": [0],
    "PauliZ": [0],
    "Hadamard": [0],
    "S": [0],
    "T": [0],
    "SX": [0],
    "SWAP": [2, 0],
    "ISWAP": [2, 0],
    "SISWAP": [2, 0],
    "ECR": [2, 0],
    "CNOT": [2, 0],
    "CY": [2, 0],
    "CZ": [2, 0],
    "CH": [2, 0],
    "CSWAP": [2, 0, 1],
    "CCZ": [2, 0, 1],
    "Toffoli": [2, 0, 1],
    "QubitSum": [2, 0, 1],
    "QubitCarry": [2, 0, 1, 3],
}


def spread():
    for wire in WIRES:
        qml.RY(0.3 + wire, wire)
        qml.RZ(0.5 - wire, wire)


@pytest.mark.parametrize("name", PARAMETRIC)
def test_parametric_gate(agree, name):
    count, wires = PARAMETRIC[name]

    def function(inputs, w):
        def gate():
            return getattr(qml, name)(*(w[i] * inputs[i] for i in range(count)), wires=wires)

        spread()
        gate()
        qml.adjoint(gate())
        qml.pow(gate(), 3)
        qml.pow(gate(), -1)
        free = [wire for wire in [*WIRES, "a"] if wire not in wires]
        qml.ctrl(gate(), free[0])
        qml.ctrl(qml.adjoint(gate()), free, control_values=[i % 2 for i in range(len(free))])

    agree(function, {"w": (3,)}, wires=[*WIRES, "a"])


@pytest.mark.parametrize("name", CONSTANT)
def test_constant_gate(agree, name):
    wires = CONSTANT[name]

    def function(inputs):
        def gate():
            return getattr(qml, name)(wires=wires)

        spread()
        gate()
        qml.adjoint(gate())
        qml.pow(gate(), -2)
        qml.pow(gate(), 0)
        free = [wire for wire in [*WIRES, "a"] if wire not in wires]
        qml.ctrl(gate(), free[0], control_values=[0])
        qml.ctrl(qml.adjoint(gate()), free)

    agree(function, wires=[*WIRES, "a"])


def test_every_gate_of_the_table_is_tested():
    tested = {*PARAMETRIC, *CONSTANT, "PauliRot"}
    assert {name for name in GATES if name not in DATA_GATES} <= tested


@pytest.mark.parametrize("word", ["X", "XYZ", "IXIZ", "II"])
def test_pauli_rot(agree, word):
    wires = list(WIRES)[: len(word)]

    def function(inputs):
        spread()
        qml.PauliRot(inputs[0], word, wires=wires)
        qml.adjoint(qml.PauliRot(inputs[1], word, wires=wires))
        qml.ctrl(qml.PauliRot(inputs[1], word, wires=wires), "a")

    agree(function, wires=[*WIRES, "a"])


def test_multi_controlled_x(agree):
    def function(inputs):
        spread()
        qml.MultiControlledX([0, 1, 2, 3], control_values=[0, 1, 0])
        qml.IntegerComparator(2, geq=False, wires=[0, 1, 2])

    circuit = agree(function)
    flip = circuit.operations[8]
    assert (flip.gate, flip.wires) == ("PauliX", (3,))
    assert (flip.controls, flip.control_values) == ((0, 1, 2), (False, True, False))


def test_fractional_powers(agree):
    def function(inputs):
        spread()
        qml.pow(qml.RX(inputs[0], 0), 0.5)
        qml.pow(qml.RZ(inputs[0], 0), inputs[1])
        for gate in (qml.S(0), qml.T(1), qml.SX(2), qml.X(3)):
            qml.pow(gate, 0.3)

    agree(function)


def test_products_in_the_order_of_matrices(agree):
    def function(inputs):
        spread()
        qml.prod(qml.RX(inputs[0], 0), qml.RY(inputs[1], 0), qml.CNOT([0, 1]))
        qml.ctrl(qml.prod(qml.RX(inputs[0], 0), qml.RY(inputs[1], 0)), 2)
        qml.adjoint(qml.prod(qml.RX(inputs[0], 0), qml.RY(inputs[1], 0)))
        qml.change_op_basis(qml.RX(inputs[2], 0), qml.CNOT([0, 1]))
        qml.prod(lambda: [qml.RX(inputs[0], 0), qml.RY(inputs[1], 0)])()

    agree(function)


def test_sum_that_is_unitary(agree):
    def function(inputs):
        spread()
        qml.apply(np.sqrt(0.5) * (qml.X(0) + qml.Z(0)))

    agree(function)


def test_functions_of_templates(agree):
    def function(inputs, w):
        spread()
        qml.adjoint(qml.StronglyEntanglingLayers)(w, wires=range(3))
        qml.ctrl(qml.StronglyEntanglingLayers, control=3)(w, wires=range(3))
        qml.ctrl(qml.QFT, control=3)(wires=range(3))
        qml.ctrl(qml.GroverOperator, control=3, control_values=[0])(wires=range(3))
        qml.ctrl(qml.ctrl(qml.RY(inputs[0], 0), 1), 2, control_values=[0])
        qml.ctrl(qml.PCPhase(inputs[0], dim=3, wires=[0, 1]), 2)

    agree(function, {"w": (1, 3, 3)})


def test_unitaries_of_numbers_and_of_weights(agree):
    def function(inputs, w):
        spread()
        c, s = np.cos(w[0]), qml.math.sin(w[0])
        rotation = qml.math.stack([qml.math.stack([c, -s]), qml.math.stack([s, c])])
        qml.QubitUnitary(rotation, wires=0)
        qml.adjoint(qml.QubitUnitary(rotation * qml.math.exp(1j * inputs[0]), wires=0))
        qml.ControlledQubitUnitary(rotation, wires=[1, 0], control_values=[0])
        qml.QubitUnitary(np.array([[0, 1j], [1, 0]]), wires=2)
        qml.adjoint(qml.QubitUnitary(np.kron([[0, 1j], [1, 0]], np.eye(2)), wires=[2, 0]))
        qml.BlockEncode(np.array([[0.1, 0.2], [0.3, 0.4]]), wires=[0, 1])

    agree(function, {"w": (1,)})


def test_diagonals_of_numbers_and_of_weights(agree):
    def function(inputs, w):
        spread()
        qml.DiagonalQubitUnitary(qml.math.exp(1j * w), wires=[0, 1])
        qml.adjoint(qml.DiagonalQubitUnitary(np.exp(1j * w), wires=[1, 0]))
        qml.ctrl(qml.DiagonalQubitUnitary(np.array([1, 1j, -1, 1j]), wires=[1, 0]), 3)

    agree(function, {"w": (4,)})


def test_what_does_nothing_is_left_out(agree):
    def function(inputs):
        qml.Barrier(WIRES)
        qml.Identity(0)
        qml.Snapshot()
        qml.WireCut(1)
        qml.ctrl(qml.Identity(0), 1)

    assert agree(function).operations == ()


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_special_unitaries(agree, scale):
    def function(inputs):
        spread()
        qml.SpecialUnitary(inputs * scale, wires=0)
        qml.adjoint(qml.SpecialUnitary(inputs * scale, wires=1))
        qml.SpecialUnitary(np.linspace(0.1, 0.5, 15), wires=[1, 2])

    agree(function)


def test_no_inverse_of_a_preparation():
    state = Operation("StatePrep", (0,), (constant(1.0),) * 4)
    with pytest.raises(CaptureError, match=r"with an inverse. Received: StatePrep"):
        inverse([state])
