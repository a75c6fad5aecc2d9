"""The workloads' circuits in TensorCircuit-NG, for one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorcircuit as tc

from benchmarks.workloads import Workload, require_exact

METHODS = {
    "RX": "rx",
    "RY": "ry",
    "RZ": "rz",
    "IsingZZ": "rzz",
    "CNOT": "cnot",
    "CZ": "cz",
}


def sample_circuit(workload: Workload, numbers: Any) -> Callable[[Any, Any], Any]:
    """Function (inputs (features,), weights) -> (values,); `numbers` is its backend.

    Values are read from one state: faster than the library's expectation, which contracts
    the circuit anew for every wire."""
    require_exact(workload, "TensorCircuit-NG")
    gates = workload.gates()

    def circuit(inputs: Any, weights: Any) -> Any:
        values = {"inputs": inputs, "weights": weights}
        state = tc.Circuit(workload.qubits)
        for gate in gates:
            angle = {} if gate.angle is None else {"theta": values[gate.angle[0]][gate.angle[1]]}
            getattr(state, METHODS[gate.name])(*gate.wires, **angle)
        probabilities = numbers.abs(state.state()) ** 2
        if workload.measures == "probs":
            return probabilities
        return _expectations(probabilities, workload.qubits, numbers)

    return circuit


def _expectations(probabilities: Any, qubits: int, numbers: Any) -> Any:
    tensor = numbers.reshape(probabilities, [2] * qubits)
    sign = np.array([1, -1], "float32")
    marginals = (
        numbers.sum(tensor, axis=tuple(axis for axis in range(qubits) if axis != wire))
        for wire in range(qubits)
    )
    return numbers.stack([numbers.sum(marginal * sign) for marginal in marginals])
