"""Reading JSON strictly: each value is of its type, or an error that names its place."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Collection
from typing import Any

LARGEST = 2**53  # above it, JSON's integers differ from reader to reader

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


def unexpected(expected: str, received: Any) -> ValueError:
    """The error for a value; what was received is shown in short."""
    return ValueError(f"Expected {expected}. Received: {_short.repr(received)}.")


def integer(value: Any, where: str, low: int = 0, high: int = LARGEST) -> int:
    """A whole number from `low` to `high`."""
    if type(value) is not int or not low <= value <= high:
        raise unexpected(f"{where} to be a whole number from {low} to {high}", value)
    return value


def number(value: Any, where: str) -> float:
    """A finite number."""
    fits = type(value) is float or (type(value) is int and abs(value) <= LARGEST)
    if not fits or not math.isfinite(value):
        raise unexpected(f"{where} to be a finite number", value)
    return float(value)


def flag(value: Any, where: str) -> bool:
    """True or False."""
    if type(value) is not bool:
        raise unexpected(f"{where} to be true or false", value)
    return value


def text(value: Any, where: str) -> str:
    """A string."""
    if type(value) is not str:
        raise unexpected(f"{where} to be a string", value)
    return value


def items(value: Any, where: str) -> list[Any]:
    """A list."""
    if type(value) is not list:
        raise unexpected(f"{where} to be a list", value)
    return value


def table(
    value: Any, where: str, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, Any]:
    """An object that has all `required` keys and no others than `optional` ones."""
    if type(value) is not dict:
        raise unexpected(f"{where} to be an object with the keys {sorted(required)}", value)
    missing = [key for key in required if key not in value]
    if missing:
        raise unexpected(f"{where} to have the keys {missing}", list(value))
    unknown = [key for key in value if key not in required and key not in optional]
    if unknown:
        raise unexpected(
            f"{where} to have no other keys than {sorted({*required, *optional})}", unknown
        )
    return value
