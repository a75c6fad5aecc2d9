"""TensorCircuit-NG on JAX, mapped over the batch inside a jitted training step."""

from __future__ import annotations

import tensorcircuit as tc

from benchmarks.peers import jax_training
from benchmarks.peers.jax_training import JaxTraining
from benchmarks.peers.tensorcircuit_circuits import sample_circuit
from benchmarks.workloads import Workload


def start() -> None:
    tc.set_backend("jax")
    jax_training.start()


def training(workload: Workload) -> JaxTraining:
    circuit = sample_circuit(workload, tc.backend)
    return JaxTraining(workload, tc.backend.vmap(circuit, vectorized_argnums=0))
