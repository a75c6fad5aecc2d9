"""Layers of QNodes on `default.mixed` equal it, values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from scipy import stats

from qeras import KerasLayer
from qeras.capture import CaptureError, capture
from qeras.execution import simulate
from qeras.pipeline import Program
from qeras.testing.layer import assert_layer_ok
from tests.contracts.like_qnode import assert_like_qnode
from tests.contracts.test_shots import moons_accuracy
from tests.differentiation import gradients, numbers

KRAUS = [np.sqrt(0.7) * np.eye(4), np.sqrt(0.3) * np.fft.fft(np.eye(4)) / 2]

CHANNELS: dict[str, Callable[[Any, Any], Any]] = {
    "BitFlip": lambda x, w: qml.BitFlip(w[0] ** 2, 0),
    "PhaseFlip": lambda x, w: qml.PhaseFlip(x[0] ** 2, 1),
    "PauliError": lambda x, w: qml.PauliError("XY", w[1] ** 2, wires=[0, 2]),
    "DepolarizingChannel": lambda x, w: qml.DepolarizingChannel(0.3, 1),
    "AmplitudeDamping": lambda x, w: qml.AmplitudeDamping(w[0] ** 2, 1),
    "GeneralizedAmplitudeDamping": lambda x, w: qml.GeneralizedAmplitudeDamping(
        w[0] ** 2, x[1] ** 2, wires=1
    ),
    "PhaseDamping": lambda x, w: qml.PhaseDamping(w[2] ** 2, 0),
    "ResetError": lambda x, w: qml.ResetError(w[0] ** 2, 0.2, wires=2),
    "ThermalRelaxationError": lambda x, w: qml.ThermalRelaxationError(0.3, 1.2, 0.8, 0.5, wires=1),
    "QubitChannel": lambda x, w: qml.QubitChannel(KRAUS, wires=[2, 0]),
}
INPUTS = np.array([[0.4, -0.6], [0.7, 0.2]])
WEIGHTS = np.array([0.3, 0.8, -0.7])


def circuit_of(channel: Callable[[Any, Any], Any], measure: Callable[[], Any]) -> Any:
    def circuit(inputs: Any, w: Any) -> Any:
        qml.RX(inputs[0], 0)
        qml.Rot(w[0], w[1], w[2], 1)
        qml.CNOT([0, 1])
        qml.S(1)
        qml.CRY(inputs[1], [1, 2])
        channel(inputs, w)
        qml.IsingXY(w[0], [0, 1])
        qml.SingleExcitationPlus(w[1], [1, 2])
        qml.PauliRot(w[2], "XYZ", [0, 1, 2])
        qml.SX(0)
        channel(inputs, w)
        return measure()

    return circuit


def linear() -> Any:
    matrix = np.array([[1, 2j], [-2j, 0]])
    return [
        qml.expval(qml.X(0) @ qml.Y(1) + 0.4 * qml.Z(2)),
        qml.expval(qml.Hermitian(matrix, 1)),
        qml.probs(wires=[2, 0]),
        qml.purity([0, 1]),
    ]


def others() -> Any:
    return [
        qml.var(qml.Y(1) @ qml.X(2)),
        qml.vn_entropy([1]),
        qml.mutual_info([0], [2, 1]),
        qml.density_matrix([2, 1]),
        qml.probs(op=qml.X(1) @ qml.Hadamard(0)),
        qml.state(),
    ]


def mixed(function: Any, wires: int | None = 3, **options: Any) -> qml.QNode:
    return qml.QNode(function, qml.device("default.mixed", wires=wires), **options)


# Of a real number the real part of autograd's gradient is the gradient.
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("name", CHANNELS)
def test_values_and_gradients(name: str) -> None:
    assert_equal_to_pennylane(name)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("name", ["DepolarizingChannel", "ThermalRelaxationError", "QubitChannel"])
def test_gradients_where_states_are_undone(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in large circuits: the state before a channel is kept, the others are not."""
    monkeypatch.setattr(simulate, "KEPT_AMPLITUDES", 0)
    assert_equal_to_pennylane(name)


def assert_equal_to_pennylane(name: str) -> None:
    function = circuit_of(CHANNELS[name], linear)
    qnode = mixed(function, diff_method="backprop")
    assert_like_qnode(Program(capture(qnode, {"w": (3,)}, 2)).run, qnode, INPUTS, WEIGHTS, 1e-9)


def test_other_measurements() -> None:
    qnode = mixed(circuit_of(CHANNELS["AmplitudeDamping"], others))
    layer = KerasLayer(qnode, {"w": 3})
    layer(INPUTS.astype("float32"))
    layer.set_weights([WEIGHTS])
    found = numbers(layer(INPUTS.astype("float32")))
    for row, values in zip(INPUTS, found, strict=True):
        expected = np.hstack([np.ravel(one) for one in qnode(row, WEIGHTS)])
        np.testing.assert_allclose(values, expected, atol=1e-5)


