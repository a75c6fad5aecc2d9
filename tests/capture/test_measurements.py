"""Observables and measurements."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
from scipy.sparse import csr_matrix

from qeras.capture import CaptureError, capture
from qeras.circuit.circuit import HermitianTerm, PauliTerm

MATRIX = np.array([[1.0, 2 - 1j], [2 + 1j, -0.5]])

OBSERVABLES = {
    "Pauli letter": lambda w: qml.Y(1),
    "Pauli word": lambda w: qml.X(0) @ qml.Y(2) @ qml.Z(1),
    "letters on one wire": lambda w: qml.X(0) @ qml.Y(0) @ qml.X(0) @ qml.Z(1),
    "identity": lambda w: qml.Identity(0),
    "Hadamard": lambda w: qml.Hadamard(1) @ qml.X(0),
    "Hamiltonian": lambda w: qml.Hamiltonian(
        [0.5, -2.0, 1.0], [qml.X(0), qml.Z(0) @ qml.Y(1), qml.Identity(2)]
    ),
    "Hamiltonian of weights": lambda w: qml.Hamiltonian([w[0], w[1]], [qml.X(0), qml.Z(1)]),
    "dot of weights": lambda w: qml.dot(w, [qml.X(0), qml.Z(1)]),
    "sum": lambda w: qml.sum(qml.X(0), 2 * qml.Z(1), qml.Hermitian(MATRIX, 2)),
    "symbol times word": lambda w: w[0] * qml.X(0) @ qml.Y(1) - qml.Z(2) * np.sin(w[1]),
    "word divided by symbol": lambda w: qml.X(0) / w[0],
    "product of sums": lambda w: qml.prod(qml.X(0) + qml.Z(1), qml.X(2) + 2 * qml.Z(2)),
    "Hermitian": lambda w: qml.Hermitian(MATRIX, 1),
    "Hermitian in a product": lambda w: qml.Hermitian(MATRIX, 1) @ qml.X(0),
    "Hermitian of two wires": lambda w: qml.Hermitian(np.kron(MATRIX, [[0, 1], [1, 0]]), [2, 0]),
    "basis state projector": lambda w: qml.Projector([1, 0], wires=[2, 0]),
    "state projector": lambda w: qml.Projector([0.6, 0.8], wires=[1]),
    "sparse": lambda w: qml.SparseHamiltonian(
        csr_matrix(np.kron(MATRIX, [[0, 1], [1, 0]])), wires=[0, 1]
    ),
    "power": lambda w: qml.pow(qml.Hermitian(MATRIX, 0), 2),
    "exponential": lambda w: qml.exp(qml.Z(0), 0.5),
}


def spread(inputs):
    for wire, feature in enumerate(inputs):
        qml.RX(0.3 + wire + feature, wire)
        qml.RZ(0.5 - wire, wire)
    qml.CNOT([0, 1])
    qml.CRY(0.4, [1, 2])


@pytest.mark.filterwarnings("ignore:Casting complex values")  # PennyLane's, for X @ Y @ X
@pytest.mark.parametrize("name", OBSERVABLES)
def test_expectation_and_variance(agree, name):
    def function(inputs, w):
        spread(inputs)
        if name in ("sparse", "exponential"):
            return qml.expval(OBSERVABLES[name](w))
        return qml.expval(OBSERVABLES[name](w)), qml.var(OBSERVABLES[name](w))

    agree(function, {"w": (2,)}, wires=3)


def test_terms_are_pauli_words_where_they_can_be():
    @qml.qnode(qml.device("default.qubit"))
    def qnode(inputs):
        return qml.expval(2 * qml.X(1) @ qml.Z(0) + qml.Hadamard(0) - qml.Hermitian(MATRIX, 2))

    (measurement,) = capture(qnode, {}, 1).measurements
    words = [term.factors for term in measurement.observable if isinstance(term, PauliTerm)]
    assert words == [((0, "Z"), (1, "X")), ((0, "X"),), ((0, "Z"),)]
    assert [type(term) for term in measurement.observable].count(HermitianTerm) == 1


@pytest.mark.filterwarnings("ignore:Using .*probs with a Hermitian observable")
@pytest.mark.parametrize(
    "measure",
    [
        lambda: qml.probs(wires=[2, 0]),
        lambda: qml.probs(),
        lambda: qml.probs(op=qml.X(0) @ qml.Y(2)),
        lambda: qml.probs(op=qml.Hermitian(MATRIX, 1)),
        lambda: qml.probs(op=qml.Z(1)),
        lambda: qml.state(),
        lambda: qml.density_matrix([2, 0]),
        lambda: qml.density_matrix([1]),
        lambda: qml.purity([1, 2]),
        lambda: qml.vn_entropy([0]),
        lambda: qml.vn_entropy([0], log_base=2),
        lambda: qml.mutual_info([0], [2]),
        lambda: qml.mutual_info([2], [0, 1], log_base=2),
    ],
)
def test_other_measurements(agree, measure):
    def function(inputs):
        spread(inputs)
        return measure()

    agree(function, wires=3)


def test_wires_no_gate_touches(agree):
    def function(inputs):
        qml.RX(inputs[0], 1)
        return qml.expval(qml.Z(3)), qml.probs(wires=[2, 1]), qml.state()

    agree(function, wires=[3, 2, "a", 1])


def _measure(measure, features=2):
    def quantum_function(inputs):
        return measure(inputs)

    return capture(qml.QNode(quantum_function, qml.device("default.qubit")), {}, features)


@pytest.mark.parametrize(
    ("measure", "match"),
    [
        (lambda x: qml.sample(wires=0), "Expected a number of shots for sample"),
        (lambda x: qml.counts(wires=0), "Expected a number of shots for counts"),
        (lambda x: qml.shadow_expval(qml.Z(0)), "shadow"),
        (lambda x: qml.expval(qml.Hermitian(np.array([[0, 1], [0, 0]]), 0)), "not Hermitian"),
        (
            lambda x: qml.expval(qml.AngleEmbedding([0.1], wires=[0])),
            "observable that can be captured .Pauli.*Received: AngleEmbedding",
        ),
        (lambda x: qml.expval(1j * qml.X(0)), "Expected a real number for a coefficient"),
        (
            lambda x: qml.expval(qml.Hermitian(qml.math.diag(x), 0)),
            "whose matrix is constant.*depends on inputs or weights",
        ),
        (
            lambda x: qml.expval(qml.Projector([0] * 11, wires=range(11))),
            "at most 10 wires.*Projector on 11 wires",
        ),
        (lambda x: qml.expval(qml.QFT(wires=[0, 1])), "not Hermitian"),
        (
            lambda x: qml.probs(op=qml.exp(qml.Hermitian(qml.math.diag(x), 0), 1.0)),
            "Received: the NumPy value",
        ),
        (lambda x: qml.expval(x * qml.Z(0)), r"one number.*shape \(2,\)"),
    ],
)
def test_what_cannot_be_measured(measure, match):
    with pytest.raises(CaptureError, match=match):
        _measure(measure)


def test_rounding_errors_are_no_imaginary_part():
    circuit = _measure(lambda x: qml.expval(qml.s_prod(np.exp(1j * np.pi), qml.Z(0))))
    assert repr(circuit.measurements[0].observable[0].coefficient) == "-1"
