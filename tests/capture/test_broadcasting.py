"""Circuits written for a batch: `inputs[:, 0]`."""

from __future__ import annotations

import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture
from qeras.capture.broadcasting import merged, probe_rows


def captured(function, features=3, shapes=None):
    def quantum_function(inputs, w):
        function(inputs, w)
        return qml.expval(qml.Z(0))

    device = qml.device("default.qubit", wires=3)
    return capture(qml.QNode(quantum_function, device), shapes or {"w": (2,)}, features)


def rows(inputs, w):
    qml.RX(inputs[:, 0], 0)
    qml.RY(inputs[:, 1] * w[0] + w[1], 1)
    qml.Rot(inputs[:, 0], w[0], inputs[:, 2], 1)
    qml.AngleEmbedding(inputs, range(3))
    qml.AmplitudeEmbedding(inputs[:, 1:], wires=[2], normalize=True)


def one_sample(inputs, w):
    qml.RX(inputs[0], 0)
    qml.RY(inputs[1] * w[0] + w[1], 1)
    qml.Rot(inputs[0], w[0], inputs[2], 1)
    qml.AngleEmbedding(inputs, range(3))
    # a state behind other gates on its wire cannot be made of inputs


def first_columns(inputs, w):
    qml.RX(inputs[:, 0], 0)
    qml.RY(inputs[:, 1] * w[0] + w[1], 1)
    qml.Rot(inputs[:, 0], w[0], inputs[:, 2], 1)
    qml.AngleEmbedding(inputs, range(3))


def ellipsis(inputs, w):
    qml.RX(inputs[..., 0], 0)
    qml.RY(inputs[..., 1] * w[0] + w[1], 1)
    qml.Rot(inputs[..., 0], w[0], inputs[..., 2], 1)
    qml.AngleEmbedding(inputs, range(3))


@pytest.mark.parametrize("features", [3, 5, 7])
@pytest.mark.parametrize("style", [first_columns, ellipsis])
def test_same_circuit_in_every_style(style, features):
    def named(function):
        def run(inputs, w):
            function(inputs[..., :3] if features > 3 else inputs, w)

        return run

    expected = captured(named(one_sample), features)
    found = captured(named(style), features)
    assert found.operations == expected.operations
    assert found.measurements == expected.measurements


def test_columns_by_the_shape():
    def function(inputs, w):
        for column in range(inputs.shape[1]):
            qml.RX(inputs[:, column], column)

    def sample(inputs, w):
        for column in range(inputs.shape[0]):
            qml.RX(inputs[column], column)

    assert captured(function).operations == captured(sample).operations


def test_amplitudes_of_a_batch():
    def function(inputs, w):
        qml.AmplitudeEmbedding(inputs[:, 1:], wires=[2], normalize=True)

    (operation,) = captured(function).operations
    assert operation.gate == "StatePrep"
    assert {index for index in (1, 2) if f"inputs[{index}]" in repr(operation)} == {1, 2}
    assert "inputs[0]" not in repr(operation)


def test_inputs_that_are_indexed_but_not_used():
    def function(inputs, w):
        inputs[:, 0]
        qml.RX(w[0], 0)

    assert captured(function).sources() == {"w"}


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: qml.RX(x[0, 1], 0),
        lambda x, w: qml.RX(x[:, 0] + x[0, 1], 0),
        lambda x, w: qml.RX(x[:, 0] + x[1, 0], 0),
        lambda x, w: qml.RX(qml.math.mean(x[:, 1]) + x[:, 0], 0),
        lambda x, w: [qml.RX(x[:, 0], 0), qml.RX(x[0, 0], 0)],
        lambda x, w: qml.RX(x[::-1, 0], 0),
    ],
)
def test_samples_that_are_mixed_or_singled_out(function):
    with pytest.raises(CaptureError, match=r"mixed or singled out. Write `inputs\[0\]`, or"):
        captured(function)


def test_both_styles_at_once():
    def function(inputs, w):
        qml.RX(inputs[:, 0], 0)
        qml.RX(inputs[0], 1)

    with pytest.raises(CaptureError, match=r"batch sizes .* do not match"):
        captured(function)


def test_index_of_a_weight_is_not_a_batch():
    with pytest.raises(CaptureError, match=r"index into 'w' of shape \(2,\).*too many indices"):
        captured(lambda x, w: qml.RX(w[0, 1], 0))


def test_feature_out_of_range():
    with pytest.raises(CaptureError, match=r"'inputs' of shape \(3,\).*Received: index 3"):
        captured(lambda x, w: qml.RX(x[3], 0))


def test_number_of_probe_samples():
    assert probe_rows(3, {"w": (5, 2)}, 7) == 11
    assert probe_rows(4, {}, 0) == 3


def test_samples_with_different_constants():
    circuit = captured(lambda x, w: qml.RX(w[0], 0))
    other = captured(lambda x, w: qml.RX(w[1], 0))
    with pytest.raises(CaptureError, match=r"mixed or singled out"):
        merged([circuit, other])
