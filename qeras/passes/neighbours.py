"""Walk a circuit for pairs of operations with nothing between them on any of their wires."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qeras.circuit.circuit import Operation, Wire

Rule = Callable[[Operation, Operation], list[Operation] | None]


def reduce_neighbours(operations: Iterable[Operation], rule: Rule) -> list[Operation]:
    """Replace pairs by what `rule` gives, None to keep them, until none is left.

    Only pairs on the same set of wires are offered to the rule."""
    result: list[Operation | None] = []
    latest: dict[Wire, list[int]] = {}
    for operation in operations:
        _append(operation, result, latest, rule)
    return [operation for operation in result if operation is not None]


def _append(
    operation: Operation,
    result: list[Operation | None],
    latest: dict[Wire, list[int]],
    rule: Rule,
) -> None:
    touched = {*operation.wires, *operation.controls}
    before = {latest[wire][-1] if latest.get(wire) else None for wire in touched}
    index = before.pop() if len(before) == 1 else None
    if index is not None:
        earlier = result[index]
        assert earlier is not None
        same_wires = {*earlier.wires, *earlier.controls} == touched
        replaced = rule(earlier, operation) if same_wires else None
        if replaced is not None:
            result[index] = None
            for wire in touched:
                latest[wire].pop()
            for part in replaced:
                _append(part, result, latest, rule)
            return
    for wire in touched:
        latest.setdefault(wire, []).append(len(result))
    result.append(operation)
