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


def test_weights_in_terms_that_do_not_commute():
    def function(inputs, w):
        qml.evolve(w[0] * qml.X(0) + w[1] * qml.Z(0), inputs[0])
        return qml.state()

    with pytest.raises(CaptureError, match=r"constant coefficients.*TrotterProduct"):
        _capture(function)
