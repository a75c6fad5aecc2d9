"""Gates on arrays of amplitudes, for the reference; the first axes are the batch and the wires."""

from __future__ import annotations

import numpy as np

from benchmarks.workloads import Array, Gate, Workload


def observables(workload: Workload) -> Array:
    """Diagonals (values, 2**qubits) of what is measured."""
    size = 2**workload.qubits
    if workload.measures == "probs":
        return np.eye(size)
    bits = np.arange(size) >> np.arange(workload.qubits)[::-1, None] & 1
    return 1.0 - 2 * bits


def angle_of(gate: Gate, inputs: Array, weights: Array, axes: int) -> Array:
    """One angle for each sample or for all, to multiply an array of `axes` after the batch's;
    0 without one."""
    if gate.angle is None:
        return np.zeros(())
    source, index = gate.angle
    if source == "weights":
        return weights[index]
    return inputs[:, index[0]].reshape(-1, *[1] * axes)


def applied(gate: Gate, state: Array, angle: Array) -> Array:
    if gate.angle is not None:
        return np.cos(angle / 2) * state - 1j * np.sin(angle / 2) * pauli(gate, state)
    control, target = gate.wires
    turned = np.flip(state, target + 1) if gate.name == "CNOT" else _signs(state, target) * state
    return np.where(_signs(state, control) < 0, turned, state)


def pauli(gate: Gate, state: Array) -> Array:
    """P of a rotation exp(-iθP/2), applied to an array (batch, 2, 2, ...)."""
    if gate.name in ("RZ", "IsingZZ"):
        for wire in gate.wires:
            state = _signs(state, wire) * state
        return state
    flipped = np.flip(state, gate.wires[0] + 1)
    return flipped if gate.name == "RX" else -1j * _signs(state, gate.wires[0]) * flipped


def _signs(state: Array, wire: int) -> Array:
    """1 where a wire is 0 and -1 where it is 1, with axes to multiply a state."""
    shape = [1] * state.ndim
    shape[wire + 1] = 2
    return np.array([1, -1]).reshape(shape)
