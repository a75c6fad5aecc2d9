"""What goes wrong on the host road, and the warning that a layer takes it."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any


class HostWarning(UserWarning):
    """A layer is run by PennyLane, which is slower than the engine."""


class HostError(RuntimeError):
    """The device, or PennyLane on the way to it, failed; the cause is its own error."""


def execution_failed(error: Exception, name: str, device: str, tapes: Sequence[Any]) -> HostError:
    """The error for tapes whose execution failed with `error`.

    Args:
        error: what came up; its frames may say which tape it was.
        name: of the user's function.
        device: its name.
        tapes: the batch that was to run.
    """
    tape = _failed_tape(error, tapes)
    if tape is None:
        shown = f"a batch of {len(tapes)} circuits, the first of which is\n{_drawn(tapes)}"
    else:
        shown = f"the circuit\n{tape.draw(decimals=4)}"
    return HostError(
        f"Expected the device {device!r} to run {name!r}. "
        f"Received: {type(error).__name__}: {error}, from {shown}"
    )


def _failed_tape(error: Exception, tapes: Sequence[Any]) -> Any:
    """The tape that the innermost frame worked on; None where it was all of them at once."""
    kinds = tuple({type(tape) for tape in tapes})
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        held = [value for value in frame.f_locals.values() if isinstance(value, kinds)]
        found = held[0] if held else found
    return found


def _drawn(tapes: Sequence[Any]) -> str:
    return tapes[0].draw(decimals=4) if tapes else "empty"
