"""Pass: drop what no measurement can see.

Going back from the measurements, each wire is unseen, seen in the computational basis
only, or seen in full. A gate on unseen wires is outside the light cone; a diagonal gate
cannot be seen in the computational basis; nor can a controlled one whose target is
unseen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum

import numpy as np

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm, Wire
from qeras.circuit.gates import GATES


class Seen(IntEnum):
    """How much of a wire the rest of the circuit depends on."""

    NOT = 0
    BASIS = 1
    FULL = 2


def drop_unseen(circuit: Circuit) -> Circuit:
    """The circuit without operations that change no result."""
    seen = dict.fromkeys(circuit.wires, Seen.NOT)
    for measurement in circuit.measurements:
        for wire, level in _measured(measurement, circuit.wires):
            seen[wire] = max(seen[wire], level)
    phase_seen = any(item.kind == "state" for item in circuit.measurements)
    kept = []
    for operation in reversed(circuit.operations):
        if _matters(operation, seen, phase_seen):
            kept.append(operation)
            _spread(operation, seen)
    if len(kept) == len(circuit.operations):
        return circuit
    return replace(circuit, operations=tuple(reversed(kept)))


def _measured(item: Measurement, wires: tuple[Wire, ...]) -> Iterable[tuple[Wire, Seen]]:
    if item.observable:
        for term in item.observable:
            if isinstance(term, PauliTerm):
                for wire, letter in term.factors:
                    yield wire, Seen.BASIS if letter == "Z" else Seen.FULL
            else:
                matrix = np.array(term.matrix)
                diagonal = np.array_equal(matrix, np.diag(np.diag(matrix)))
                for wire in term.wires:
                    yield wire, Seen.BASIS if diagonal else Seen.FULL
    elif item.kind in ("probs", "sample", "counts"):
        for wire in item.wires:
            yield wire, Seen.FULL if item.basis else Seen.BASIS
    else:
        for wire in wires if item.kind == "state" else (*item.wires, *item.other_wires):
            yield wire, Seen.FULL


def _matters(operation: Operation, seen: dict[Wire, Seen], phase_seen: bool) -> bool:
    if operation.gate == "StatePrep" or not _is_unitary(operation):
        return True
    controls = max((seen[wire] for wire in operation.controls), default=Seen.NOT)
    targets = max((seen[wire] for wire in operation.wires), default=Seen.NOT)
    if not (operation.wires or operation.controls):
        return phase_seen
    if max(controls, targets) == Seen.NOT:
        return False
    if _is_diagonal(operation):
        return max(controls, targets) == Seen.FULL
    return targets > Seen.NOT or controls == Seen.FULL


def _spread(operation: Operation, seen: dict[Wire, Seen]) -> None:
    """What the wires before the operation show of themselves through it."""
    touched = (*operation.controls, *operation.wires)
    highest = max((seen[wire] for wire in touched), default=Seen.NOT)
    controls = max((seen[wire] for wire in operation.controls), default=Seen.NOT)
    if _is_diagonal(operation) or (_is_permutation(operation) and highest == Seen.BASIS):
        level = Seen.BASIS
        targets = level
    else:
        level = Seen.FULL if controls == Seen.FULL else Seen.BASIS
        targets = Seen.FULL
    for wire in operation.controls:
        seen[wire] = max(seen[wire], level)
    for wire in operation.wires:
        seen[wire] = max(seen[wire], targets)


_DIAGONAL = ("PauliZ", "S", "T", "Identity", "RZ", "PhaseShift", "GlobalPhase", "IsingZZ",
             "MultiRZ", "DiagonalQubitUnitary")  # fmt: skip


def _is_diagonal(operation: Operation) -> bool:
    if operation.gate == "PauliRot":
        return not set(operation.pauli_word) & set("XY")
    return operation.gate in _DIAGONAL


def _is_permutation(operation: Operation) -> bool:
    return operation.gate in ("PauliX", "SWAP")


def _is_unitary(operation: Operation) -> bool:
    """Whether it surely keeps the norm, or the trace: entries of matrices may be anything."""
    if is_channel(operation):
        return True
    return GATES[operation.gate].num_parameters is not None or operation.gate == "Evolution"
