"""Wires that circuits borrow, or that deferral adds: each has one label."""

from __future__ import annotations

import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture
from qeras.circuit.checks import check
from qeras.circuit.circuit import Circuit


def borrowing(inputs):
    qml.RY(inputs[0], 0)
    for angle in inputs[1:]:
        with qml.allocate(1, restored=True) as (wire,):
            qml.CNOT([0, wire])
            qml.CRX(angle, [wire, 1])
            qml.CNOT([0, wire])
    return qml.probs(wires=[0, 1])


@pytest.mark.parametrize("wires", [None, 3, [1, 0, "a"]])
def test_borrowed_wires(agree, wires):
    circuit = agree(borrowing, wires=wires)
    check(circuit)
    assert len(circuit.wires) == 3  # a wire that came back in |0> is borrowed again


def test_borrowed_beside_measured_wires(agree):
    def function(inputs):
        qml.RY(inputs[0], 0)
        qml.cond(qml.measure(0, reset=True), qml.RX)(inputs[1], wires=1)
        with qml.allocate(1) as (wire,):
            qml.CNOT([1, wire])
            qml.CRX(inputs[2], [wire, 0])
        return qml.probs(wires=[0, 1])

    check(agree(function, wires=None))


def test_no_wire_to_borrow():
    qnode = qml.QNode(borrowing, qml.device("default.qubit", wires=2))
    with pytest.raises(CaptureError, match="Not enough available wires on device"):
        capture(qnode, {}, 3)


def test_deferral_to_a_wire_of_the_device(agree):
    """The wire that holds the measured value is one that the device has, and stands once."""

    def function(inputs):
        qml.RY(inputs[0], 0)
        qml.cond(qml.measure(0, reset=True), qml.RY)(inputs[1], 1)
        return qml.probs(wires=[1])

    circuit = agree(function, wires=3)
    assert circuit.wires == (0, 1, 2)
    check(circuit)
    assert Circuit.from_json(circuit.to_json()) == circuit
