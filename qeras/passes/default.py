"""The default passes, in order."""

from __future__ import annotations

from collections.abc import Callable

from qeras.circuit.circuit import Circuit
from qeras.passes.absorb_permutations import absorb_permutations
from qeras.passes.cancel_inverses import cancel_inverses
from qeras.passes.decompose import decompose
from qeras.passes.drop_idle_wires import drop_idle_wires
from qeras.passes.drop_unseen import drop_unseen
from qeras.passes.merge_rotations import merge_rotations

Pass = Callable[[Circuit], Circuit]

DEFAULT: tuple[Pass, ...] = (
    decompose,
    cancel_inverses,  # before merging, so that rotations around a cancelled pair become neighbours
    merge_rotations,
    drop_unseen,  # gates outside the light cone would hide permutations at the end
    absorb_permutations,
    drop_unseen,  # a diagonal gate before an absorbed permutation is at the end now
    drop_idle_wires,
)


def optimise(circuit: Circuit) -> Circuit:
    """The circuit after every pass of `DEFAULT`."""
    for rewrite in DEFAULT:
        circuit = rewrite(circuit)
    return circuit
