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
    return _is_made(qml.BasisState)


def asked_for_norm() -> bool:
    """Whether a state is being prepared, which asks if its norm is 1. The circuit checks that
    itself (`state_preparation`)."""
    return _is_made(
        qml.MottonenStatePreparation, qml.MultiplexerStatePreparation, qml.Superposition
    )


def _is_made(*kinds: type) -> bool:
    """Whether an operator of one of these classes is being made."""
    codes: list[CodeType] = [kind.__init__.__code__ for kind in kinds]  # type: ignore[misc]
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_DEPTH):
        if frame is None or frame.f_code in codes:
            break
        frame = frame.f_back
    return frame is not None and frame.f_code in codes
