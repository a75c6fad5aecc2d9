"""The warning that a layer takes the host road, and what is added to a device's errors."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any


class HostWarning(UserWarning):
    """A layer is run by PennyLane, which is slower than the engine."""


@contextmanager
def naming_the_circuit(name: str, device: str, tapes: Sequence[Any]) -> Iterator[None]:
    """An error comes up as itself, with a note that says which circuit failed.

    Args:
        name: of the user's function.
        device: its name.
        tapes: the batch that is run.
    """
    try:
        yield
    except Exception as error:
        add_note(error, f"It came up while {device!r} ran {_shown(error, tapes)} of {name!r}")
        raise


def add_note(error: Exception, note: str) -> None:
    """Say more about an error, of whatever type, on its way up."""
    error.add_note(note)
    with suppress(AttributeError):  # else Keras makes another error of it, without the note
        error._keras_call_info_injected = True  # type: ignore[attr-defined]


def _shown(error: Exception, tapes: Sequence[Any]) -> str:
    tape = _failed_tape(error, tapes)
    if tape is not None:
        return f"the circuit\n{tape.draw(decimals=4)}\n"
    if not tapes:
        return "no circuit"
    return f"a batch of {len(tapes)} circuits, the first of which is\n{tapes[0].draw(decimals=4)}\n"


def _failed_tape(error: Exception, tapes: Sequence[Any]) -> Any:
    """The tape that the innermost frame worked on; None where it was all of them at once."""
    kinds = tuple({type(tape) for tape in tapes})
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        held = [value for value in frame.f_locals.values() if isinstance(value, kinds)]
        found = held[0] if held else found
    return found
