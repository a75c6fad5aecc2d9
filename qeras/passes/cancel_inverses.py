"""Pass: neighbouring gates that undo each other are dropped."""

from __future__ import annotations

from dataclasses import replace

from qeras.circuit.circuit import Circuit, Operation
from qeras.passes.neighbours import reduce_neighbours

SELF_INVERSE = ("Identity", "PauliX", "PauliY", "PauliZ", "Hadamard", "SWAP", "ECR")


def cancel_inverses(circuit: Circuit) -> Circuit:
    """The circuit without identities and without neighbouring pairs of one self-inverse gate."""
    kept = [operation for operation in circuit.operations if operation.gate != "Identity"]
    return replace(circuit, operations=tuple(reduce_neighbours(kept, _cancelled)))


def _cancelled(first: Operation, second: Operation) -> list[Operation] | None:
    return [] if first == second and first.gate in SELF_INVERSE else None
