"""The training step that a user of JAX writes by hand: `jax.jit` around gradient and update."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks.clock import Clock
from benchmarks.workloads import Data, Parameters, Workload


class JaxTraining:
    """Trains `quantum(inputs (batch, features), weights) -> (batch, values)` between Denses.

    Steps are not waited for one by one; a round ends when its last update is there."""

    def __init__(self, workload: Workload, quantum: Callable[[Any, Any], Any]):
        self._optimizer = optax.sgd(workload.learning_rate)
        self._parameters = Parameters(*map(jnp.asarray, workload.parameters()))
        self._state = self._optimizer.init(self._parameters)
        self._quantum = quantum
        self._moons = workload.moons
        self._step = jax.jit(self._gradient_step)
        self._evaluate = jax.jit(self._loss)

    def run(self, data: Data, clock: Clock) -> None:
        while not clock.done:
            clock.start()
            clock.stop(self._round(data))

    def _round(self, data: Data) -> float:
        losses = []
        for x, y in data.batches():
            self._parameters, self._state, loss = self._step(self._parameters, self._state, x, y)
            losses.append(loss)
        validation = [self._evaluate(self._parameters, x, y) for x, y in data.validation_batches()]
        jax.block_until_ready((self._parameters, validation))
        return sum(map(float, losses)) / len(losses)

    def _gradient_step(self, parameters: Parameters, state: Any, x: Any, y: Any) -> Any:
        loss, gradient = jax.value_and_grad(self._loss)(parameters, x, y)
        updates, state = self._optimizer.update(gradient, state)
        return optax.apply_updates(parameters, updates), state, loss

    def _loss(self, parameters: Parameters, x: Any, y: Any) -> Any:
        hidden = self._quantum(x @ parameters.kernel_in + parameters.bias_in, parameters.weights)
        outputs = hidden @ parameters.kernel_out + parameters.bias_out
        if self._moons:
            return jnp.mean(jnp.abs(jax.nn.softmax(outputs) - y))
        return jnp.mean((outputs - y) ** 2)


def start() -> None:
    jax.block_until_ready(jnp.zeros(1))
