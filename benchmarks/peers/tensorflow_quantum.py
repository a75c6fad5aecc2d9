"""TensorFlow Quantum: a `ControlledPQC` with its fastest gradient, in a layer made by hand.

The layer adds the trained weights to the symbols that the circuit takes for each sample.
"""

from __future__ import annotations

import math
from typing import Any

import cirq
import sympy
import tensorflow as tf
import tensorflow_quantum as tfq

from benchmarks.peers.keras_training import KerasTraining, keras_training
from benchmarks.workloads import Gate, Workload, require_exact

GATES: dict[str, Any] = {
    "RX": cirq.rx,
    "RY": cirq.ry,
    "RZ": cirq.rz,
    "IsingZZ": lambda angle: cirq.ZZPowGate(exponent=angle / math.pi, global_shift=-0.5),
    "CNOT": cirq.CNOT,
    "CZ": cirq.CZ,
}


def start() -> None:
    tf.zeros(1)


def training(workload: Workload) -> KerasTraining:
    require_exact(workload, "TensorFlow Quantum")
    if workload.measures == "probs":
        raise NotImplementedError("TensorFlow Quantum has no gradient of probabilities")
    return keras_training(workload, QuantumLayer(workload), tf.keras, build_on_data=True)


class QuantumLayer(tf.keras.layers.Layer):
    def __init__(self, workload: Workload):
        super().__init__()
        wires = cirq.GridQubit.rect(1, workload.qubits)
        circuit = cirq.Circuit(_operation(gate, wires) for gate in workload.gates())
        self._circuit = tfq.layers.ControlledPQC(
            circuit,
            [cirq.Z(wire) for wire in wires],
            differentiator=tfq.differentiators.Adjoint(),
        )
        self._empty = tfq.convert_to_tensor([cirq.Circuit()])
        self._weight_shape = workload.weight_shape

    def build(self, input_shape: Any) -> None:
        self._weights = self.add_weight(name="weights", shape=self._weight_shape)

    def call(self, inputs: Any) -> Any:
        batch = tf.shape(inputs)[0]
        weights = tf.repeat(tf.reshape(self._weights, (1, -1)), batch, axis=0)
        symbols = tf.concat([inputs, weights], axis=1)
        return self._circuit([tf.tile(self._empty, [batch]), symbols])


def _operation(gate: Gate, wires: list[Any]) -> Any:
    made = GATES[gate.name]
    if gate.angle is not None:
        source, index = gate.angle
        # The layer takes symbols in the order of their names: inputs, weights, row by row.
        digits = "_".join(f"{entry:03d}" for entry in index)
        made = made(sympy.Symbol(f"{source}_{digits}"))
    return made(*(wires[wire] for wire in gate.wires))
