"""Block encodings and matrix product states of inputs and weights."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture


def spread(wires=4):
    for wire in range(wires):
        qml.RY(0.3 + wire, wire)


def shaped(x, *shape):
    return qml.math.reshape(x, shape)


@pytest.mark.parametrize("scale", [0.3, 0.3 + 0.4j, 4.0])  # the last beyond a norm of 1
@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (2, 2), (2, 5), (4, 2), (1, 7)])
def test_block_encode(agree, shape, scale):
    def function(inputs, w):
        spread()
        matrix = shaped(w, *shape) * scale * inputs[0]
        qml.BlockEncode(matrix, wires=[2, 0, 1])
        qml.ctrl(qml.adjoint(qml.BlockEncode(matrix, wires=[2, 0, 1])), 3)
        qml.adjoint(qml.BlockEncode(matrix, wires=[1, 0, 2]), lazy=False)

    agree(function, {"w": (shape[0] * shape[1],)})


def test_singular_values_of_a_matrix_of_weights(agree):
    def function(inputs, w):
        spread(2)
        encoding = qml.BlockEncode(shaped(w, 2, 2) * 0.5, wires=[0, 1])
        qml.QSVT(encoding, [qml.PCPhase(angle, 2, wires=[0, 1]) for angle in inputs])

    agree(function, {"w": (4,)})


@pytest.mark.parametrize("tol", [0, 0.3])
@pytest.mark.parametrize("side", [2, 4])
def test_fable(agree, side, tol):
    def function(inputs, w):
        spread(5)
        wires = range(3 if side == 2 else 5)
        qml.FABLE(shaped(w, side, side) * inputs[0], wires=wires, tol=tol)

    agree(function, {"w": (side**2,)}, wires=5)


def test_matrix_product_state(agree):
    """Right-canonical tensors, prepared on wires that begin anywhere."""

    def function(inputs, w):
        spread()
        c, s, zero = qml.math.cos(w[0]), qml.math.sin(w[0]), 0 * w[0]
        first = shaped(qml.math.stack([c, zero, zero, s]), 2, 2)
        middle = shaped(qml.math.stack([c, zero, zero, s, zero, s, -c, zero]), 2, 2, 2)
        qml.MPSPrep([first, middle, np.eye(2)], wires=[0, 2, 1], work_wires=[3])

    agree(function, {"w": (1,)})


def test_hermitian_matrix_as_a_gate(agree):
    def function(inputs):
        spread()
        c, s = qml.math.cos(inputs[0]), qml.math.sin(inputs[0])
        qml.Hermitian(shaped(qml.math.stack([c, s, s, -c]), 2, 2), 1)

    agree(function)


def _capture(function):
    return capture(qml.QNode(function, qml.device("default.qubit")), {"w": (9,)}, 1)


def test_larger_matrix():
    def function(inputs, w):
        qml.BlockEncode(shaped(w, 3, 3), wires=range(3))
        return qml.state()

    with pytest.raises(CaptureError, match=r"at most 2 rows or columns.*\(3, 3\) on wires.*FABLE"):
        _capture(function)


def test_singular_value_decomposition_of_weights():
    def function(inputs, w):
        tensors = [shaped(w[:4], 2, 2), np.eye(2)]
        qml.MPSPrep(tensors, wires=[0, 1], work_wires=[2], right_canonicalize=True)
        return qml.state()

    with pytest.raises(CaptureError, match=r"right_canonicalize=False.*Received: .*=True"):
        _capture(function)
