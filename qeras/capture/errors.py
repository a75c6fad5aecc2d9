"""What a QNode does that cannot be captured."""

from __future__ import annotations


class CaptureError(ValueError):
    """The QNode cannot be turned into a circuit; the message says what to write instead."""


class CaptureIndexError(CaptureError, IndexError):
    """An index that the inputs or a weight do not have."""


class TooManyIndicesError(CaptureIndexError):
    """More indices than axes, as for a circuit that is written for a batch."""


def value_is_read(how: str) -> CaptureError:
    """The error for a circuit that reads the value of an input or a weight by `how`."""
    return CaptureError(
        f"Expected a circuit whose gates are the same for every value of its inputs and weights. "
        f"Received: {how} of an input or a weight, which has no value while the circuit is "
        "captured. A branch on a value is written as `qml.math.where(condition, a, b)` or "
        "`keras.ops.where(condition, a, b)` in a gate's angle, other uses as arithmetic on the "
        "symbol itself."
    )
