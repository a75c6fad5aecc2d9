"""Pass: composite gates become their parts, so that other passes see them."""

from __future__ import annotations

from dataclasses import replace

from qeras.circuit.circuit import Circuit
from qeras.circuit.gates import decomposed


def decompose(circuit: Circuit) -> Circuit:
    """The circuit with `Rot`, `U2` and `U3` as rotations about axes."""
    parts = (part for operation in circuit.operations for part in decomposed(operation))
    return replace(circuit, operations=tuple(parts))
