"""Time evolutions and exponentials, exact with their phases."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture


def spread():
    for wire in range(3):
        qml.RY(0.3 + wire, wire)


def gates(circuit):
    return [operation.gate for operation in circuit.operations[3:]]


def test_pauli_word(agree):
    def function(inputs):
        spread()
        qml.evolve(qml.X(0) @ qml.Z(1), inputs[0])
        qml.exp(0.5 * qml.Y(2), 1j * inputs[1])

    assert gates(agree(function)) == ["PauliRot", "PauliRot"]


def test_commuting_words_and_identity(agree):
    def function(inputs):
        spread()
        qml.evolve(qml.X(0) @ qml.X(1) + 0.3 * qml.Z(0) @ qml.Z(1) + 0.2 * qml.I(0), inputs[0])

    assert gates(agree(function)) == ["PauliRot", "PauliRot", "GlobalPhase"]


def test_weights_as_coefficients_of_commuting_words(agree):
    def function(inputs, w):
        spread()
        qml.evolve(w[0] * qml.Z(0) + w[1] * qml.Z(1) @ qml.Z(2), inputs[0])

    agree(function, {"w": (2,)})


def test_words_that_do_not_commute(agree):
    def function(inputs):
        spread()
        operator = qml.X(0) @ qml.Z(2) + 0.3 * qml.Z(0) + 0.2 * qml.I(0)
        qml.evolve(operator, inputs[0])
        qml.ctrl(qml.evolve(operator, inputs[1]), 1)
        qml.adjoint(qml.evolve(operator, inputs[2]))
        qml.pow(qml.evolve(operator, inputs[2]), 2)
        qml.pow(qml.evolve(operator, inputs[2]), 0.5)

    assert gates(agree(function))[0] == "Evolution"


def test_hermitian_matrix(agree):
    def function(inputs):
        spread()
        qml.exp(qml.Hermitian(np.array([[1, 2j], [-2j, 3.0]]), 1), -1j * inputs[0])

    agree(function)


def test_constant_exponent(agree):
    def function(inputs):
        spread()
        qml.exp(qml.X(0) @ qml.X(1) + qml.Z(0), 0.3j)

    agree(function)


def _capture(function):
    return capture(qml.QNode(function, qml.device("default.qubit")), {"w": (2,)}, 1)


def test_real_coefficient():
    def function(inputs, w):
        qml.exp(qml.X(0), w[0])
        return qml.state()

    with pytest.raises(CaptureError, match=r"imaginary coefficient"):
        _capture(function)


def test_constant_real_coefficient_is_not_unitary():
    def function(inputs, w):
        qml.exp(qml.X(0), 0.5)
        return qml.state()

    with pytest.raises(CaptureError, match=r"matrix is not unitary"):
        _capture(function)


WORDS = [qml.X(0), qml.Z(0) @ qml.Y(2), qml.I(1), qml.Z(2)]


def test_weights_in_terms_that_do_not_commute(agree):
    def function(inputs, w):
        spread()
        operator = qml.dot(w, WORDS)
        qml.evolve(operator, inputs[0])
        qml.exp(operator, 0.7j)
        qml.exp(qml.Hamiltonian(w * inputs[0], WORDS), -1j * inputs[1])
        qml.ctrl(qml.evolve(operator, inputs[1]), 3, control_values=[0])
        qml.adjoint(qml.evolve(operator, inputs[2]))
        qml.pow(qml.exp(operator, 0.7j), 0.3)
        qml.evolve(w[0] * qml.Hermitian(np.array([[1, 2j], [-2j, 3]]), 0) + w[1] * qml.Z(0), 0.4)

    assert set(gates(agree(function, {"w": (4,)}))) == {"Evolution", "QubitUnitary"}


def test_hermitian_matrix_of_inputs(agree):
    def function(inputs):
        spread()
        above = inputs[0] + 1j * inputs[1]
        rows = [[inputs[2], above], [qml.math.conj(above), -inputs[2]]]
        qml.evolve(qml.Hermitian(qml.math.stack([qml.math.stack(row) for row in rows]), 1), 0.8)

    agree(function)


@pytest.mark.parametrize("wires", [[1], [2, 0], [0, 2, 1]])
@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_special_unitary(agree, wires, scale):
    count = 4 ** len(wires) - 1

    def function(inputs, w):
        spread()
        angles = scale * inputs[0] * w
        qml.SpecialUnitary(angles, wires=wires)
        qml.ctrl(qml.SpecialUnitary(angles, wires=wires), 3)
        qml.adjoint(qml.SpecialUnitary(angles, wires=wires))

    agree(function, {"w": (count,)})


def test_weights_on_too_many_wires():
    def function(inputs, w):
        words = [qml.prod(*map(qml.X, range(7))), qml.Z(0)]
        qml.evolve(qml.dot(w, words), inputs[0])
        return qml.state()

    with pytest.raises(CaptureError, match=r"at most 6 wires .* Evolution on 7 .*TrotterProduct"):
        _capture(function)


def test_matrix_that_may_not_be_hermitian():
    def function(inputs, w):
        rows = [[inputs[0], w[0]], [w[1], inputs[0]]]
        matrix = qml.math.stack([qml.math.stack(row) for row in rows])
        qml.evolve(qml.Hermitian(matrix, 0), 0.3)
        return qml.state()

    with pytest.raises(CaptureError, match=r"Hermitian for all inputs .*`qml.math.conj`"):
        _capture(function)
