"""Capture: PennyLane QNodes become circuits, and circuits QNodes.

PennyLane is imported by the first use of `capture`, `restore` or `to_openqasm`: a layer that
comes from a file runs without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qeras.capture.errors import CaptureError
from qeras.capture.signature import check_signature

if TYPE_CHECKING:
    from qeras.capture.capturing import capture
    from qeras.capture.openqasm import to_openqasm
    from qeras.capture.restoring import restore

__all__ = ["CaptureError", "capture", "check_signature", "restore", "to_openqasm"]

_WITH_PENNYLANE = {
    "capture": "qeras.capture.capturing",
    "restore": "qeras.capture.restoring",
    "to_openqasm": "qeras.capture.openqasm",
}


def __getattr__(name: str) -> Any:
    if name not in _WITH_PENNYLANE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WITH_PENNYLANE[name]), name)
