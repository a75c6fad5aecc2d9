"""Results of probabilities alone, beside those that need amplitudes."""

from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

from qeras.capture.capturing import capture
from qeras.circuit.circuit import Circuit
from qeras.pipeline import Program
from tests import backends

OF_PROBABILITIES = {
    "a word": lambda: qml.expval(qml.Z(0) @ qml.Z(2)),
    "a sum": lambda: qml.expval(0.3 * qml.Z(1) + qml.Z(0) @ qml.Z(1) - 0.5 * qml.I(2)),
    "variance": lambda: qml.var(qml.Z(0) + qml.Z(2)),
    "probs": lambda: qml.probs(wires=[2, 0]),
    "several": lambda: [qml.expval(qml.Z(1)), qml.probs(wires=1), qml.var(qml.Z(2))],
}
OF_AMPLITUDES = {
    "another word": lambda: qml.expval(qml.Z(0) @ qml.X(2)),
    "one of two": lambda: [qml.expval(qml.Z(0)), qml.expval(qml.Y(1))],
    "matrix": lambda: qml.expval(qml.Hermitian(np.array([[1.0, 2.0], [2.0, -1.0]]), 1)),
    "state": lambda: qml.state(),
    "reduced": lambda: qml.density_matrix([0]),
    "another basis": lambda: qml.probs(op=qml.X(1)),
}


def captured(measure) -> tuple[Circuit, qml.QNode]:
    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(3))
        qml.StronglyEntanglingLayers(weights, wires=range(3))
        return measure()

    return capture(circuit, {"weights": (2, 3, 3)}, 3), circuit


@pytest.mark.parametrize("name", [*OF_PROBABILITIES, *OF_AMPLITUDES])
def test_which_results_need_amplitudes(name: str) -> None:
    measure = (OF_PROBABILITIES | OF_AMPLITUDES)[name]
    program = Program(captured(measure)[0])
    assert program.plan.readouts.of_probabilities == (name in OF_PROBABILITIES)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", OF_PROBABILITIES)
def test_values_and_gradients(name: str) -> None:
    """Against PennyLane's values, and differences of them."""
    circuit, qnode = captured(OF_PROBABILITIES[name])
    generator = np.random.default_rng(2)
    inputs, weights = generator.normal(size=(2, 3)), generator.normal(size=(2, 3, 3))

    def expected(inputs, weights) -> np.ndarray:
        rows = []
        for sample in inputs:
            results = qnode(sample, weights)
            results = results if isinstance(results, list | tuple) else [results]
            rows.append(np.concatenate([np.ravel(result) for result in results]))
        return np.stack(rows)

    program = Program(circuit)
    cotangent = generator.normal(size=expected(inputs, weights).shape)
    (found,), by_inputs, by_weights = backends.differentiate(
        lambda inputs, weights: program.run(inputs, weights, flat=True),
        inputs,
        {"weights": weights},
        [cotangent],
        "float64",
    )
    np.testing.assert_allclose(found, expected(inputs, weights), atol=1e-12)
    step = 1e-6
    directions = generator.normal(size=inputs.shape), generator.normal(size=weights.shape)
    ends = [
        np.sum(
            cotangent
            * expected(inputs + sign * step * directions[0], weights + sign * step * directions[1])
        )
        for sign in (1, -1)
    ]
    slope = np.sum(by_inputs * directions[0]) + np.sum(by_weights["weights"] * directions[1])
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6, abs=1e-7)
