"""Questions about values that PennyLane asks itself, and whose answer changes no result."""

from __future__ import annotations

import sys
from types import CodeType, FrameType

import pennylane as qml

# `qml.dot` leaves out factors that are 1.
_DOT = "pennylane.ops.functions.dot"
# autoray and `qml.math` lie between PennyLane's code and ours.
_DEPTH = 8


def asked_to_simplify() -> bool:
    """Whether `qml.dot` asks if a coefficient is 1, in order to leave it out."""
    return sys._getframe(2).f_globals.get("__name__") == _DOT


def asked_for_probability() -> bool:
    """Whether a `qml.PauliError` is being made, which asks if its probability is one."""
    return sys._getframe(2).f_code is qml.PauliError.__init__.__code__


def asked_for_bits() -> bool:
    """Whether a `qml.BasisState` is being made, which asks if its bits are 0 or 1. The
    circuit checks that itself (`state_preparation`)."""
    code: CodeType = qml.BasisState.__init__.__code__
    frame: FrameType | None = sys._getframe(1)
    for _ in range(_DEPTH):
        if frame is None or frame.f_code is code:
            break
        frame = frame.f_back
    return frame is not None and frame.f_code is code
