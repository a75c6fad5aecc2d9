"""Native or host, and why: what a QNode says of itself, before its function runs.

What only the run of its function shows (an operation, a measurement, a branch on a
value) is a `CaptureError`, which becomes a `Reason` in `qeras.layers.sources`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qeras.capture.signature import DEVICES
from qeras.gradients.methods import EXACT, SHIFTED

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
    if device not in DEVICES:
        return Reason(
            f"its device is {device!r}",
            f"make the device one of {', '.join(DEVICES)}",
        )
    if method is None or method in (SHIFTED if qnode.shots else EXACT):
        return None
    if qnode.shots:
        return Reason(
            f"its diff_method with shots is {method_name(method)!r}",
            "write diff_method='best', which is parameter-shift with shots",
        )
    return Reason(
        f"its diff_method is {method_name(method)!r}",
        "write diff_method='best', whose gradient is exact",
    )


def method_name(method: Any) -> str | None:
    """A `diff_method` as text; it may also be a gradient transform of PennyLane."""
    if method is None or isinstance(method, str):
        return method
    return str(getattr(method, "__name__", None) or method)
