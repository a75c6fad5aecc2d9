"""Which gradient a QNode's `diff_method` asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras import ops

from qeras.backend.registration import differentiable

# All of them are the exact gradient of a simulator's result, here by the adjoint pass.
EXACT = ("best", "backprop", "adjoint", "device")
# With shots: from shots of its own.
SHIFTED = ("best", "parameter-shift")

NO_METHOD = (
    "Expected a QNode with a gradient where one is asked for. Received: diff_method=None; "
    "write @qml.qnode(device, diff_method='best'), or freeze the layer and what is before it."
)


def check_method(diff_method: Any, shots: bool = False) -> None:
    """Accept what the engine does as it is named, and None.

    Raises:
        ValueError: for a method that would be silently another one.
    """
    if diff_method is None or diff_method in (SHIFTED if shots else EXACT):
        return
    if shots:
        raise ValueError(
            f"Expected a QNode with shots whose diff_method is one of {SHIFTED} or None. "
            f"Received: diff_method={diff_method!r}, which the engine does not run with shots; "
            "diff_method='best' is parameter-shift."
        )
    raise ValueError(
        f"Expected a QNode whose diff_method is one of {EXACT} or None. "
        f"Received: diff_method={diff_method!r}, which the engine does not run; without shots "
        "diff_method='best' gives the same gradient exactly."
    )


def refuse_gradient(results: Sequence[Any]) -> list[Any]:
    """The results, whose gradient is an error: of a QNode with diff_method=None."""
    return refused(results, NO_METHOD)


def refused(results: Sequence[Any], message: str) -> list[Any]:
    """The results, whose gradient is a ValueError with the message."""

    def refuse(tensors: Any, residuals: Any, cotangents: Any) -> list[Any]:
        raise ValueError(message)

    return differentiable(_same, refuse, twice=False)(results)


def with_zero_gradients(results: Sequence[Any], unused: Sequence[Any]) -> list[Any]:
    """The results, as functions of tensors that have no effect on them.

    Some backends give no gradient for what is not connected, and Keras warns of it; here
    it is zero, as in PennyLane. The sum of no entries keeps a nan out of the results."""
    first, *others = results
    for tensor in unused:
        nothing = ops.sum(ops.reshape(tensor, (-1,))[:0])
        first = first + ops.cast(nothing, first.dtype)
    return [first, *others]


def _same(tensors: Sequence[Any]) -> tuple[list[Any], Any]:
    return list(tensors), ()
