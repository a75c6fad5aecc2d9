"""PennyLane's `TorchLayer` on `default.qubit`, in a training loop of torch."""

from __future__ import annotations

from typing import Any

import pennylane as qml
import torch

from benchmarks.clock import Clock
from benchmarks.peers.pennylane_circuits import differentiable_qnode
from benchmarks.workloads import Data, Workload


def start() -> None:
    torch.zeros(1)


def training(workload: Workload) -> TorchTraining:
    circuit = differentiable_qnode(workload, "torch")
    model = torch.nn.Sequential(
        torch.nn.Linear(workload.qubits, workload.qubits),
        qml.qnn.TorchLayer(circuit, {"weights": workload.weight_shape}),
        torch.nn.Linear(workload.quantum_outputs, workload.outputs),
        *([torch.nn.Softmax(dim=-1)] if workload.moons else []),
    )
    kernel_in, bias_in, weights, kernel_out, bias_out = workload.parameters()
    values = (kernel_in.T, bias_in, weights, kernel_out.T, bias_out)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(torch.from_numpy(value.copy()))
    return TorchTraining(model, workload)


class TorchTraining:
    def __init__(self, model: Any, workload: Workload):
        self._model = model
        self._optimizer = torch.optim.SGD(model.parameters(), workload.learning_rate)
        self._loss = torch.nn.L1Loss() if workload.moons else torch.nn.MSELoss()

    def run(self, data: Data, clock: Clock) -> None:
        while not clock.done:
            clock.start()
            clock.stop(self._round(data))

    def _round(self, data: Data) -> float:
        losses = [self._step(torch.from_numpy(x), torch.from_numpy(y)) for x, y in data.batches()]
        with torch.no_grad():
            for x, y in data.validation_batches():
                self._loss(self._model(torch.from_numpy(x)), torch.from_numpy(y))
        return float(torch.stack(losses).mean())

    def _step(self, x: Any, y: Any) -> Any:
        self._optimizer.zero_grad()
        loss = self._loss(self._model(x), y)
        loss.backward()
        self._optimizer.step()
        return loss.detach()
