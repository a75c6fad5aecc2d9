"""One call is one batch of tapes, and one more for its gradient; errors are the device's own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import CaptureError, KerasLayer
from tests.differentiation import numbers, weight_gradients

X = np.random.default_rng(3).normal(size=(12, 2)).astype("float32")
Y = np.random.default_rng(4).normal(size=(12, 1)).astype("float32")


class Recording(qml.devices.DefaultQubit):
    """Counts what it is asked to do, and fails when it is told to."""

    name = "recording.qubit"

    def __init__(self, fail_at: int | None = None):
        super().__init__(wires=2)
        self.batches: list[int] = []
        self.fail_at = fail_at

    def execute(self, circuits: Any, execution_config: Any = None) -> Any:
        self._note(circuits)
        return super().execute(circuits, execution_config)

    def execute_and_compute_derivatives(self, circuits: Any, execution_config: Any = None) -> Any:
        self._note(circuits)
        return super().execute_and_compute_derivatives(circuits, execution_config)

    def _note(self, circuits: Any) -> None:
        if self.fail_at is not None and len(self.batches) >= self.fail_at:
            failing = circuits[0]
            raise OSError(f"no line to the machine for {len(failing.operations)} operations")
        self.batches.append(len(circuits))


def layer_on(device: qml.devices.Device, method: str = "parameter-shift") -> KerasLayer:
    @qml.qnode(device, diff_method=method)
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        first = qml.expval(qml.Z(0))
        return first, qml.expval(qml.Z(1)) if method == "adjoint" else qml.probs(wires=[1])

    return KerasLayer(circuit, {"weights": (1, 2)}, road="host")


def model_on(device: qml.devices.Device, method: str = "parameter-shift") -> keras.Model:
    model = keras.Sequential(
        [keras.layers.Dense(2), layer_on(device, method), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.1), loss="mse")
    model.build((None, 2))
    return model


@pytest.mark.parametrize("method", ["parameter-shift", "adjoint", "backprop", "finite-diff"])
def test_one_batch_a_pass(method: str) -> None:
    """Three steps of four samples: forward, backward, forward, ..."""
    device = Recording()
    model = model_on(device, method)
    model.fit(X, Y, batch_size=4, epochs=1, verbose=0)
    assert len(device.batches) == 6
    assert device.batches[::2] == [4, 4, 4]
    device.batches.clear()
    model.predict(X, batch_size=12, verbose=0)
    assert device.batches == [12]


def test_only_weights_are_differentiated() -> None:
    """Where nobody needs the inputs' gradient, no circuit runs for it."""
    device = Recording()
    layer = layer_on(device)
    layer(X)
    weight_gradients(layer, X)
    shifted = device.batches[-1] - len(X)
    parameters = 4 if keras.backend.backend() == "tensorflow" else 2  # it asks for all
    assert shifted == 2 * parameters * len(X)


def test_split_tapes_are_one_batch_too() -> None:
    device = Recording()

    @qml.transforms.split_non_commuting
    @qml.qnode(device, diff_method="parameter-shift")
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.RX(weights, wires=0)
        return [qml.expval(qml.Z(0)), qml.expval(qml.X(0)), qml.expval(qml.Y(0))]

    layer = KerasLayer(circuit, {"weights": 1}, road="host")
    assert layer(X).shape == (12, 3)
    assert device.batches == [36]


@pytest.mark.parametrize("fail_at", [0, 1, 2])
def test_device_error_in_fit(fail_at: int) -> None:
    """In both passes of the first step and in a later one; weights are those before the step."""
    model = model_on(Recording(fail_at))
    before = [np.array(weight) for weight in model.get_weights()]
    with pytest.raises(Exception, match="no line to the machine for 5 operations") as raised:
        model.fit(X, Y, batch_size=4, verbose=0)
    assert "OSError" in f"{raised.type.__name__} {raised.value}"
    assert "RX" in "\n".join([str(raised.value), *getattr(raised.value, "__notes__", ())])
    if keras.backend.backend() != "tensorflow":  # whose graphs keep the text of an error alone
        assert raised.type is OSError
    after = model.get_weights()
    changed = [not np.array_equal(one, other) for one, other in zip(before, after, strict=True)]
    if fail_at == 1 and keras.backend.backend() == "tensorflow":
        changed = changed[:3]  # its graph may have updated the layer behind by then
    assert all(changed) if fail_at == 2 else not any(changed)
    assert all(np.isfinite(weight).all() for weight in after)


def test_device_error_in_evaluate_and_predict() -> None:
    model = model_on(Recording(0))
    before = model.get_weights()
    for run in (lambda: model.evaluate(X, Y, verbose=0), lambda: model.predict(X, verbose=0)):
        with pytest.raises(Exception, match="no line to the machine"):
            run()
        for one, other in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_error_names_the_tape() -> None:
    """That of the frame which held one; here the device unpacks its batch."""
    layer = layer_on(Recording(0))
    match = r"(?s)no line.*came up while 'recording.qubit' ran the circuit\n0: .*of 'circuit'"
    with pytest.raises(OSError, match=match):
        layer(X)


class Remote(Recording):
    """Hands a batch on as a whole."""

    def _note(self, circuits: Any) -> None:
        raise OSError(f"{len(circuits)} jobs refused")


def test_error_of_a_whole_batch() -> None:
    with pytest.raises(
        OSError, match=r"(?s)12 jobs refused.*ran a batch of 12 circuits, the first"
    ):
        layer_on(Remote())(X)


def test_device_with_an_unsupported_operation() -> None:
    """Known before anything runs."""

    @qml.qnode(qml.device("default.qutrit", wires=1), diff_method="parameter-shift")
    def circuit(inputs):
        qml.RX(inputs[0], wires=0)
        return qml.expval(qml.GellMann(0, 3))

    with pytest.raises(CaptureError, match=r"PennyLane runs on 'default.qutrit'.*'circuit'; .*RX"):
        KerasLayer(circuit, {}, road="host")(X)


def test_values_while_the_batch_size_changes() -> None:
    layer = layer_on(Recording())
    whole = numbers(layer(X))
    parts = np.concatenate([numbers(layer(X[:5])), numbers(layer(X[5:]))])
    np.testing.assert_allclose(whole, parts, atol=1e-6)
