"""Pass: neighbouring rotations of one kind on the same wires become one."""

from __future__ import annotations

from dataclasses import replace

from qeras.circuit.circuit import Circuit, Operation
from qeras.circuit.expressions import ZERO, call
from qeras.circuit.gates import is_rotation
from qeras.passes.neighbours import reduce_neighbours


def merge_rotations(circuit: Circuit) -> Circuit:
    """The circuit with angles of neighbouring equal rotations added, zero ones dropped."""
    kept = [operation for operation in circuit.operations if not _is_zero(operation)]
    return replace(circuit, operations=tuple(reduce_neighbours(kept, _merged)))


def _merged(first: Operation, second: Operation) -> list[Operation] | None:
    if not is_rotation(first) or replace(first, parameters=()) != replace(second, parameters=()):
        return None
    total = replace(first, parameters=(call("add", first.parameters[0], second.parameters[0]),))
    return [] if _is_zero(total) else [total]


def _is_zero(operation: Operation) -> bool:
    return is_rotation(operation) and operation.parameters == (ZERO,)
