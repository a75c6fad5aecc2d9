"""PennyLane's simulator inside a jitted training step; the batch goes in by broadcasting."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from benchmarks.peers.jax_training import JaxTraining, start
from benchmarks.peers.pennylane_circuits import differentiable_qnode
from benchmarks.workloads import Workload

__all__ = ["start", "training"]


def training(workload: Workload) -> JaxTraining:
    circuit = differentiable_qnode(workload, "jax")

    def quantum(inputs: Any, weights: Any) -> Any:
        results = circuit(inputs, weights)
        return results if workload.measures == "probs" else jnp.stack(results, axis=-1)

    return JaxTraining(workload, quantum)
