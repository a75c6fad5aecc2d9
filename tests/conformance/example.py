"""A small QNode for a class of PennyLane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pennylane as qml

Body = Callable[[Any], Any]


def probabilities(wires: int) -> Any:
    return qml.probs(wires=range(wires))


@dataclass(frozen=True)
class Example:
    """How a class is used.

    Attributes:
        kind: the class.
        body: queues the operation, given `x`, the products of inputs and weights.
        wires: of the circuit, 0 to `wires` - 1.
        angles: length of `x`.
        prepares: the operation stands first, on wires in their first state.
        device: its name.
        spread: queues rotations that leave no amplitude zero, and mixes phases into
            probabilities; None for none.
        returned: the measurements, given `x` and the number of wires; what the body returns
            if it is None.
        gradient: "qnode" to compare with the QNode's own, "differences" where that is wrong
            or none though the results depend smoothly on `x`, "" for results without one.
        scale: of the weights; probabilities want small ones.
        options: of the QNode.
        shots: of the QNode.
        tolerance: of values in double precision.
        note: a remark for the table.
        graph: decomposed by PennyLane's graph of rules, which a user switches on.
        largest: number of wires of the device, if its circuit has more than is measured.
    """

    kind: type
    body: Body
    wires: int = 2
    angles: int = 1
    prepares: bool = False
    device: str = "default.qubit"
    spread: Callable[[Any, int, float], Any] | None = None
    returned: Callable[[int], Any] | None = probabilities
    gradient: str = "qnode"
    scale: float = 1.0
    options: Mapping[str, Any] = field(default_factory=dict)
    largest: int | None = None
    shots: int | None = None
    tolerance: float = 1e-9
    note: str = ""
    graph: bool = False

    def qnode(self) -> Any:
        """The QNode, of `inputs` and `weights` of shape (angles,)."""

        def function(inputs: Any, weights: Any) -> Any:
            x = inputs * weights
            if self.spread and not self.prepares:
                self.spread(x, self.wires, 0.4)
            result = self.body(x)
            if self.spread:
                self.spread(x, self.wires, 0.9)
            return result if self.returned is None else self.returned(self.wires)

        function.__name__ = self.kind.__name__
        device = qml.device(self.device, wires=self.largest or self.wires)
        qnode = qml.QNode(function, device, **self.options)
        return qml.set_shots(qnode, self.shots) if self.shots else qnode

    def values(self, batch: int = 2) -> tuple[np.ndarray, np.ndarray]:
        """Inputs of a batch and weights."""
        generator = np.random.default_rng(7)
        inputs = generator.uniform(0.3, 1.0, (batch, self.angles))
        return inputs, generator.uniform(0.4, 0.9, self.angles) * self.scale


def rotations(x: Any, wires: int, start: float) -> None:
    """On qubits: the angle of one depends on x."""
    for wire in range(wires):
        qml.RY(start + 0.3 * wire, wires=wire)
        qml.RX(start * 0.7 + 0.2 * wire + (x[0] if wire == 0 else 0.0), wires=wire)


def qubit(kind: type, body: Body, wires: int = 2, angles: int = 1, **changes: Any) -> Example:
    """An operation on qubits, between rotations."""
    return Example(kind, body, wires, angles, **{"spread": rotations, **changes})


def preparing(kind: type, body: Body, wires: int = 2, angles: int = 1, **changes: Any) -> Example:
    """An operation on qubits that stands first."""
    return qubit(kind, body, wires, angles, prepares=True, **changes)


def named(names: str, wires: int, angles: int = 0) -> list[Example]:
    """Gates of the same signature: angles, then wires."""

    def body(kind: Any) -> Body:
        return lambda x: kind(*(x[i] for i in range(angles)), wires=range(wires))

    return [
        qubit(getattr(qml, name), body(getattr(qml, name)), max(wires, 2), max(angles, 1))
        for name in names.split()
    ]


def by_class(examples: Sequence[Example]) -> dict[type, Example]:
    found = {example.kind: example for example in examples}
    assert len(found) == len(examples)
    return found
