"""States prepared from numbers, inputs and weights."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
from scipy.sparse import csr_matrix

from qeras.capture import CaptureError, capture
from qeras.circuit.circuit import Circuit
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


PREPARATIONS = {
    "StatePrep": lambda v: qml.StatePrep(v, [2, 0]),
    "padded": lambda v: qml.AmplitudeEmbedding(v[:3], [2, 0], pad_with=0.0),
    "padded with a weight": lambda v: qml.AmplitudeEmbedding(v[:2], [2, 0], pad_with=v[3]),
    "Mottonen": lambda v: qml.MottonenStatePreparation(v, wires=[2, 0]),
    "Multiplexer": lambda v: qml.MultiplexerStatePreparation(v, wires=[2, 0]),
    "Superposition": lambda v: qml.Superposition(
        v, [[0, 1], [1, 1], [0, 0], [1, 0]], wires=[2, 0], work_wire=1
    ),
    "inverse": lambda v: qml.adjoint(qml.StatePrep(v, wires=[2, 0])),
    "controlled": lambda v: qml.ctrl(qml.MottonenStatePreparation(v, [2, 0]), 1, [0]),
}


@pytest.mark.parametrize("kind", ["real", "complex", "with zeros"])
@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", PREPARATIONS)
def test_state_of_inputs_and_weights_anywhere(agree, name, behind, kind):
    """The same unitary as PennyLane's, so also where its wires are no longer in |0>."""

    def quantum_function(inputs, w):
        if behind:
            for wire, feature in enumerate(inputs):
                qml.RX(feature, wires=wire)
        vector = (inputs - 0.5) * w
        if kind == "complex":
            vector = vector * qml.math.exp(2j * inputs)
        if kind == "with zeros":
            vector = qml.math.stack([vector[0] * 0, vector[1], 0 * vector[2], vector[3]])
        PREPARATIONS[name](vector / qml.math.linalg.norm(vector))
        qml.RY(0.3, wires=2)

    agree(quantum_function, {"w": (4,)}, 4)


def test_coefficients_of_weights(agree):
    """A linear combination of unitaries, prepared by and measured in a state of weights."""

    def function(inputs, w):
        qml.RX(inputs[0], 1)
        sum_of_words = qml.dot([w[0], -w[1], inputs[1]], [qml.X(1), qml.Z(1), qml.Y(2)])
        qml.PrepSelPrep(sum_of_words, control=[0, 3])
        qml.Qubitization(sum_of_words, control=[0, 3])
        qml.Reflection(qml.StatePrep(w[:2] / qml.math.linalg.norm(w[:2]), wires=2), 0.4)

    agree(function, {"w": (3,)})


def test_only_the_first_state_is_taken_as_it_is():
    """PennyLane does not know the norm of those that it prepares by gates."""
    vector = np.array([0.6, 0.8, 0.0, 0.0]) * (1 + 5e-4)
    norms = []
    for front in ([], [qml.Barrier]):

        def function(inputs, front=front):
            for kind in front:
                kind(wires=[0, 1])
            qml.StatePrep(inputs, wires=[0, 1])
            return qml.state()

        qnode = qml.QNode(function, qml.device("default.qubit", wires=2))
        found = simulate(capture(qnode, {}, 4), vector, {})[0]
        np.testing.assert_allclose(found, qnode(vector), atol=1e-12)
        norms.append(np.linalg.norm(found))
    assert norms == pytest.approx([1 + 5e-4, 1])


@pytest.mark.parametrize("behind", [False, True])
def test_state_of_another_norm_makes_the_result_nan(behind):
    def function(inputs):
        if behind:
            qml.H(0)
        qml.MottonenStatePreparation(inputs, wires=[0])
        return qml.state()

    circuit = capture(qml.QNode(function, qml.device("default.qubit")), {}, 2)
    circuit = Circuit.from_json(circuit.to_json())  # no nan stands in it
    assert np.isfinite(simulate(circuit, np.array([0.6, 0.8]), {})[0]).all()
    assert np.isnan(simulate(circuit, np.array([0.6, 0.9]), {})[0]).all()


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
    circuit = Circuit.from_json(circuit.to_json())  # no nan stands in it
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


def test_constant_state_behind_other_gates_must_be_normalized():
    def function(inputs):
        qml.H(1)
        qml.ctrl(qml.StatePrep([1, 1], wires=[0]), 1)
        return qml.state()

    with pytest.raises(CaptureError, match=r"norm 1 .*Received: norm 1.41.* wires \[0\].*Write"):
        _capture(function)


def test_constant_bits_are_checked():
    def function(inputs):
        qml.BasisState([1, 2], wires=[0, 1])
        return qml.state()

    with pytest.raises(CaptureError, match=r"must only consist of 0s and 1s"):
        _capture(function)
