"""Parameter-shift: rules, unbiased gradients with the variance of theory, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
import pytest
from keras import ops

from qeras import KerasLayer
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import reference
from qeras.gradients import parameter_shift
from qeras.gradients.shift_rules import frequencies_of, shift_rule
from tests.circuits import qnode_of
from tests.differentiation import gradients, second_gradient, weight_gradients

SHOTS = 100


@pytest.mark.parametrize("frequencies", [[], [1.0], [0.5, 1.0], [1, 2, 3], [0.7, 1.9, 2.0]])
def test_rules_are_exact(frequencies: list[float]) -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, len(frequencies)))
    shifts, coefficients = shift_rule(np.array(frequencies))
    angle = 0.3 + shifts[:, None] * np.ones(len(frequencies))
    waves = np.array(frequencies)
    values = (a * np.cos(waves * angle) + b * np.sin(waves * angle)).sum(axis=1)
    exact = (waves * (b * np.cos(waves * 0.3) - a * np.sin(waves * 0.3))).sum()
    assert coefficients @ values == pytest.approx(exact)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Operation("RX", (0,)), [1.0]),
        (Operation("RZ", (0,), (), (1, 2), (True, False)), [0.5, 1.0]),
        (Operation("PhaseShift", (0,), (), (1,), (True,)), [1.0]),
        (Operation("GlobalPhase", ()), []),
        (Operation("SingleExcitation", (0, 1)), [0.5, 1.0]),
        (Operation("DoubleExcitation", (0, 1, 2, 3), (), (4,), (True,)), [0.5, 1.0]),
        (Operation("PauliRot", (0, 1), (), pauli_word="XY"), [1.0]),
    ],
)
def test_frequencies(operation: Operation, expected: list[float]) -> None:
    operation = Operation(
        operation.gate,
        operation.wires,
        (reference("inputs", 0),),
        operation.controls,
        operation.control_values,
        operation.pauli_word,
    )
    np.testing.assert_allclose(frequencies_of(operation), expected)


def gates(inputs: Any, w: Any) -> None:
    qml.RX(inputs[0], 0)
    qml.RY(2 * inputs[1] * w[0], 1)
    qml.CRX(w[1], wires=[0, 1])
    qml.IsingXX(ops.sin(w[2]), wires=[0, 1])
    qml.evolve(qml.Hermitian(np.diag([0.0, 0.7, 1.9, -0.4]), wires=[0, 1]), inputs[0])
    qml.Rot(w[0], w[1], w[2], wires=0)


def circuit(inputs: Any, w: Any) -> Any:
    gates(inputs, w)
    return {
        "expval": qml.expval(qml.Z(0) @ qml.X(1)),
        "var": qml.var(qml.X(1)),
        "probs": qml.probs(wires=[1]),
        "sum": qml.expval(qml.Hermitian(np.diag([1.0, 0, 0, 2]), wires=[0, 1]) + w[1] * qml.Y(1)),
    }


WEIGHTS = [np.array([0.4, 0.9, -1.3], "float32")]


def layers() -> tuple[KerasLayer, KerasLayer]:
    qnode = qnode_of(circuit)
    found = KerasLayer(qml.set_shots(qnode, SHOTS), {"w": 3}, seed=5), KerasLayer(qnode, {"w": 3})
    for layer in found:
        layer.build((None, 2))
        layer.set_weights(WEIGHTS)
    return found


@pytest.mark.parametrize("kind", ["expval", "var", "probs", "sum"])
def test_unbiased(kind: str) -> None:
    """Of many equal samples each has an estimate of its own."""
    sampled, exact = layers()
    x = np.tile(np.array([[0.4, -0.7]], "float32"), (400, 1))

    def total(layer: KerasLayer) -> Any:
        return lambda tensor: ops.sum(ops.reshape(layer(tensor)[kind], (len(x), -1))[:, -1])

    (estimates,) = gradients(total(sampled), x)
    (expected,) = gradients(total(exact), x)
    error = (estimates - expected).mean(axis=0)
    bias = (1 / SHOTS if kind == "var" else 0) * np.abs(expected[0])  # as var itself
    assert (np.abs(error) < 4 * estimates.std(axis=0) / np.sqrt(len(x)) + bias).all()
    assert (estimates.std(axis=0) > 1e-3).all()


def test_weights_and_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients of weights are sums over samples, also when runs are done part by part."""
    monkeypatch.setattr(parameter_shift, "AMPLITUDES_AT_ONCE", 4 * 7)

    def word(inputs: Any, w: Any) -> Any:
        gates(inputs, w)
        return qml.expval(qml.Z(0) @ qml.X(1))

    qnodes = qml.set_shots(qnode_of(word), SHOTS), qnode_of(word)
    sampled, exact = (KerasLayer(qnode, {"w": 3}, seed=2) for qnode in qnodes)
    x = np.tile(np.array([[0.4, -0.7]], "float32"), (400, 1))
    found = []
    for layer in (sampled, exact):
        layer(x[:1])
        layer.set_weights(WEIGHTS)
        found.append(weight_gradients(layer, x)[0] / len(x))
    np.testing.assert_allclose(found[0], found[1], atol=4 * 0.2 / np.sqrt(len(x)))


