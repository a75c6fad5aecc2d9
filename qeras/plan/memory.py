"""Refuse circuits whose state does not fit in memory, before anything is allocated."""

from __future__ import annotations

import os

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import Circuit

# State and cotangent of one sample, and as much again for the results of a move.
COPIES = 4
BYTES_PER_AMPLITUDE = 8
UNKNOWN_MEMORY = 64 * 2**30  # assumed where the system does not say


def memory_needed(circuit: Circuit) -> int:
    """Bytes that training takes for each sample, as an estimate."""
    wires = len(circuit.wires)
    noisy = sum(map(is_channel, circuit.operations))
    # A channel cannot be undone, so the density matrix before each is kept.
    states = (COPIES + noisy) * 2**wires if noisy else COPIES
    return states * BYTES_PER_AMPLITUDE * 2**wires


def check_memory(circuit: Circuit) -> None:
    """Check that one sample's state fits in the machine's memory.

    Raises:
        ValueError: with the memory that the circuit takes.
    """
    wires, needed = len(circuit.wires), memory_needed(circuit)
    available = _physical_memory()
    if needed > available:
        raise ValueError(
            f"Expected a circuit whose state fits in memory. Received: {circuit.name!r} on "
            f"{wires} wires, whose training takes {needed / 2**30:,.0f} GiB for each sample, "
            f"on a machine with {available / 2**30:,.0f} GiB. Use fewer wires."
        )


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return UNKNOWN_MEMORY
