"""Small QNodes that many tests use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pennylane as qml

from qeras import KerasLayer


def qnode_of(function: Callable[..., Any], wires: Any = 2, **options: Any) -> qml.QNode:
    return qml.QNode(function, qml.device("default.qubit", wires=wires), **options)


def rotation(**options: Any) -> qml.QNode:
    """One wire: <Z> is cos(inputs[0] + weights)."""

    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RX(inputs[0], wires=0)
        qml.RX(weights, wires=0)
        return qml.expval(qml.Z(0))

    return qnode_of(circuit, 1, **options)


def entangler(measure: Callable[[], Any] | None = None, wires: int = 2) -> qml.QNode:
    """Two features, weights (layers, wires); <Z> of two wires or what `measure` gives."""

    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(wires))
        return [qml.expval(qml.Z(i)) for i in range(2)] if measure is None else measure()

    return qnode_of(circuit, wires)


def strongly_entangled(layers: int, wires: int) -> KerasLayer:
    """Two features, a StronglyEntangling layer as often as asked, <Z> of the first wire."""

    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.StronglyEntanglingLayers(weights, wires=range(wires))
        return qml.expval(qml.Z(0))

    return KerasLayer(qnode_of(circuit, wires), {"weights": (layers, wires, 3)})


def rotation_layer(**options: Any) -> KerasLayer:
    return KerasLayer(rotation(), {"weights": 1}, **options)


def entangler_layer(measure: Callable[[], Any] | None = None, **options: Any) -> KerasLayer:
    return KerasLayer(entangler(measure), {"weights": (2, 2)}, **options)
