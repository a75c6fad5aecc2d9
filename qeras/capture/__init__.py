"""Capture: PennyLane QNodes become circuits, and circuits QNodes."""

from qeras.capture.autoray_backend import register
from qeras.capture.capturing import capture
from qeras.capture.errors import CaptureError
from qeras.capture.restore import restore
from qeras.capture.signature import check_signature

__all__ = ["CaptureError", "capture", "check_signature", "restore"]

register()
