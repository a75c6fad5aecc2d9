"""The default order of passes."""

from __future__ import annotations

from collections.abc import Callable

from qeras.circuit.circuit import Circuit

Pass = Callable[[Circuit], Circuit]

DEFAULT: list[Pass] = []


def optimise(circuit: Circuit) -> Circuit:
    """The circuit after every pass of `DEFAULT`."""
    for rewrite in DEFAULT:
        circuit = rewrite(circuit)
    return circuit
