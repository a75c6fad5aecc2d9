"""Where a layer's program comes from: a QNode, captured or run by PennyLane, or a circuit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from qeras.capture.errors import CaptureError
from qeras.capture.signature import check_signature, name_of, shots_of
from qeras.circuit.circuit import Circuit
from qeras.gradients.methods import check_method
from qeras.host.reasons import ROADS, Reason, reason_for_host
from qeras.pipeline import Program

if TYPE_CHECKING:
    from qeras.host.program import HostProgram


class QNodeSource:
    """A QNode, captured anew for each number of features, or run by PennyLane."""

    def __init__(
        self,
        qnode: Any,
        weight_shapes: Mapping[str, tuple[int, ...]],
        input_arg: str,
        road: str = "auto",
    ):
        if not all(hasattr(qnode, part) for part in ("func", "device", "diff_method")):
            raise TypeError(
                "Expected a PennyLane QNode, a function decorated by @qml.qnode(device). "
                f"Received: qnode={qnode!r}"
            )
        check_signature(qnode, weight_shapes, input_arg)
        self.qnode = qnode
        self.weight_shapes = weight_shapes
        self.input_arg = input_arg
        self.road = road
        self.reason = self._known_reason()

    @property
    def name(self) -> str:
        return name_of(self.qnode)

    @property
    def device(self) -> str:
        return self.qnode.device.name

    @property
    def diff_method(self) -> Any:
        return self.qnode.diff_method

    @property
    def shots(self) -> tuple[int, ...]:
        """Numbers of shots; none for exact results."""
        return shots_of(self.qnode)

    def program(self, features: int) -> Program | HostProgram:
        """What runs inputs of `features` features; runs the QNode's function.

        Raises:
            CaptureError: if neither road takes the QNode, or not the one that was asked for.
        """
        if self.reason is not None:
            return self._hosted(features, self.reason)
        from qeras.capture import capture  # imports PennyLane

        try:
            circuit = capture(self.qnode, self.weight_shapes, features, self.input_arg)
        except CaptureError as error:
            if self.road == "native":
                raise
            program = self._hosted_instead(features, error)
        else:
            return Program(circuit)
        self.reason = program.reason
        return program

    def _known_reason(self) -> Reason | None:
        """Why PennyLane must run the QNode, as far as is known before its function runs.

        Raises:
            ValueError: for an unknown road, or if the engine was asked for.
        """
        if self.road not in ROADS:
            raise ValueError(f"Expected road to be one of {ROADS}. Received: road={self.road!r}")
        reason = reason_for_host(self.qnode)
        if self.road == "native" and reason is not None:
            raise ValueError(
                f"Expected a QNode that the engine runs, as road='native' says. Received: "
                f"{self.name!r}; {reason.why}. To stay with the engine, {reason.instead}."
            )
        if self.road == "host":
            return reason or Reason("road='host' asks for it", "leave out road='host'")
        return reason

    def _hosted(self, features: int, reason: Reason) -> HostProgram:
        from qeras.host import HostProgram  # imports PennyLane

        return HostProgram(self.qnode, self.weight_shapes, features, self.input_arg, reason)

    def _hosted_instead(self, features: int, error: CaptureError) -> HostProgram:
        """By PennyLane, where the circuit cannot be captured.

        Raises:
            CaptureError: the given one, if PennyLane cannot run the QNode either.
        """
        why = Reason(f"its circuit cannot be captured ({error})", "write what that message says")
        try:
            return self._hosted(features, why)
        except Exception:
            raise error from error.__cause__


class CircuitSource:
    """A circuit. Its QNode is made when somebody asks for it, to draw or inspect."""

    device = "default.qubit"
    road = "auto"
    reason = None

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

    def program(self, features: int) -> Program:
        """What runs the circuit; the layer has checked that its inputs have that many features."""
        return Program(self._circuit)


Source = QNodeSource | CircuitSource