def test_state_without_noise() -> None:
    """A density matrix, as the device gives it."""

    def circuit(inputs: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        return qml.state()

    qnode = mixed(circuit, 2)
    found = numbers(KerasLayer(qnode, {})(INPUTS.astype("float32")))
    np.testing.assert_allclose(found[0], qnode(INPUTS[0]), atol=1e-6)


def test_prepared_states() -> None:
    def circuit(inputs: Any) -> Any:
        qml.AmplitudeEmbedding(inputs, wires=[1], normalize=True)
        qml.CNOT([1, 0])
        qml.DepolarizingChannel(0.1, 0)
        return qml.density_matrix([0, 1])

    qnode = mixed(circuit, 2)
    found = numbers(KerasLayer(qnode, {})(INPUTS.astype("float32")))
    for row, values in zip(INPUTS, found, strict=True):
        np.testing.assert_allclose(values, qnode(row), atol=1e-6)


def test_mid_circuit_measurement_with_noise() -> None:
    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], 0)
        qml.BitFlip(0.2, 0)
        first = qml.measure(0)
        qml.cond(first, qml.RY)(inputs[1], 1)
        return [qml.expval(first), qml.expval(qml.Z(1)), qml.probs(op=[first])]

    qnode = mixed(circuit, None)
    found = numbers(KerasLayer(qnode, {})(INPUTS.astype("float32")))
    for row, values in zip(INPUTS, found, strict=True):
        np.testing.assert_allclose(values, np.hstack(qnode(row)), atol=1e-6)


def test_shots() -> None:
    """Standard normal, in the bases of words and of a matrix."""

    def measure() -> Any:
        matrix = np.array([[1, 2j], [-2j, 0]])
        return [
            qml.expval(qml.X(0) @ qml.Y(1)),
            qml.expval(qml.Hermitian(matrix, 2)),
            qml.expval(qml.Z(1)),
        ]

    def squares() -> Any:
        matrix = np.array([[1, 2j], [-2j, 0]])
        return [
            qml.var(qml.X(0) @ qml.Y(1)),
            qml.var(qml.Hermitian(matrix, 2)),
            qml.var(qml.Z(1)),
        ]

    x = np.random.default_rng(3).normal(size=(60, 2)).astype("float32")
    layers = [
        KerasLayer(mixed(circuit_of(CHANNELS["AmplitudeDamping"], one)), {"w": 3})
        for one in (measure, squares)
    ]
    sampled = KerasLayer(qml.set_shots(layers[0].qnode, 10_000), {"w": 3}, seed=4)
    for layer in (*layers, sampled):
        layer(x[:1])
        layer.set_weights([WEIGHTS])
    exact, variance, found = (numbers(layer(x)) for layer in (*layers, sampled))
    scores = (found - exact) / np.sqrt(variance / 10_000)
    assert stats.kstest(scores.ravel(), "norm").pvalue > 0.01


def test_life_of_a_layer(tmp_path: Path) -> None:
    function = circuit_of(CHANNELS["GeneralizedAmplitudeDamping"], linear)
    layer = KerasLayer(mixed(function), {"w": 3}, weight_specs={"w": {"initializer": "zeros"}})
    layer.build((None, 2))
    layer.set_weights([WEIGHTS])
    assert_layer_ok(layer, INPUTS.astype("float32"), 1e-5)


@pytest.mark.parametrize("name", CHANNELS)
def test_documents_and_drawings(name: str) -> None:
    layer = KerasLayer(mixed(circuit_of(CHANNELS[name], linear)), {"w": 3})
    layer.build((None, 2))
    again = KerasLayer.from_config(layer.get_config())
    assert again.circuit == layer.circuit
    assert again.qnode.device.name == "default.mixed"
    again.set_weights([WEIGHTS])
    expected = np.hstack(layer.qnode(INPUTS[0], WEIGHTS))
    np.testing.assert_allclose(np.hstack(again.qnode(INPUTS[0], WEIGHTS)), expected, atol=1e-9)


def test_moons() -> None:
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        for wire in range(2):
            qml.DepolarizingChannel(0.05, wire)
        return [qml.expval(qml.Z(wire)) for wire in range(2)]

    assert moons_accuracy(mixed(circuit, 2), {"weights": (2, 2)}) > 0.8


def test_channels_need_their_device() -> None:
    def circuit(inputs: Any) -> Any:
        qml.BitFlip(0.1, 0)
        return qml.expval(qml.Z(0))

    qnode = qml.QNode(circuit, qml.device("default.qubit", wires=1))
    with pytest.raises(CaptureError, match=r"on the device default.mixed. Received: BitFlip"):
        capture(qnode, {}, 1)


def test_what_noise_has_not() -> None:
    def circuit(inputs: Any) -> Any:
        qml.Projector([1], wires=[0])
        return qml.expval(qml.Z(0))

    with pytest.raises(CaptureError, match=r"postselection on default\.qubit"):
        capture(mixed(circuit, 1), {}, 1)
    device = qml.device("default.mixed", wires=1, readout_prob=0.1)
    with pytest.raises(
        CaptureError, match=r"without errors of readout. Received: readout_prob=0\.1"
    ):
        capture(qml.QNode(circuit, device), {}, 1)


def test_memory() -> None:
    def circuit(inputs: Any) -> Any:
        for wire in range(20):
            qml.RX(inputs[0], wire)
            qml.CNOT([wire, (wire + 1) % 20])
            qml.BitFlip(0.1, wire)
        return qml.expval(qml.Z(0) @ qml.Z(19))

    with pytest.raises(ValueError, match=r"whose state fits in memory.*20 wires"):
        KerasLayer(mixed(circuit, 20), {})(np.zeros((1, 1), "float32"))


def test_gradients_of_probabilities_with_shots() -> None:
    """A channel's parameter has no shift rule."""

    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], 0)
        qml.BitFlip(inputs[1] ** 2, 0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qml.set_shots(mixed(circuit, 1), 10), {})
    with pytest.raises(ValueError, match="Expected gradients of angles"):
        gradients(lambda tensor: keras.ops.sum(layer(tensor)), INPUTS)
