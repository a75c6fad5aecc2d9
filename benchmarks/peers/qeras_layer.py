"""Qeras, on the backend that KERAS_BACKEND names."""

from __future__ import annotations

import keras

from benchmarks.peers.keras_training import KerasTraining, keras_training
from benchmarks.peers.pennylane_circuits import qnode
from benchmarks.workloads import Workload
from qeras import KerasLayer


def start() -> None:
    keras.ops.convert_to_numpy(keras.ops.zeros(1))


def training(workload: Workload) -> KerasTraining:
    layer = KerasLayer(qnode(workload), {"weights": workload.weight_shape}, seed=1)
    return keras_training(workload, layer, keras)
