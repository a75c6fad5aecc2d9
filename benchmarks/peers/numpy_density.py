"""The reference's circuits with noise: density matrices (batch, 2, ..., 2, 2**qubits).

Gradients come by walking back with what is measured, in the Heisenberg picture: for a rotation
exp(-iθP/2) the density matrix R after it and the observable A there give dE/dθ = Im tr(A P R).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.peers.numpy_gates import angle_of, applied, observables, pauli
from benchmarks.workloads import DEPOLARIZING, Array, Gate, Workload


def density_circuit(
    workload: Workload, inputs: Array, weights: Array
) -> tuple[Array, Callable[[Array], tuple[Array, Array]]]:
    """Results (batch, values), and the function from their gradient to that of both arguments."""
    count, size = len(inputs), 2**workload.qubits
    shape = (count, *[2] * workload.qubits, size)
    density = np.zeros(shape, complex)
    density.reshape(count, -1)[:, 0] = 1
    gates, kept = workload.gates(), []
    for gate in gates:
        density = _step(workload, gate, density, _angle(gate, inputs, weights))
        kept.append(density)
    diagonals = observables(workload)

    def backward(slopes: Array) -> tuple[Array, Array]:
        measured = ((slopes @ diagonals)[:, :, None] * np.eye(size, dtype=complex)).reshape(shape)
        d_inputs, d_weights = np.zeros(inputs.shape), np.zeros(weights.shape)
        for gate, after in zip(reversed(gates), reversed(kept), strict=True):
            if gate.angle is not None:
                source, index = gate.angle
                # tr(A B) with A = A†, entry by entry
                slope = (measured.conj() * pauli(gate, after)).imag.reshape(count, -1).sum(1)
                if source == "inputs":
                    d_inputs[:, index[0]] += slope
                else:
                    d_weights[index] += slope.sum()
            measured = _step(workload, gate, measured, -_angle(gate, inputs, weights))
        return d_inputs, d_weights

    populations = np.einsum("bkk->bk", density.reshape(count, size, size)).real
    return populations @ diagonals.T, backward


def _angle(gate: Gate, inputs: Array, weights: Array) -> Array:
    return angle_of(gate, inputs, weights, inputs.shape[1] + 1)


def _step(workload: Workload, gate: Gate, density: Array, angle: Array) -> Array:
    """U R U† or the channel, which is its own adjoint."""
    if gate.name != DEPOLARIZING:
        return _on_columns(gate, applied(gate, density, angle), angle)
    errors = np.zeros_like(density)
    for name in ("RX", "RY", "RZ"):
        letter = Gate(name, gate.wires)
        errors += _dagger(pauli(letter, _dagger(pauli(letter, density))))
    return (1 - workload.noise) * density + workload.noise / 3 * errors


def _on_columns(gate: Gate, density: Array, angle: Array) -> Array:
    return _dagger(applied(gate, _dagger(density), angle))


def _dagger(density: Array) -> Array:
    size = density.shape[-1]
    matrices = density.reshape(-1, size, size)
    return matrices.conj().swapaxes(1, 2).reshape(density.shape)
