"""Circuits written for PennyLane's broadcasting, where `inputs[:, 0]` is the first feature
of every sample of a batch.

They are captured with a batch of probe samples. Each sample's circuit must be the first
one's with its own inputs, which tells a batch axis from any other axis of that length.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count

from qeras.capture.errors import CaptureError
from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import (
    Call,
    Expression,
    Reference,
    call,
    reference,
    topological,
)


def probe_rows(features: int, weight_shapes: Mapping[str, tuple[int, ...]], wires: int) -> int:
    """A number of probe samples that is no other length in the circuit."""
    lengths = {features, wires, *(length for shape in weight_shapes.values() for length in shape)}
    return next(rows for rows in count(3, 2) if rows not in lengths and _is_prime(rows))


def _is_prime(number: int) -> bool:
    return all(number % factor for factor in range(2, number))


def merged(circuits: Sequence[Circuit]) -> Circuit:
    """The circuit of one sample, from those of each probe sample; sample r's inputs are
    the references `r * features` and following.

    Raises:
        CaptureError: if the circuits differ in more than that.
    """
    first = circuits[0]
    if len(circuits) == 1 and first.input_name in first.sources():
        raise _not_a_batch(first)
    for row, circuit in enumerate(circuits):
        if _moved_to_first_row(circuit, row) != (first.operations, first.measurements):
            raise _not_a_batch(first)
    return first


def _not_a_batch(circuit: Circuit) -> CaptureError:
    name = circuit.input_name
    return CaptureError(
        f"Expected {circuit.name!r} to use its inputs for one sample, `{name}[0]` being the first "
        f"feature, or with one batch axis in front for all samples alike, `{name}[:, 0]` being "
        f"the first feature of all. Received: a circuit where samples are mixed or singled out. "
        f"Write `{name}[0]`, or `{name}[..., 0]`, for the first feature."
    )


def _moved_to_first_row(
    circuit: Circuit, row: int
) -> tuple[tuple[Operation, ...], tuple[Measurement, ...]]:
    """Operations and measurements where sample `row`'s inputs are the first sample's."""
    known = _moved(circuit, row)
    operations = tuple(
        replace(item, parameters=tuple(known[one] for one in item.parameters))
        for item in circuit.operations
    )
    measurements = tuple(
        replace(
            item,
            observable=tuple(
                replace(term, coefficient=known[term.coefficient]) for term in item.observable
            ),
        )
        for item in circuit.measurements
    )
    return operations, measurements


def _moved(circuit: Circuit, row: int) -> dict[Expression, Expression]:
    name, start = circuit.input_name, row * circuit.features
    moved: dict[Expression, Expression] = {}
    for node in topological(circuit.expressions()):
        if isinstance(node, Reference) and node.source == name:
            if not 0 <= node.index - start < circuit.features:
                raise _not_a_batch(circuit)
            moved[node] = reference(name, node.index - start)
        elif isinstance(node, Call):
            moved[node] = call(node.function, *(moved[item] for item in node.arguments))
        else:
            moved[node] = node
    return moved
