"""Where a layer's circuit comes from: a QNode that is captured, or a circuit itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from qeras.capture.signature import check_signature, name_of, shots_of
from qeras.circuit.circuit import Circuit
from qeras.gradients.methods import check_method


class QNodeSource:
    """A QNode, captured anew for each number of features."""

    def __init__(self, qnode: Any, weight_shapes: Mapping[str, tuple[int, ...]], input_arg: str):
        if not all(hasattr(qnode, part) for part in ("func", "device", "diff_method")):
            raise TypeError(
                "Expected a PennyLane QNode, a function decorated by @qml.qnode(device). "
                f"Received: qnode={qnode!r}"
            )
        check_signature(qnode, weight_shapes, input_arg)
        check_method(qnode.diff_method, bool(qnode.shots))
        self.qnode = qnode
        self.weight_shapes = weight_shapes
        self.input_arg = input_arg

    @property
    def name(self) -> str:
        return name_of(self.qnode)

    @property
    def device(self) -> str:
        return self.qnode.device.name

    @property
    def diff_method(self) -> str | None:
        return self.qnode.diff_method

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of shots; none for exact results."""
        return shots_of(self.qnode)

    def circuit(self, features: int) -> Circuit:
        """The circuit for inputs of `features` features; runs the QNode's function."""
        from qeras.capture import capture  # imports PennyLane

        return capture(self.qnode, self.weight_shapes, features, self.input_arg)


class CircuitSource:
    """A circuit. Its QNode is made when somebody asks for it, to draw or inspect."""

    device = "default.qubit"

    def __init__(self, circuit: Circuit, diff_method: str | None):
        check_method(diff_method, bool(circuit.shots))
        self._circuit = circuit
        self.diff_method = diff_method

    @property
    def name(self) -> str:
        return self._circuit.name

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of shots; none for exact results."""
        return self._circuit.shots

    @cached_property
    def qnode(self) -> Any:
        from qeras.capture import restore  # imports PennyLane

        return restore(self._circuit, self.diff_method)

    def circuit(self, features: int) -> Circuit:
        """The circuit; the layer has checked that its inputs have that many features."""
        return self._circuit


Source = QNodeSource | CircuitSource
