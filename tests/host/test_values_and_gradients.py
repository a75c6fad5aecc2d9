"""What a program of the host gives is what its QNode gives, on every device and by every
method; compiled on JAX, in graphs and eagerly elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
import pytest

from tests.backends import differentiate, evaluate
from tests.host.qnodes import gradients_of, program, values_of

INPUTS = np.array([[0.3, 1.1], [-0.7, 0.4], [2.0, -1.3]])
WEIGHTS = {"weights": np.array([[0.2, 0.9], [-0.4, 1.7]]), "scale": np.array(0.6)}


def body(inputs, weights, scale):
    qml.AngleEmbedding(inputs * scale, wires=[0, 1])
    qml.BasicEntanglerLayers(weights, wires=[0, 1])


def noisy(inputs, weights, scale):
    body(inputs, weights, scale)
    qml.DepolarizingChannel(0.1, wires=0)
    qml.AmplitudeDamping(0.2, wires=1)


def two_expvals():
    return [qml.expval(qml.Z(0)), qml.expval(qml.X(1) @ qml.Y(0))]


def expval_and_probs():
    return qml.expval(qml.Z(0)), qml.probs(wires=[0, 1])


def qnode_of(
    device: str, method: str | None, returned: Callable[[], Any], circuit: Any = body, **kwargs: Any
) -> qml.QNode:
    def function(inputs, weights, scale):
        circuit(inputs, weights, scale)
        return returned()

    return qml.QNode(function, qml.device(device, wires=3), diff_method=method, **kwargs)


def extrapolated(method: str, extrapolate: Any) -> qml.QNode:
    """A circuit folded to more gates, then noise after each gate, then results of no noise."""
    noise = qml.NoiseModel({qml.noise.op_in([qml.RX, qml.CNOT]): insert_damping})
    return qml.noise.add_noise(
        qml.noise.mitigate_with_zne(
            qnode_of("default.mixed", method, lambda: qml.expval(qml.Z(0))),
            scale_factors=[1, 2, 3],
            folding=qml.noise.fold_global,
            extrapolate=extrapolate,
        ),
        noise,
    )


def insert_damping(operation, **_):
    qml.AmplitudeDamping(0.02, wires=operation.wires[0])


CASES = {
    "mixed, backprop": qnode_of("default.mixed", "best", two_expvals, noisy),
    "mixed, parameter-shift": qnode_of("default.mixed", "parameter-shift", two_expvals, noisy),
    "mixed, finite-diff": qnode_of(
        "default.mixed", "finite-diff", two_expvals, noisy, gradient_kwargs={"h": 1e-5}
    ),
    "mixed, probs": qnode_of("default.mixed", "best", expval_and_probs, noisy),
    "lightning, adjoint": qnode_of("lightning.qubit", "adjoint", two_expvals),
    "lightning, adjoint by vector products": qnode_of(
        "lightning.qubit", "adjoint", two_expvals, device_vjp=True
    ),
    "lightning, parameter-shift": qnode_of("lightning.qubit", "parameter-shift", expval_and_probs),
    "qubit, adjoint": qnode_of("default.qubit", "adjoint", two_expvals),
    "qubit, hadamard": qnode_of(
        "default.qubit", "hadamard", two_expvals, gradient_kwargs={"aux_wire": 2}
    ),
    "qubit, finite-diff": qnode_of(
        "default.qubit", "finite-diff", expval_and_probs, gradient_kwargs={"h": 1e-5}
    ),
    "qubit, variance": qnode_of(
        "default.qubit",
        "parameter-shift",
        lambda: [qml.var(qml.Z(0)), qml.expval(qml.Y(1))],
    ),
    "qubit, one probs": qnode_of("default.qubit", "parameter-shift", lambda: qml.probs(wires=1)),
    "qubit, one expval": qnode_of("default.qubit", "parameter-shift", lambda: qml.expval(qml.Z(1))),
    "qubit, purity": qnode_of("default.qubit", "backprop", lambda: qml.purity(wires=0)),
    "entropies": qnode_of(
        "default.mixed",
        "backprop",
        lambda: [qml.vn_entropy(wires=0), qml.mutual_info(wires0=[0], wires1=[1])],
        noisy,
    ),
    "dictionary": qnode_of(
        "default.mixed", "best", lambda: {"a": qml.expval(qml.Z(0)), "b": qml.probs(wires=[0, 1])}
    ),
    "split into tapes": qml.transforms.split_non_commuting(
        qnode_of(
            "default.qubit",
            "parameter-shift",
            lambda: [qml.expval(qml.Z(0)), qml.expval(qml.X(0)), qml.expval(qml.Y(1))],
        )
    ),
    "zero noise extrapolation": extrapolated("parameter-shift", qml.noise.richardson_extrapolate),
    "zero noise extrapolation, not linear in results": extrapolated(
        "backprop", qml.noise.exponential_extrapolate
    ),
}


@pytest.fixture(params=list(CASES))
def qnode(request: pytest.FixtureRequest) -> qml.QNode:
    return CASES[request.param]


def cotangents_of(values: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).normal(size=values.shape)


def test_as_the_qnode_itself(qnode: qml.QNode) -> None:
    host = program(qnode, WEIGHTS, features=2)
    expected = values_of(qnode, INPUTS, WEIGHTS)
    cotangent = cotangents_of(expected)
    results, to_inputs, to_weights = differentiate(
        lambda inputs, weights: host.run(inputs, weights, flat=True),
        INPUTS,
        WEIGHTS,
        [cotangent],
        "float64",
    )
    np.testing.assert_allclose(results[0], expected, atol=1e-9)
    expected_inputs, expected_weights = gradients_of(qnode, INPUTS, WEIGHTS, cotangent)
    np.testing.assert_allclose(to_inputs, expected_inputs, atol=1e-5)
    for name, gradient in expected_weights.items():
        np.testing.assert_allclose(to_weights[name], gradient, atol=1e-5)


def test_one_measurement_has_its_own_shape() -> None:
    qnode = qnode_of("default.mixed", "best", lambda: qml.probs(wires=[0, 1]))
    host = program(qnode, WEIGHTS, features=2)
    (probs,) = evaluate(host.run, INPUTS, WEIGHTS, "float32")
    assert probs.shape == (3, 4)
    assert probs.dtype == np.float32


def test_complex_results_and_their_gradient() -> None:
    """The gradient of the sum of |entries|^4, through real and imaginary parts."""
    from keras import ops

    qnode = qnode_of("default.mixed", "backprop", lambda: qml.density_matrix(wires=0), noisy)
    host = program(qnode, WEIGHTS, features=2)

    def function(inputs, weights):
        (rho,) = host.run(inputs, weights)
        return [ops.real(rho) ** 3 + ops.imag(rho) ** 3]

    def expected(x):
        rho = qnode(x, WEIGHTS["weights"], WEIGHTS["scale"])
        return qml.math.sum(qml.math.real(rho) ** 3 + qml.math.imag(rho) ** 3)

    results, to_inputs, _ = differentiate(
        function, INPUTS, WEIGHTS, [np.ones((3, 2, 2))], "float64"
    )
    for row, x in enumerate(INPUTS):
        trainable = qml.numpy.array(x, requires_grad=True)
        np.testing.assert_allclose(np.sum(results[0][row]), expected(x), atol=1e-9)
        np.testing.assert_allclose(to_inputs[row], qml.grad(expected)(trainable), atol=1e-9)


def test_spsa_is_right_on_average() -> None:
    """Each estimate is one random direction, so its mean over many is the gradient."""
    qnode = qnode_of(
        "default.qubit",
        "spsa",
        lambda: qml.expval(qml.Z(0)),
        gradient_kwargs={"num_directions": 400, "sampler_rng": 5, "h": 1e-3},
    )
    host = program(qnode, WEIGHTS, features=2)
    exact = qnode_of("default.qubit", "backprop", lambda: qml.expval(qml.Z(0)))
    inputs = INPUTS[:1]
    cotangent = np.ones((1, 1))
    _, _, found = differentiate(
        lambda x, w: host.run(x, w, flat=True), inputs, WEIGHTS, [cotangent], "float64"
    )
    _, expected = gradients_of(exact, inputs, WEIGHTS, cotangent)
    np.testing.assert_allclose(found["weights"], expected["weights"], atol=0.15)
    assert np.abs(found["weights"] - expected["weights"]).max() > 1e-6  # it was not exact


def test_branch_on_a_value() -> None:
    @qml.qnode(qml.device("default.qubit", wires=1))
    def qnode(inputs, weights, scale):
        if inputs[0] > 0:
            qml.RX(inputs[0] * scale, wires=0)
        else:
            qml.RY(weights[0, 0], wires=0)
        return qml.expval(qml.Z(0))

    host = program(qnode, WEIGHTS, features=2)
    results, to_inputs, to_weights = differentiate(
        lambda x, w: host.run(x, w, flat=True), INPUTS, WEIGHTS, [np.ones((3, 1))], "float64"
    )
    x, scale, w = INPUTS[:, 0], WEIGHTS["scale"], WEIGHTS["weights"][0, 0]
    positive = x > 0
    np.testing.assert_allclose(
        results[0][:, 0], np.where(positive, np.cos(x * scale), np.cos(w)), atol=1e-9
    )
    np.testing.assert_allclose(
        to_inputs[:, 0], np.where(positive, -scale * np.sin(x * scale), 0.0), atol=1e-9
    )
    np.testing.assert_allclose(to_weights["weights"][0, 0], -np.sin(w), atol=1e-9)


def test_circuit_with_a_batch_axis() -> None:
    @qml.qnode(qml.device("default.mixed", wires=2))
    def batched(inputs, weights, scale):
        qml.RX(inputs[:, 0] * scale, wires=0)
        qml.RY(inputs[:, 1], wires=1)
        qml.CNOT([0, 1])
        qml.RX(weights[0, 0], wires=1)
        return qml.expval(qml.Z(1)), qml.probs(wires=0)

    @qml.qnode(qml.device("default.mixed", wires=2))
    def single(inputs, weights, scale):
        qml.RX(inputs[0] * scale, wires=0)
        qml.RY(inputs[1], wires=1)
        qml.CNOT([0, 1])
        qml.RX(weights[0, 0], wires=1)
        return qml.expval(qml.Z(1)), qml.probs(wires=0)

    cotangent = cotangents_of(np.zeros((3, 3)))

    def run(qnode):
        host = program(qnode, WEIGHTS, features=2)
        return differentiate(
            lambda x, w: host.run(x, w, flat=True), INPUTS, WEIGHTS, [cotangent], "float64"
        )

    found = [run(qnode) for qnode in (batched, single)]
    np.testing.assert_allclose(found[0][0][0], found[1][0][0], atol=1e-12)
    np.testing.assert_allclose(found[0][1], found[1][1], atol=1e-12)
    np.testing.assert_allclose(found[0][2]["weights"], found[1][2]["weights"], atol=1e-12)
