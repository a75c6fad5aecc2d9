"""Layers on the host road: which road, why, what they say of it, and the shapes of results."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import CaptureError, HostWarning, KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of, rotation
from tests.differentiation import gradients, numbers, second_gradient, weight_gradients
from tests.host.qnodes import PluginDevice

X = np.array([[0.1, 0.4], [0.7, -1.0], [-2.0, 0.3]], "float32")
quietly = pytest.mark.filterwarnings("ignore::qeras.HostWarning")


def noisy(
    shots: int | None = None, measure: Callable[[], Any] | None = None, **options: Any
) -> Any:
    """Two wires of a mixed state; <Z> of each, or what `measure` gives."""

    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        qml.DepolarizingChannel(0.05, wires=0)
        return [qml.expval(qml.Z(i)) for i in range(2)] if measure is None else measure()

    qnode = qml.QNode(circuit, PluginDevice(wires=2), **options)
    return qml.set_shots(qnode, shots) if shots else qnode


def noisy_layer(*args: Any, **options: Any) -> KerasLayer:
    return KerasLayer(noisy(*args), {"weights": (2, 2)}, **options)


# -------------------------------------------------------------------- which road, and why


def branching(inputs: Any, weights: Any) -> Any:
    if inputs[0] > 0:
        qml.RX(weights, wires=0)
    return qml.expval(qml.Z(0))


def test_one_warning() -> None:
    layer = noisy_layer(name="quantum")
    match = (
        r"'quantum' runs its QNode 'circuit' in PennyLane.*its device is 'plugin.mixed'.*"
        r"make the device one of default.qubit.*road='host' takes this road without a warning"
    )
    with pytest.warns(HostWarning, match=match) as found:
        layer(X)
    assert len(found) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(X)
        layer(X[:1])


def test_no_warning_where_it_was_asked_for() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        noisy_layer(road="host")(X)
        entangler_layer()(X)


def test_engine() -> None:
    assert noisy_layer().engine == "pennylane (its device is 'plugin.mixed')"
    assert "simulated exactly; adjoint gradient" in entangler_layer().engine
    shots = KerasLayer(qml.set_shots(entangler(), 100), {"weights": (2, 2)})
    assert "default.qubit is simulated, 100 shots are drawn; parameter-sh" in shots.engine
    mixed = KerasLayer(qml.set_shots(rotation(diff_method="spsa"), 100), {"weights": 1})
    assert mixed.engine == "pennylane (its diff_method with shots is 'spsa')"
    forced = KerasLayer(entangler(), {"weights": (2, 2)}, road="host")
    assert forced.engine == "pennylane (road='host' asks for it)"
    assert "func=circuit, engine=pennylane (road=" in repr(forced)


def test_circuit_that_cannot_be_captured() -> None:
    layer = KerasLayer(qnode_of(branching, 1), {"weights": 1})
    with pytest.warns(HostWarning, match=r"its circuit cannot be captured.*qml.math.where"):
        layer.build((None, 2))
    layer.set_weights([np.array(0.5)])
    expected = np.where(X[:, 0] > 0, np.cos(0.5), 1.0)
    np.testing.assert_allclose(numbers(layer(X)), expected, atol=1e-6)
    assert layer.engine.startswith("pennylane (its circuit cannot be captured")
    assert not layer.supports_jit


def test_no_other_road_than_the_engine() -> None:
    match = r"engine runs, as road='native' says. Received: 'circuit'; its device is 'plugin.m"
    with pytest.raises(ValueError, match=match):
        noisy_layer(road="native")
    layer = KerasLayer(qnode_of(branching, 1), {"weights": 1}, road="native")
    with pytest.raises(CaptureError, match="same for every value"):
        layer.build((None, 2))


def test_unknown_road() -> None:
    with pytest.raises(ValueError, match=r"Expected road to be one of.*Received: road='fast'"):
        entangler_layer(road="fast")


def test_circuit_that_neither_road_takes() -> None:
    def unknown_wire(inputs: Any) -> Any:
        qml.RX(inputs[0], wires=7)
        return qml.expval(qml.Z(7))

    qnode = qml.QNode(unknown_wire, PluginDevice(wires=2))
    with pytest.raises(ValueError, match=r"PennyLane runs on 'plugin.mixed'.*WireError: .*\{7\}"):
        KerasLayer(qnode, {})(X)


def test_function_that_fails() -> None:
    def failing(inputs: Any) -> Any:
        raise KeyError("nowhere")

    qnode = qml.QNode(failing, PluginDevice(wires=2))
    match = r"'failing' to run on 'inputs' of 2 features.*Received: KeyError: 'nowhere'"
    with pytest.raises(CaptureError, match=match):
        KerasLayer(qnode, {})(X)


def test_samples_that_are_mixed() -> None:
    def mixing(inputs: Any) -> Any:
        qml.RX(inputs[:, 0] - inputs[0, 0], wires=0)
        return qml.expval(qml.Z(0))

    qnode = qml.QNode(mixing, PluginDevice(wires=2))
    with pytest.raises(CaptureError, match=r"runs each sample alone. Received: .*are mixed"):
        KerasLayer(qnode, {})(X)


def test_transform_that_computes_about_the_circuit() -> None:
    qnode = qml.metric_tensor(entangler())
    with pytest.raises(CaptureError, match=r"results of 'circuit' itself. Received: .*metric_tens"):
        KerasLayer(qnode, {"weights": (2, 2)}, road="host")(X)


def test_the_qnode_stays_as_it_was() -> None:
    qnode = noisy()
    before = dict(vars(qnode))
    layer = KerasLayer(qnode, {"weights": (2, 2)}, road="host")
    layer(X)
    weight_gradients(layer, X)
    assert vars(qnode) == before
    assert layer.qnode is qnode


# -------------------------------------------------------------------- the report


def test_report_of_the_host_road() -> None:
    layer = noisy_layer(road="host")
    layer(X)
    report = layer.explain()
    assert (report.road, report.circuits, report.moves, report.memory) == ("host", 1, {}, None)
    assert report.gates_before == 3
    assert report.gates_after == 9  # the templates' own gates
    assert report.gradient == "backprop, by PennyLane"
    assert "road:     host\nreason:   PennyLane runs it, as its device is" in str(report)
    assert "gates:    3 written, 9 run\ncircuits: 1 for each sample" in str(report)


def test_report_of_many_circuits() -> None:
    measured = lambda: [qml.expval(qml.Z(0)), qml.expval(qml.X(0))]  # noqa: E731
    qnode = qml.transforms.split_non_commuting(entangler(measured))
    layer = KerasLayer(qnode, {"weights": (2, 2)}, road="host")
    layer(X)
    assert layer.explain().circuits == 2


def test_report_of_the_engine() -> None:
    layer = entangler_layer()
    with pytest.raises(ValueError, match=r"Expected a built layer.*Received: <KerasLayer"):
        layer.explain()
    layer(X)
    report = layer.explain()
    assert (report.road, report.instead, report.circuits) == ("native", None, 1)
    assert report.gates_before > report.gates_after > 0  # both CNOTs of a layer cancel
    assert report.moves["ApplyMatrix"] > 0
    assert report.memory == 4 * 8 * 4
    assert "gradient: adjoint gradient" in str(report)
    assert "memory:   128 B for each sample" in str(report)


def test_no_circuit() -> None:
    layer = noisy_layer(road="host")
    layer(X)
    with pytest.raises(ValueError, match=r"whose circuit was captured. Received: .*PennyLane runs"):
        _ = layer.circuit


# -------------------------------------------------------------------- results


SHAPES = {
    "sample": (lambda: qml.sample(wires=[0, 1]), (3, 100, 2)),
    "sample of an observable": (lambda: qml.sample(qml.Z(0)), (3, 100)),
    "counts": (lambda: qml.counts(wires=[0, 1]), (3, 4)),
    "counts of an observable": (lambda: qml.counts(qml.Z(0)), (3, 2)),
    "counts of all wires": (lambda: qml.counts(), (3, 4)),
    "sample and probs": (lambda: (qml.sample(wires=[0, 1]), qml.probs(wires=[0, 1])), (3, 204)),
    "expval and probs": (lambda: [qml.expval(qml.Z(0)), qml.probs(wires=[0, 1])], (3, 5)),
    "shadow": (lambda: qml.classical_shadow(wires=[0, 1]), (3, 2, 100, 2)),
    "shadow_expval": (lambda: qml.shadow_expval(qml.Z(0)), (3,)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_with_shots(name: str) -> None:
    measure, shape = SHAPES[name]
    qnode = qml.set_shots(entangler(measure), 100)
    layer = KerasLayer(qnode, {"weights": (2, 2)}, road="host")
    assert layer.compute_output_shape((None, 2)) == (None, *shape[1:])
    assert layer(keras.Input((2,))).shape == (None, *shape[1:])
    assert numbers(layer(X)).shape == shape
    assert numbers(layer(X[:0])).shape == (0, *shape[1:])


def test_shapes_of_a_dictionary() -> None:
    measure = lambda: {"z": qml.expval(qml.Z(0)), "rho": qml.density_matrix([0])}  # noqa: E731
    layer = noisy_layer(None, measure, road="host")
    results = layer(X[None])
    assert results["z"].shape == (1, 3)
    assert results["rho"].shape == (1, 3, 2, 2)
    assert "complex64" in str(results["rho"].dtype)
    with pytest.raises(ValueError, match=r"Expected output_dim=5.*Received: output_dim=3"):
        noisy_layer(None, measure, road="host", output_dim=3)(X)


def test_shot_vector() -> None:
    qnode = qml.set_shots(entangler(), (100, 200))
    layer = KerasLayer(qnode, {"weights": (2, 2)}, road="host")
    assert layer(X).shape == (3, 4)


def test_counts_are_dense() -> None:
    def circuit(inputs: Any) -> Any:
        qml.X(0)
        return qml.counts(wires=[0, 1]), qml.counts(qml.Z(0)), qml.counts(qml.Z(1))

    qnode = qml.set_shots(qnode_of(circuit, 2), 50)
    found = numbers(KerasLayer(qnode, {}, road="host")(X))
    # 00, 01, 10, 11; then the eigenvalues -1 and 1, ascending
    np.testing.assert_array_equal(found, [[0, 0, 50, 0, 50, 0, 0, 50]] * 3)


def test_statistics_of_shots() -> None:
    qnode = qml.set_shots(rotation(), 10_000)
    layer = KerasLayer(qnode, {"weights": 1}, road="host")
    layer.set_weights([np.array(0.5)])
    x = np.full((40, 1), 0.3, "float32")
    found = numbers(layer(x))
    deviation = np.sin(0.8) / np.sqrt(10_000)
    assert abs(found.mean() - np.cos(0.8)) < 4 * deviation / np.sqrt(40)
    assert 0.6 * deviation < found.std() < 1.5 * deviation
    (gradient,) = weight_gradients(layer, x)
    assert abs(gradient / 40 + np.sin(0.8)) < 4 * 1 / np.sqrt(2 * 10_000 * 40)


def test_mid_circuit_measurement() -> None:
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.RX)(weights, wires=1)
        return qml.expval(outcome), qml.expval(qml.Z(1))

    layer = KerasLayer(qnode_of(circuit, 3), {"weights": 1}, road="host")
    layer.set_weights([np.array(0.5)])
    one = np.sin(X[:, 0] / 2) ** 2
    expected = np.stack([one, 1 - one + one * np.cos(0.5)], axis=1)
    np.testing.assert_allclose(numbers(layer(X)), expected, atol=1e-6)
    np.testing.assert_allclose(weight_gradients(layer, X)[0], -(one * np.sin(0.5)).sum(), atol=1e-5)


def test_qutrits() -> None:
    @qml.qnode(qml.device("default.qutrit", wires=1), diff_method="parameter-shift")
    def circuit(inputs: Any) -> Any:
        qml.TRX(inputs[0], wires=0, subspace=(0, 2))
        return qml.probs(wires=0)

    layer = KerasLayer(circuit, {}, road="host")
    zero = np.cos(X[:, 0] / 2) ** 2
    expected = np.stack([zero, 0 * zero, 1 - zero], axis=1)
    np.testing.assert_allclose(numbers(layer(X)), expected, atol=1e-6)
    (found,) = gradients(lambda x: ops.sum(layer(x)[:, 2]), X)
    np.testing.assert_allclose(found[:, 0], np.sin(X[:, 0]) / 2, atol=1e-5)


def test_gaussian_states() -> None:
    @qml.qnode(qml.device("default.gaussian", wires=1))
    def circuit(inputs: Any) -> Any:
        qml.Displacement(inputs[0], 0.0, wires=0)
        return qml.expval(qml.QuadX(0))

    layer = KerasLayer(circuit, {}, road="host")
    np.testing.assert_allclose(numbers(layer(X)), 2 * X[:, 0], atol=1e-5)
    (found,) = gradients(lambda x: ops.sum(layer(x)), X)
    np.testing.assert_allclose(found[:, 0], 2.0, atol=1e-4)


def test_stabilizers() -> None:
    @qml.qnode(qml.device("default.clifford", wires=2))
    def circuit(inputs: Any) -> Any:
        if inputs[0] > 0:
            qml.X(0)
        qml.CNOT([0, 1])
        return qml.expval(qml.Z(1)), qml.probs(wires=[1])

    layer = KerasLayer(circuit, {}, road="host")
    np.testing.assert_allclose(numbers(layer(X)), [[-1, 0, 1], [-1, 0, 1], [1, 1, 0]], atol=1e-6)
    assert layer.explain().gradient == "none"


def test_tensor_networks() -> None:
    @qml.qnode(qml.device("default.tensor", wires=2), diff_method="parameter-shift")
    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.CNOT([0, 1])
        return qml.expval(qml.Z(1))

    layer = KerasLayer(circuit, {}, road="host")
    np.testing.assert_allclose(numbers(layer(X)), np.cos(X[:, 0]), atol=1e-6)
    (found,) = gradients(lambda x: ops.sum(layer(x)), X)
    np.testing.assert_allclose(found[:, 0], -np.sin(X[:, 0]), atol=1e-5)


def test_circuit_that_is_cut() -> None:
    def body(inputs: Any, weights: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.RY(inputs[1], wires=1)
        qml.CZ([0, 1])
        qml.RY(weights, wires=1)

    @qml.cut_circuit
    @qml.qnode(qml.device("default.qubit", wires=2), diff_method="parameter-shift")
    def cut(inputs: Any, weights: Any) -> Any:
        body(inputs, weights)
        qml.WireCut(wires=1)
        qml.CZ([1, 2])
        return qml.expval(qml.Z(0) @ qml.Z(1) @ qml.Z(2))

    def whole(inputs: Any, weights: Any) -> Any:
        body(inputs, weights)
        qml.CZ([1, 2])
        return qml.expval(qml.Z(0) @ qml.Z(1) @ qml.Z(2))

    layers = [
        KerasLayer(cut, {"weights": 1}, road="host"),
        KerasLayer(qnode_of(whole, 3), {"weights": 1}),
    ]
    for layer in layers:
        layer.set_weights([np.array(0.5)])
    first, second = (numbers(layer(X)) for layer in layers)
    np.testing.assert_allclose(first, second, atol=1e-5)
    first, second = (weight_gradients(layer, X)[0] for layer in layers)
    np.testing.assert_allclose(first, second, atol=1e-5)
    assert layers[0].explain().circuits > 1


# -------------------------------------------------------------------- what has no gradient


def test_samples_have_no_gradient() -> None:
    qnode = qml.set_shots(entangler(lambda: qml.sample(wires=[0, 1])), 10)
    layer = KerasLayer(qnode, {"weights": (2, 2)}, road="host")
    layer(X)
    with pytest.raises(Exception, match="SampleMP of 'circuit', whose results are discrete"):
        weight_gradients(layer, X)


def test_no_method() -> None:
    layer = KerasLayer(noisy(diff_method=None), {"weights": (2, 2)}, road="host")
    layer(X)
    assert layer.explain().gradient == "none"
    with pytest.raises(ValueError, match="Received: diff_method=None; write"):
        weight_gradients(layer, X)


def test_device_without_a_gradient() -> None:
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RX(weights, wires=0)
        return qml.expval(qml.Z(0))

    device = qml.device("null.qubit", wires=1)
    layer = KerasLayer(qml.QNode(circuit, device, diff_method=None), {"weights": 1}, road="host")
    layer(X)
    program: Any = layer._program(2)
    with pytest.raises(ValueError, match=r"a device with a gradient.*Received: 'null.qubit'"):
        program._backward([X, np.array(0.1)], np.ones((3, 1)), [False, True])


def test_no_second_derivative() -> None:
    layer = noisy_layer(road="host")
    layer(X)
    with pytest.raises(Exception, match=r"JVP|does not require grad|gradient of its gradient"):
        second_gradient(lambda tensor: ops.sum(layer(tensor)), X)


@quietly
def test_inputs_that_autograd_cannot_follow() -> None:
    """Weights are trained; TensorFlow asks for a gradient of the data too."""

    @qml.qnode(PluginDevice(wires=2), diff_method="parameter-shift")
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.BasisEmbedding(inputs, wires=[0, 1])
        qml.RX(weights, wires=0)
        return qml.expval(qml.Z(0))

    bits = np.array([[0.0, 0.0], [1.0, 0.0]], "float32")
    layer = KerasLayer(circuit, {"weights": 1})
    layer.set_weights([np.array(0.5)])
    model = keras.Sequential([layer])
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    np.testing.assert_allclose(numbers(layer(bits)), [np.cos(0.5), -np.cos(0.5)], atol=1e-6)
    model.fit(bits, np.array([1.0, -1.0]), verbose=0)
    # the mean of (cos w - 1)^2
    step = 0.1 * 2 * (np.cos(0.5) - 1) * -np.sin(0.5)
    np.testing.assert_allclose(layer.get_weights()[0], 0.5 - step, atol=1e-6)


def test_functions_that_autograd_does_not_know() -> None:
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RX(inputs[0] * float(weights), wires=0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qnode_of(circuit, 1), {"weights": 1}, road="host")
    layer.set_weights([np.array(0.5)])
    np.testing.assert_allclose(numbers(layer(X)), np.cos(0.5 * X[:, 0]), atol=1e-6)
    with pytest.raises(Exception, match=r"(?s)'circuit' ran on a.*of autograd.*pennylane.numpy"):
        weight_gradients(layer, X)
