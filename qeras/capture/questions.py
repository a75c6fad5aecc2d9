"""Questions about values that PennyLane asks itself, and whose answer changes no result."""

from __future__ import annotations

import sys
from types import CodeType, FrameType

import pennylane as qml

# `qml.dot` leaves out factors that are 1.
_DOT = "pennylane.ops.functions.dot"
# autoray and `qml.math` lie between PennyLane's code and ours.
_DEPTH = 8


def answer() -> bool | None:
    """What PennyLane is told where it asks if a symbol is true; None where the circuit asks."""
    caller = sys._getframe(2)
    if caller.f_globals.get("__name__") == _DOT:  # if a factor is 1, to leave it out
        return False
    if caller.f_code is qml.PauliError.__init__.__code__:  # if the probability is one
        return True
    if caller.f_code is qml.FABLE.__init__.__code__:  # if an entry is beyond 1: arccos is nan
        return False
    if _is_made(qml.BlockEncode):  # if 0 is the larger norm, which then divides by nothing
        return True
    return None


def asked_for_bits() -> bool:
    """Whether a `qml.BasisState` is being made, which asks if its bits are 0 or 1. The
    circuit checks that itself (`state_preparation`)."""
    return _is_made(qml.BasisState)


def asked_for_norm() -> bool:
    """Whether a state is being prepared, which asks if its norm is 1. The circuit checks that
    itself (`state_preparation`)."""
    return _is_made(
        qml.MottonenStatePreparation,
        qml.MultiplexerStatePreparation,
        qml.QROMStatePreparation,
        qml.Superposition,
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
