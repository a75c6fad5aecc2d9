"""QNodes made of circuits."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras.capture import capture, restore
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import FUNCTIONS, call, constant, reference
from qeras.circuit.gates import GATES
from qeras.testing.reference import evaluate, simulate

pytestmark = [
    # PennyLane's simulator works in double precision, which JAX has only with x64
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype complex128"),
    # PennyLane multiplies torch tensors with NumPy arrays
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept context"),
]

INPUTS = np.array([0.3, 0.6, 0.8])
WEIGHTS = {"w": np.array([[0.2, 0.4], [0.7, 0.9]])}


def whole(inputs, w):
    """Every kind of operation and of measurement."""
    qml.AmplitudeEmbedding(inputs[:2], wires=[0], normalize=True)
    qml.RY(w[0, 1] * inputs[0], 1)
    qml.ctrl(qml.PauliRot(inputs[2], "XY", wires=[0, 1]), "a", control_values=[0])
    qml.Toffoli([0, 1, "a"])
    qml.evolve(qml.X(0) @ qml.Z(1) + 0.3 * qml.Z(0), inputs[1])
    qml.evolve(inputs[1] * qml.X(0) @ qml.Z(1) + w[1, 1] * qml.Z(0), inputs[0])
    qml.DiagonalQubitUnitary(qml.math.exp(1j * w[0]), wires=[1])
    qml.QubitUnitary(np.array([[0.6, 0.8j], [0.8j, 0.6]]), wires=[1])
    qml.GlobalPhase(inputs[0])
    qml.Rot(*inputs, wires="a")
    return {
        "expval": qml.expval(w[0, 0] * qml.X(0) @ qml.Z(1) + qml.Hermitian(np.eye(2), 1) + qml.I()),
        "var": qml.var(qml.Y("a")),
        "eigen": qml.probs(op=qml.X(0) @ qml.Y(1)),
        "probs": qml.probs(wires=["a", 0]),
        "state": qml.state(),
        "density": qml.density_matrix([1]),
        "purity": qml.purity([1]),
        "entropy": qml.vn_entropy([0], log_base=2),
        "mutual": qml.mutual_info([0], [1]),
    }


@pytest.fixture
def circuit():
    qnode = qml.QNode(whole, qml.device("default.qubit", wires=["a", 1, 0]))
    return capture(qnode, {"w": (2, 2)}, 3)


def backend_tensor(value):
    """A tensor of the Keras backend, where PennyLane knows it."""
    known = keras.backend.backend() in ("jax", "torch")
    return keras.ops.convert_to_tensor(value) if known else value


def test_same_results(circuit):
    found = restore(circuit)(inputs=INPUTS, **WEIGHTS)
    expected = simulate(circuit, INPUTS, WEIGHTS)
    assert tuple(found) == circuit.keys
    for key, value in zip(circuit.keys, expected, strict=True):
        np.testing.assert_allclose(found[key], value, atol=1e-10)


def test_same_signature_and_name(circuit):
    qnode = restore(circuit, "parameter-shift")
    assert list(inspect.signature(qnode.func).parameters) == ["inputs", "w"]
    assert qnode.func.__name__ == "whole"
    assert qnode.diff_method == "parameter-shift"
    with pytest.raises(TypeError, match="missing a required argument: 'w'"):
        qnode(INPUTS)


def test_captured_again_is_the_same(circuit):
    again = capture(restore(circuit), {"w": (2, 2)}, 3)
    assert again.wires == circuit.wires
    found, expected = (simulate(one, INPUTS, WEIGHTS) for one in (again, circuit))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-10)


def test_containers():
    def one(inputs):
        return qml.expval(qml.X(0))

    def several(inputs):
        return (qml.expval(qml.X(0)),)

    device = qml.device("default.qubit")
    assert np.shape(restore(capture(qml.QNode(one, device), {}, 1))(INPUTS)) == ()
    assert len(restore(capture(qml.QNode(several, device), {}, 1))(INPUTS)) == 1


def test_batch_of_inputs(circuit):
    batch = np.stack([INPUTS, INPUTS + 0.1])
    found = restore(circuit)(batch, **WEIGHTS)
    for row, inputs in enumerate(batch):
        expected = simulate(circuit, inputs, WEIGHTS)
        np.testing.assert_allclose(found["expval"][row], expected[0], atol=1e-10)
        np.testing.assert_allclose(found["state"][row], expected[4], atol=1e-10)


@pytest.mark.every_backend
def test_tensors_of_the_backend(circuit):
    weights = {name: backend_tensor(value) for name, value in WEIGHTS.items()}
    found = restore(circuit)(backend_tensor(INPUTS), **weights)
    expected = simulate(circuit, INPUTS, WEIGHTS)
    np.testing.assert_allclose(found["expval"], expected[0], atol=1e-5)


def test_draw_and_specs(circuit):
    qnode = restore(circuit)
    drawn = qml.draw(qnode)(INPUTS, WEIGHTS["w"])
    assert "RXY" in drawn
    assert "Rot" in drawn
    assert qml.specs(qnode)(INPUTS, WEIGHTS["w"])["resources"].num_allocs == 3


def test_every_gate_of_the_table():
    angles = [reference("inputs", i) for i in range(3)]
    special = {"PauliRot", "QubitUnitary", "DiagonalQubitUnitary", "StatePrep", "Evolution"}
    operations = [
        Operation(name, tuple(range(gate.num_wires or 0)), tuple(angles[: gate.num_parameters]))
        for name, gate in GATES.items()
        if name not in special and name != "MultiRZ"
    ]
    measurements = (Measurement("state", wires=tuple(range(4))),)
    circuit = Circuit("all", tuple(range(4)), 3, "inputs", {}, tuple(operations), measurements)
    (found,) = restore(circuit)(INPUTS)
    (expected,) = simulate(circuit, INPUTS, {})
    np.testing.assert_allclose(found, expected, atol=1e-10)


def rotations_by(names):
    """A circuit that rotates one wire by each function, and the expected <Z>."""
    x, y = reference("inputs", 0), reference("inputs", 1)
    expressions = []
    for name in names:
        count = FUNCTIONS[name][0]
        if name == "arccosh":
            expressions.append(call(name, call("add", x, constant(1.0))))
        else:
            expressions.append(call(name, *(x, y, constant(0.5))[:count]))
            expressions.append(call(name, *(y, constant(0.3), x)[:count]))
    z = PauliTerm(constant(1.0), ((0, "Z"),))
    circuit = Circuit(
        name="angles",
        wires=(0,),
        features=3,
        input_name="inputs",
        weight_shapes={},
        operations=tuple(Operation("RX", (0,), (one,)) for one in expressions),
        measurements=(Measurement("expval", observable=(z,)),),
        single=True,
    )
    return circuit, np.cos(sum(evaluate(expressions, {"inputs": INPUTS})))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_of_expressions(name):
    circuit, expected = rotations_by([name])
    np.testing.assert_allclose(restore(circuit)(INPUTS), expected, atol=1e-10)


@pytest.mark.every_backend
def test_functions_on_tensors_of_the_backend():
    circuit, expected = rotations_by(FUNCTIONS)
    found = restore(circuit)(backend_tensor(INPUTS))
    np.testing.assert_allclose(found, expected, atol=1e-4)
