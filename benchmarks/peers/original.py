"""The layer that PennyLane had, `qml.qnn.KerasLayer`, on Keras 2."""

from __future__ import annotations

import pennylane as qml
import tensorflow as tf

from benchmarks.peers.keras_training import KerasTraining, keras_training
from benchmarks.peers.pennylane_circuits import qnode
from benchmarks.workloads import Workload, require_exact


def start() -> None:
    tf.zeros(1)
    tf.get_logger().setLevel("ERROR")  # it warns of a cast from complex in every step


def training(workload: Workload) -> KerasTraining:
    require_exact(workload, "the original layer")
    circuit = qnode(workload, interface="tf", diff_method="backprop")
    layer = qml.qnn.KerasLayer(
        circuit, {"weights": workload.weight_shape}, output_dim=workload.quantum_outputs
    )
    return keras_training(workload, layer, tf.keras, build_on_data=True)
