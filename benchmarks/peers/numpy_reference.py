"""The measure of everybody's losses: NumPy in double precision, gate by gate.

Gradients come by walking back through the circuit: for a rotation exp(-iθP/2) the state ψ
after it and the adjoint state λ = U†...O ψ give dE/dθ = Im<λ|P|ψ>. Shots are not drawn: the
losses are those that shots scatter around.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.clock import Clock
from benchmarks.peers.numpy_density import density_circuit
from benchmarks.peers.numpy_gates import angle_of, applied, observables, pauli
from benchmarks.workloads import Array, Data, Parameters, Workload

MOST_AMPLITUDES = 2**18  # in a batch; more takes minutes


def start() -> None:
    """NumPy needs no start."""


def training(workload: Workload) -> ReferenceTraining:
    if workload.batch * 2**workload.qubits > MOST_AMPLITUDES:
        raise NotImplementedError(f"the reference has no patience for {workload.name}")
    return ReferenceTraining(workload)


class ReferenceTraining:
    def __init__(self, workload: Workload):
        self._workload = workload
        self._parameters = Parameters(*(part.astype(float) for part in workload.parameters()))

    def run(self, data: Data, clock: Clock) -> None:
        while not clock.done:
            clock.start()
            losses = [self._step(x.astype(float), y.astype(float)) for x, y in data.batches()]
            clock.stop(float(np.mean(losses)))

    def _step(self, x: Array, y: Array) -> float:
        loss, gradients = loss_and_gradients(self._workload, self._parameters, x, y)
        rate = self._workload.learning_rate
        moved = (part - rate * step for part, step in zip(self._parameters, gradients, strict=True))
        self._parameters = Parameters(*moved)
        return loss


def loss_and_gradients(
    workload: Workload, parameters: Parameters, x: Array, y: Array
) -> tuple[float, Parameters]:
    """Loss of a batch (batch, features), and its gradient to every parameter."""
    angles = x @ parameters.kernel_in + parameters.bias_in
    quantum = density_circuit if workload.noise else _state_circuit
    hidden, backward = quantum(workload, angles, parameters.weights)
    outputs = hidden @ parameters.kernel_out + parameters.bias_out
    loss, d_outputs = (_softmax_mae if workload.moons else _mse)(outputs, y)
    d_angles, d_weights = backward(d_outputs @ parameters.kernel_out.T)
    return loss, Parameters(
        x.T @ d_angles, d_angles.sum(0), d_weights, hidden.T @ d_outputs, d_outputs.sum(0)
    )


def _mse(outputs: Array, y: Array) -> tuple[float, Array]:
    error = outputs - y
    return float(np.mean(error**2)), 2 * error / error.size


def _softmax_mae(outputs: Array, y: Array) -> tuple[float, Array]:
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    slope = np.sign(shares - y) / y.size
    centred = slope - (slope * shares).sum(axis=1, keepdims=True)
    return float(np.mean(np.abs(shares - y))), shares * centred


def _state_circuit(
    workload: Workload, inputs: Array, weights: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """Results (batch, values), and the function from their gradient to that of both arguments."""
    shape = (len(inputs), *[2] * workload.qubits)
    state = np.zeros(shape, complex)
    state.reshape(len(inputs), -1)[:, 0] = 1
    gates = workload.gates()
    for gate in gates:
        state = applied(gate, state, angle_of(gate, inputs, weights, inputs.shape[1]))
    diagonals = observables(workload)

    def backward(slopes: Array) -> tuple[Array, Array]:
        psi, adjoint = state, (slopes @ diagonals).reshape(shape) * state
        d_inputs, d_weights = np.zeros(inputs.shape), np.zeros(weights.shape)
        for gate in reversed(gates):
            if gate.angle is not None:
                source, index = gate.angle
                slope = (adjoint.conj() * pauli(gate, psi)).imag.reshape(len(inputs), -1).sum(1)
                if source == "inputs":
                    d_inputs[:, index[0]] += slope
                else:
                    d_weights[index] += slope.sum()
            turn = -angle_of(gate, inputs, weights, inputs.shape[1])
            psi, adjoint = applied(gate, psi, turn), applied(gate, adjoint, turn)
        return d_inputs, d_weights

    probabilities = (np.abs(state) ** 2).reshape(len(inputs), -1)
    return probabilities @ diagonals.T, backward
