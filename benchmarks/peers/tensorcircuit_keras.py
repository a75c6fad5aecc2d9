"""TensorCircuit-NG's own `KerasLayer`, in Keras 3 on TensorFlow."""

from __future__ import annotations

import keras
import tensorcircuit as tc
import tensorflow as tf

from benchmarks.peers.keras_training import KerasTraining, keras_training
from benchmarks.peers.tensorcircuit_circuits import sample_circuit
from benchmarks.workloads import Workload


def start() -> None:
    tc.set_backend("tensorflow")
    tf.zeros(1)


def training(workload: Workload) -> KerasTraining:
    layer = tc.KerasLayer(sample_circuit(workload, tc.backend), [workload.weight_shape])
    return keras_training(workload, layer, keras, build_on_data=True)
