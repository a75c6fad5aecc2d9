"""States prepared from numbers, inputs and weights."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
from scipy.sparse import csr_matrix

from qeras.capture import CaptureError, capture
from qeras.testing.reference import simulate

STATE = np.array([0.5, 0.5j, -0.5, 0.5])


def test_amplitudes_of_inputs(agree):
    circuit = agree(
        lambda inputs: qml.AmplitudeEmbedding(inputs, wires=[2, 0], normalize=True), features=4
    )
    assert [operation.gate for operation in circuit.operations] == ["StatePrep"]


def test_padded_amplitudes(agree):
    agree(
        lambda inputs: qml.AmplitudeEmbedding(inputs, range(4), pad_with=0.3, normalize=True),
        features=10,
    )


def test_state_of_inputs_and_weights(agree):
    def function(inputs, w):
        qml.X(3)
        qml.StatePrep(inputs + 1j * w, wires=[0, 1], normalize=True)

    agree(function, {"w": (4,)}, features=4)


@pytest.mark.parametrize(
    "function",
    [
        lambda: qml.StatePrep(STATE, wires=[2, 0]),
        lambda: qml.MottonenStatePreparation(STATE, wires=[2, 0]),
        lambda: qml.AmplitudeEmbedding([1, 2, 3], wires=[2, 0], normalize=True, pad_with=0),
        lambda: qml.ctrl(qml.StatePrep(STATE, wires=[2, 0]), 1),
        lambda: qml.adjoint(qml.StatePrep(STATE, wires=[2, 0])),
        lambda: qml.MultiplexerStatePreparation(abs(STATE), wires=[2, 0]),
    ],
)
def test_constant_state_behind_other_gates(agree, function):
    """As a unitary, PennyLane's one, where its wires are no longer in |0>."""

    def quantum_function(inputs):
        for wire, feature in enumerate(inputs):
            qml.RX(feature, wires=wire)
        function()

    agree(quantum_function)


def test_sparse_state(agree):
    agree(lambda inputs: qml.StatePrep(csr_matrix(STATE), wires=[0, 1]))


def test_constant_basis_states(agree):
    def function(inputs):
        qml.BasisEmbedding(6, wires=range(4))
        qml.BasisState([1, 0], wires=[0, 3])

    assert {operation.gate for operation in agree(function).operations} == {"PauliX"}


@pytest.mark.parametrize("bits", [[0, 0, 0], [1, 0, 1], [1, 1, 1]])
def test_basis_states_of_inputs(agree, bits):
    def function(inputs):
        qml.H(3)
        qml.BasisEmbedding(inputs, wires=[2, 0, 1])
        qml.ctrl(qml.BasisState(inputs[:2], wires=[0, 1]), 3)

    agree(function, inputs=np.array(bits))


def test_input_that_is_no_bit_makes_the_result_nan():
    @qml.qnode(qml.device("default.qubit"))
    def qnode(inputs):
        qml.BasisEmbedding(inputs, wires=[0, 1])
        return qml.expval(qml.Z(0))

    circuit = capture(qnode, {}, 2)
    assert np.isnan(simulate(circuit, np.array([0.5, 0]), {})[0])
    assert simulate(circuit, np.array([1.0, 0]), {})[0] == pytest.approx(-1)


def _capture(function):
    qnode = qml.QNode(function, qml.device("default.qubit"))
    return capture(qnode, {}, 4)


def test_state_of_inputs_must_be_normalized():
    def function(inputs):
        qml.AmplitudeEmbedding(inputs, wires=[0, 1])
        return qml.state()

    with pytest.raises(CaptureError, match=r"Use 'normalize=True'"):
        _capture(function)


def test_constant_state_must_be_normalized():
    def function(inputs):
        qml.AmplitudeEmbedding([1, 1], wires=[0])
        return qml.state()

    with pytest.raises(CaptureError, match=r"must be a vector of norm 1"):
        _capture(function)


def test_state_of_inputs_behind_other_gates():
    def function(inputs):
        qml.H(1)
        qml.AmplitudeEmbedding(inputs, wires=[0, 1], normalize=True)
        return qml.state()

    with pytest.raises(CaptureError, match=r"first operation on its wires.*Move it to the front"):
        _capture(function)


def test_constant_bits_are_checked():
    def function(inputs):
        qml.BasisState([1, 2], wires=[0, 1])
        return qml.state()

    with pytest.raises(CaptureError, match=r"must only consist of 0s and 1s"):
        _capture(function)