def test_variance() -> None:
    """(sigma_+^2 + sigma_-^2) / (4 shots) for the two-term rule."""

    def rotation(inputs: Any) -> Any:
        qml.RX(inputs[0], 0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qml.set_shots(qnode_of(rotation, 1), SHOTS), {}, seed=11)
    x = np.full((4000, 1), 0.6, "float32")
    (estimates,) = gradients(lambda tensor: ops.sum(layer(tensor)), x)
    expected = (1 - np.sin(0.6) ** 2) / (2 * SHOTS)
    assert estimates.var() == pytest.approx(expected, rel=4 * np.sqrt(2 / len(x)))
    assert estimates.mean() == pytest.approx(-np.sin(0.6), abs=4 * np.sqrt(expected / len(x)))


def drawn(measure: Any, road: str = "auto", **options: Any) -> Any:
    def rotation(inputs: Any) -> Any:
        qml.RX(inputs[0], 0)
        return measure()

    qnode = qml.set_shots(qnode_of(rotation, 1, **options), 5)
    return KerasLayer(qnode, {}, road=road)


X = np.ones((2, 1), "float32")


@pytest.mark.parametrize("kind", ["sample", "counts"])
def test_samples_have_no_gradient(kind: str) -> None:
    layer = drawn(lambda: getattr(qml, kind)(wires=0))
    with pytest.raises(ValueError, match=f"a gradient of {kind}, which are drawn at random"):
        gradients(lambda tensor: ops.sum(layer(tensor)), X)


def test_beside_samples() -> None:
    """In a dictionary, what has a gradient keeps it."""
    layer = drawn(lambda: {"a": qml.sample(wires=0), "b": qml.expval(qml.Z(0))})
    (found,) = gradients(lambda tensor: ops.sum(layer(tensor)["b"]), X)
    assert np.isfinite(found).all()
    assert (found < 0).all()


def test_second_gradient() -> None:
    layer = drawn(lambda: qml.expval(qml.Z(0)))
    with pytest.raises(ValueError, match="first gradients of results with shots"):
        second_gradient(lambda tensor: ops.sum(layer(tensor)), X)


def test_entries() -> None:
    """Weights behind encoded amplitudes are trained; amplitudes themselves have no rule."""

    def amplitudes(inputs: Any, w: Any) -> Any:
        qml.AmplitudeEmbedding(inputs, wires=[0], normalize=True)
        qml.RY(w, 0)
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qml.set_shots(qnode_of(amplitudes, 1), 1000), {"w": 1}, seed=1)
    x = np.array([[0.6, 0.8]], "float32")
    layer(x)
    layer.set_weights([np.array(0.3, "float32")])
    (found,) = weight_gradients(layer, x)
    angle = 2 * np.arctan2(0.8, 0.6) + 0.3
    assert found == pytest.approx(-np.sin(angle), abs=4 / np.sqrt(2000))
    with pytest.raises(ValueError, match="entries of a state or matrix"):
        gradients(lambda tensor: ops.sum(layer(tensor)), x)


def test_states_that_are_prepared_by_gates() -> None:
    """Those have shift rules."""

    def prepared(inputs: Any, w: Any) -> Any:
        qml.MottonenStatePreparation(qml.math.stack([qml.math.cos(w), qml.math.sin(w)]), [0])
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qml.set_shots(qnode_of(prepared, 1), 1000), {"w": 1}, seed=1)
    layer(X)
    layer.set_weights([np.array(0.3, "float32")])
    (found,) = weight_gradients(layer, X)
    samples = len(X)
    assert found == pytest.approx(-2 * samples * np.sin(0.6), abs=10 * np.sqrt(samples / 1000))


def test_exponents_of_weights() -> None:
    """Terms that do not commute have no shift rule by their coefficients."""

    def evolved(inputs: Any, w: Any) -> Any:
        qml.evolve(w * qml.X(0) @ qml.X(1) + 0.5 * qml.Z(0), inputs[0])
        return qml.expval(qml.Z(0))

    layer = KerasLayer(qml.set_shots(qnode_of(evolved), 1000), {"w": 1}, seed=1)
    assert np.isfinite(ops.convert_to_numpy(layer(X))).all()
    with pytest.raises(ValueError, match="entries of a state or matrix"):
        weight_gradients(layer, X)


@pytest.mark.parametrize("method", ["finite-diff", "spsa", "hadamard"])
def test_methods(method: str) -> None:
    """These go to PennyLane."""
    with pytest.raises(ValueError, match=f"its diff_method with shots is '{method}'. To stay with"):
        drawn(lambda: qml.expval(qml.Z(0)), "native", diff_method=method)
    layer = drawn(lambda: qml.expval(qml.Z(0)), diff_method=method)
    assert layer.engine == f"pennylane (its diff_method with shots is '{method}')"


@pytest.mark.parametrize("method", ["backprop", "adjoint"])
def test_methods_of_exact_results(method: str) -> None:
    """An error of PennyLane's too."""
    layer = drawn(lambda: qml.expval(qml.Z(0)), diff_method=method)
    with pytest.raises(ValueError, match=f"QuantumFunctionError: .*does not support {method}"):
        layer(X)
    circuit = drawn(lambda: qml.expval(qml.Z(0)))
    circuit(X)
    with pytest.raises(ValueError, match=r"one of \('best', 'parameter-shift'\)"):
        KerasLayer.from_circuit(circuit.circuit, diff_method=method)


def test_no_method() -> None:
    layer = drawn(lambda: qml.expval(qml.Z(0)), diff_method=None)
    with pytest.raises(ValueError, match="diff_method=None"):
        gradients(lambda tensor: ops.sum(layer(tensor)), X)
