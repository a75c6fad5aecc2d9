"""Keras's own floor: the same model with a `Dense` in the quantum layer's place."""

from __future__ import annotations

import keras

from benchmarks.peers.keras_training import KerasTraining, keras_training
from benchmarks.workloads import Workload


def start() -> None:
    keras.ops.convert_to_numpy(keras.ops.zeros(1))


def training(workload: Workload) -> KerasTraining:
    layer = keras.layers.Dense(workload.quantum_outputs)
    return keras_training(workload, layer, keras, is_quantum=False)
