"""The workloads' circuits as a user of PennyLane writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pennylane as qml

from benchmarks.workloads import Workload, brick, bricks, ring


def qnode(workload: Workload, **options: Any) -> Any:
    """QNode (inputs, weights) on `default.qubit`, of noise on `default.mixed`."""
    wires = range(workload.qubits)
    body = _body(workload)

    def circuit(inputs: Any, weights: Any) -> Any:
        body(inputs, weights)
        if workload.measures == "probs":
            return qml.probs(wires=wires)
        return [qml.expval(qml.PauliZ(wire)) for wire in wires]

    device = "default.mixed" if workload.noise else "default.qubit"
    node = qml.QNode(circuit, qml.device(device, wires=workload.qubits, seed=1), **options)
    return qml.set_shots(node, workload.shots) if workload.shots else node


def differentiable_qnode(workload: Workload, interface: str) -> Any:
    """The QNode with the fastest gradient that PennyLane has for it.

    Parameter-shift takes one sample at a time, so a batch is taken apart first; then the
    shifts of an angle are a batch, which takes half the time of one circuit for each."""
    if not workload.shots:
        return qnode(workload, interface=interface, diff_method="backprop")
    node = qnode(
        workload,
        interface=interface,
        diff_method="parameter-shift",
        gradient_kwargs={"broadcast": True},
    )
    return qml.transforms.broadcast_expand(node)


def _body(workload: Workload) -> Callable[[Any, Any], None]:
    if workload.noise:
        return _noisy(workload)
    return _BODIES["reupload" if workload.reupload else workload.ansatz](workload)


def _noisy(workload: Workload) -> Callable[[Any, Any], None]:
    wires = range(workload.qubits)

    def body(inputs: Any, weights: Any) -> None:
        qml.AngleEmbedding(inputs, wires=wires)
        for layer in range(workload.layers):
            reach = layer % (workload.qubits - 1) + 1
            qml.StronglyEntanglingLayers(weights[layer : layer + 1], wires=wires, ranges=[reach])
            for wire in wires:
                qml.DepolarizingChannel(workload.noise, wires=wire)

    return body


def _strongly_entangling(workload: Workload) -> Callable[[Any, Any], None]:
    wires, entangler = range(workload.qubits), getattr(qml, workload.entangler)

    def body(inputs: Any, weights: Any) -> None:
        qml.AngleEmbedding(inputs, wires=wires)
        qml.StronglyEntanglingLayers(weights, wires=wires, imprimitive=entangler)

    return body


def _reupload(workload: Workload) -> Callable[[Any, Any], None]:
    wires = range(workload.qubits)

    def body(inputs: Any, weights: Any) -> None:
        for layer in range(workload.layers):
            qml.AngleEmbedding(inputs, wires=wires)
            qml.StronglyEntanglingLayers(weights[layer : layer + 1], wires=wires)

    return body


def _basic_entangler(workload: Workload) -> Callable[[Any, Any], None]:
    wires = range(workload.qubits)

    def body(inputs: Any, weights: Any) -> None:
        qml.AngleEmbedding(inputs, wires=wires)
        qml.BasicEntanglerLayers(weights, wires=wires)

    return body


def _ising(workload: Workload) -> Callable[[Any, Any], None]:
    wires = range(workload.qubits)

    def body(inputs: Any, weights: Any) -> None:
        qml.AngleEmbedding(inputs, wires=wires)
        for layer in range(workload.layers):
            for wire in wires:
                qml.RY(weights[layer, 0, wire], wires=wire)
            for pair in ring(workload.qubits):
                qml.IsingZZ(weights[layer, 1, pair[0]], wires=pair)

    return body


def _brick_wall(workload: Workload) -> Callable[[Any, Any], None]:
    wires = range(workload.qubits)

    def body(inputs: Any, weights: Any) -> None:
        qml.AngleEmbedding(inputs, wires=wires)
        for layer in range(workload.layers):
            for number, pair in enumerate(bricks(workload.qubits, layer)):
                for name, on, angle in brick(*pair):
                    own = () if angle is None else (weights[layer, number, angle],)
                    getattr(qml, name)(*own, wires=on)

    return body


_BODIES = {
    "strongly-entangling": _strongly_entangling,
    "basic-entangler": _basic_entangler,
    "ising": _ising,
    "brick-wall": _brick_wall,
    "reupload": _reupload,
}
