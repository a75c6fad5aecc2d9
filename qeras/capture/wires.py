"""Wire labels of PennyLane as the circuit's."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

from qeras.capture.errors import CaptureError
from qeras.circuit.circuit import Operation, Wire


def wire_label(label: Any) -> Wire:
    """An int or a str; NumPy's integers become ints.

    Raises:
        CaptureError: for another kind of label.
    """
    if isinstance(label, str):
        return str(label)
    if isinstance(label, Integral):
        return int(label)
    raise CaptureError(
        f"Expected wires labelled by integers or strings. "
        f"Received: wire {label!r} of type {type(label).__name__}"
    )


def wire_labels(labels: Iterable[Any]) -> tuple[Wire, ...]:
    """The labels of several wires."""
    return tuple(wire_label(label) for label in labels)


def ordered(touched: Iterable[Wire], measured: Iterable[Wire]) -> tuple[Wire, ...]:
    """All wires in the order in which `default.qubit` without wires numbers them: those of
    operations as they appear, then those only measured; but 0, 1, ... where both are so."""
    operated = list(dict.fromkeys(touched))
    only_measured = [wire for wire in dict.fromkeys(measured) if wire not in operated]
    count = len(operated)
    total = count + len(only_measured)
    if set(operated) == set(range(count)) and set(only_measured) == set(range(count, total)):
        return tuple(range(total))
    return (*operated, *only_measured)


def touched(operations: Iterable[Operation]) -> list[Wire]:
    """Wires of the operations, as they appear."""
    return [wire for operation in operations for wire in (*operation.controls, *operation.wires)]
