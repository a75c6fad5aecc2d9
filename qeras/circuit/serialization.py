"""Circuits as JSON: what a `.keras` file holds.

Expressions are a list of nodes in which arguments come before the calls that use them;
everything else refers to nodes by position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qeras.circuit.circuit import (
    MEASUREMENT_KINDS,
    Circuit,
    HermitianTerm,
    Measurement,
    Operation,
    PauliTerm,
    Term,
)
from qeras.circuit.expressions import (
    Call,
    Constant,
    Expression,
    Reference,
    call,
    constant,
    reference,
    topological,
)
from qeras.circuit.gates import validate

FORMAT = 1


def to_json(circuit: Circuit) -> dict[str, Any]:
    """The circuit as a dictionary of JSON types."""
    nodes = list(topological(circuit.expressions()))
    place = {node: index for index, node in enumerate(nodes)}
    return {
        "format": FORMAT,
        "name": circuit.name,
        "wires": list(circuit.wires),
        "features": circuit.features,
        "input_name": circuit.input_name,
        "weight_shapes": {name: list(shape) for name, shape in circuit.weight_shapes.items()},
        "expressions": [_node(node, place) for node in nodes],
        "operations": [_operation(operation, place) for operation in circuit.operations],
        "measurements": [_measurement(item, place) for item in circuit.measurements],
        "keys": list(circuit.keys),
        "single": circuit.single,
    }


def from_json(data: Mapping[str, Any]) -> Circuit:
    """The circuit of a dictionary that `to_json` made.

    Raises:
        ValueError: for another format, an unknown gate, function or measurement, or a
            reference to a weight that the circuit does not have.
    """
    if data.get("format") != FORMAT:
        raise ValueError(
            f"Expected a circuit in format {FORMAT}. Received: format={data.get('format')!r}; "
            "a file of a newer version needs a newer qeras."
        )
    shapes = {name: tuple(shape) for name, shape in data["weight_shapes"].items()}
    nodes: list[Expression] = []
    for row in data["expressions"]:
        nodes.append(_expression(row, nodes, {*shapes, data["input_name"]}))
    return Circuit(
        name=data["name"],
        wires=tuple(data["wires"]),
        features=data["features"],
        input_name=data["input_name"],
        weight_shapes=shapes,
        operations=tuple(_read_operation(row, nodes) for row in data["operations"]),
        measurements=tuple(_read_measurement(row, nodes) for row in data["measurements"]),
        keys=tuple(data["keys"]),
        single=data["single"],
    )


def _node(node: Expression, place: Mapping[Expression, int]) -> list[Any]:
    if isinstance(node, Constant):
        return ["constant", node.value]
    if isinstance(node, Reference):
        return ["reference", node.source, node.index]
    assert isinstance(node, Call)
    return ["call", node.function, *(place[argument] for argument in node.arguments)]


def _expression(row: Sequence[Any], nodes: Sequence[Expression], names: set[str]) -> Expression:
    kind, *rest = row
    if kind == "constant":
        return constant(rest[0])
    if kind == "call":
        return call(rest[0], *(nodes[index] for index in rest[1:]))
    if rest[0] not in names:
        raise ValueError(
            f"Expected references to {sorted(names)}. Received: reference to {rest[0]!r}"
        )
    return reference(*rest)


def _operation(operation: Operation, place: Mapping[Expression, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"gate": operation.gate, "wires": list(operation.wires)}
    if operation.parameters:
        row["parameters"] = [place[parameter] for parameter in operation.parameters]
    if operation.controls:
        row["controls"] = list(operation.controls)
        row["control_values"] = list(operation.control_values)
    if operation.pauli_word:
        row["pauli_word"] = operation.pauli_word
    return row


def _read_operation(row: Mapping[str, Any], nodes: Sequence[Expression]) -> Operation:
    operation = Operation(
        row["gate"],
        tuple(row["wires"]),
        tuple(nodes[index] for index in row.get("parameters", ())),
        tuple(row.get("controls", ())),
        tuple(row.get("control_values", ())),
        row.get("pauli_word", ""),
    )
    validate(operation)
    return operation


def _measurement(item: Measurement, place: Mapping[Expression, int]) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "wires": list(item.wires),
        "other_wires": list(item.other_wires),
        "observable": [_term(term, place) for term in item.observable],
        "basis": _matrix(item.basis),
        "log_base": item.log_base,
    }


def _read_measurement(row: Mapping[str, Any], nodes: Sequence[Expression]) -> Measurement:
    if row["kind"] not in MEASUREMENT_KINDS:
        raise ValueError(
            f"Expected a measurement out of {MEASUREMENT_KINDS}. Received: kind={row['kind']!r}"
        )
    return Measurement(
        row["kind"],
        tuple(row["wires"]),
        tuple(row["other_wires"]),
        tuple(_read_term(term, nodes) for term in row["observable"]),
        _read_matrix(row["basis"]),
        row["log_base"],
    )


def _term(term: Term, place: Mapping[Expression, int]) -> dict[str, Any]:
    if isinstance(term, PauliTerm):
        factors = [[wire, letter] for wire, letter in term.factors]
        return {"coefficient": place[term.coefficient], "factors": factors}
    return {
        "coefficient": place[term.coefficient],
        "wires": list(term.wires),
        "matrix": _matrix(term.matrix),
    }


def _read_term(row: Mapping[str, Any], nodes: Sequence[Expression]) -> Term:
    coefficient = nodes[row["coefficient"]]
    if "factors" in row:
        return PauliTerm(coefficient, tuple((wire, letter) for wire, letter in row["factors"]))
    return HermitianTerm(coefficient, tuple(row["wires"]), _read_matrix(row["matrix"]))


def _matrix(matrix: Sequence[Sequence[complex]]) -> list[list[list[float]]]:
    """Rows of [real, imaginary] pairs."""
    return [[[complex(z).real, complex(z).imag] for z in row] for row in matrix]


def _read_matrix(rows: Sequence[Any]) -> tuple[tuple[complex, ...], ...]:
    return tuple(tuple(complex(*pair) for pair in row) for row in rows)
