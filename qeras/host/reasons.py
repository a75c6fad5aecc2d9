"""Native or host, and why: what a QNode says of itself, before its function runs.

What only the run of its function shows (an operation, a measurement, a branch on a
value) is a `CaptureError`, which becomes a `Reason` in `qeras.layers.sources`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qeras.gradients.methods import EXACT

NATIVE_DEVICES = ("default.qubit", "lightning.qubit", "reference.qubit")
ROADS = ("auto", "native", "host")


@dataclass(frozen=True)
class Reason:
    """Why PennyLane runs a QNode.

    Attributes:
        why: half a sentence.
        instead: what would let the engine run it.
    """

    why: str
    instead: str


def reason_for_host(qnode: Any) -> Reason | None:
    """Why PennyLane itself must run this QNode; None where the engine may."""
    device, method = qnode.device.name, qnode.diff_method
    if device not in NATIVE_DEVICES:
        return Reason(
            f"its device is {device!r}",
            f"make the device one of {', '.join(NATIVE_DEVICES)}",
        )
    if qnode.shots:
        return Reason(
            f"it has finite shots ({qnode.shots.total_shots})",
            "take the shots away by qml.set_shots(qnode, None)",
        )
    if method is not None and method not in EXACT:
        return Reason(
            f"its diff_method is {method_name(method)!r}",
            "write diff_method='best', whose gradient is exact",
        )
    return None


def method_name(method: Any) -> str | None:
    """A `diff_method` as text; it may also be a gradient transform of PennyLane."""
    if method is None or isinstance(method, str):
        return method
    return str(getattr(method, "__name__", None) or method)
