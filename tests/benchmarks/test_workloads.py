"""Every peer trains the same: one circuit, whoever writes it down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest

from benchmarks.peers import numpy_reference
from benchmarks.peers.numpy_reference import loss_and_gradients
from benchmarks.peers.pennylane_circuits import qnode
from benchmarks.workloads import WORKLOADS, Parameters, Workload

SMALL = [workload.small() for workload in WORKLOADS.values()]


@pytest.fixture(params=SMALL, ids=lambda workload: workload.name)
def workload(request):
    return request.param


def loss_by_pennylane(workload: Workload, parameters: Parameters, x, y) -> float:
    exact = replace(workload, shots=None)
    results = qnode(exact)(x @ parameters.kernel_in + parameters.bias_in, parameters.weights)
    hidden = results if workload.measures == "probs" else np.stack(results, axis=-1)
    outputs = hidden @ parameters.kernel_out + parameters.bias_out
    if workload.moons:
        return float(np.mean(np.abs(qml.math.exp(outputs) / np.exp(outputs).sum(1)[:, None] - y)))
    return float(np.mean((outputs - y) ** 2))


def first_batch(workload: Workload):
    x, y = next(workload.data(1).batches())
    return x.astype(float), y.astype(float)


def double(parameters: Parameters) -> Parameters:
    return Parameters(*(part.astype(float) for part in parameters))


def test_the_list_of_gates_is_the_circuit_that_pennylane_runs(workload):
    parameters = double(workload.parameters())
    loss, _ = loss_and_gradients(workload, parameters, *first_batch(workload))
    expected = loss_by_pennylane(workload, parameters, *first_batch(workload))
    assert loss == pytest.approx(expected, abs=1e-12)


def test_gradients_of_the_reference_are_slopes_of_its_loss(workload):
    parameters, step = double(workload.parameters()), 1e-6
    direction = Parameters(
        *(np.cos(np.arange(part.size)).reshape(part.shape) for part in parameters)
    )

    def loss(scale):
        moved = (part + scale * way for part, way in zip(parameters, direction, strict=True))
        return loss_and_gradients(workload, Parameters(*moved), *first_batch(workload))[0]

    _, gradients = loss_and_gradients(workload, parameters, *first_batch(workload))
    slope = sum(float((g * way).sum()) for g, way in zip(gradients, direction, strict=True))
    assert slope == pytest.approx((loss(step) - loss(-step)) / (2 * step), abs=1e-7)


def test_data_and_weights_are_the_same_every_time(workload):
    for first, second in zip(workload.parameters(), workload.parameters(), strict=True):
        assert first.dtype == np.float32
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(workload.data(1).x, workload.data(1).x)


def test_a_round_is_the_same_batch_again_and_again():
    batches = list(WORKLOADS["8q"].data(3).batches())
    assert [x.shape for x, _ in batches] == [(32, 8)] * 3
    np.testing.assert_array_equal(batches[0][0], batches[2][0])


def test_an_epoch_of_the_moons():
    data = WORKLOADS["moons"].data(7)
    assert len(list(data.batches())) == 30
    assert len(list(data.validation_batches())) == 10
    labels = [y for _, y in (*data.batches(), *data.validation_batches())]
    np.testing.assert_array_equal(np.concatenate(labels).sum(axis=0), [100, 100])


@pytest.mark.parametrize(("factor", "agrees"), [(1, True), (0, False), (2, False), (-1, False)])
def test_losses_with_shots_agree_with_exact_ones_and_others_do_not(factor, agrees, monkeypatch):
    """Scattered by 1000 shots, and with gradients of the circuit that are wrong by a factor."""
    workload = WORKLOADS["shots"]
    exact = losses(workload, 1)
    sampled = sampled_circuit(np.random.default_rng(0))
    monkeypatch.setattr(numpy_reference, "_state_circuit", sampled)
    found = [np.abs(losses(workload, factor) - exact).max() for _ in range(20)]
    assert (np.array(found) <= workload.tolerance).all() == agrees


def losses(workload: Workload, factor: float):
    """Of six steps, the gradient of the circuit and of what is before it times a factor."""
    parameters, found = double(workload.parameters()), []
    scale = (factor, factor, factor, 1, 1)
    for _ in range(6):
        loss, slopes = loss_and_gradients(workload, parameters, *first_batch(workload))
        found.append(loss)
        moved = (
            part - workload.learning_rate * each * slope
            for part, slope, each in zip(parameters, slopes, scale, strict=True)
        )
        parameters = Parameters(*moved)
    return np.array(found)


def sampled_circuit(draw: np.random.Generator):
    """The reference's circuit with means of shots in place of expectation values."""
    exact = numpy_reference._state_circuit

    def circuit(workload, inputs, weights):
        values, backward = exact(workload, inputs, weights)
        ones = draw.binomial(workload.shots, np.clip((1 + values) / 2, 0, 1))
        return 2 * ones / workload.shots - 1, backward

    return circuit
