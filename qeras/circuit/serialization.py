"""Circuits as JSON documents, as `docs/circuit-format.md` describes them.

Reading is strict and only ever makes data: every name is looked up in a table, every
index and size is checked, and nothing is called, imported or executed by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from qeras.circuit.checks import check, checked_depth
from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Operation,
    PauliTerm,
    Term,
    Wire,
)
from qeras.circuit.encoding import decode, encode, shape_of
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
from qeras.circuit.fields import LARGEST, flag, integer, items, number, table, text, unexpected

FORMAT = "qeras-circuit"
VERSION = 1
# Shorter runs of constants read better as expressions.
SHORTEST_ARRAY = 4

_DAMAGED = (
    " The document is damaged or was not written by Qeras; write it again by Circuit.to_json "
    "or model.save."
)
_KEYS = ("name", "wires", "inputs", "weights", "expressions", "operations", "measurements")


def to_json(circuit: Circuit) -> str:
    """The circuit as the text of a JSON document.

    Raises:
        ValueError: if the circuit could not be read back: see `qeras.circuit.checks`.
    """
    check(circuit)
    return json.dumps(_document(circuit), allow_nan=False, separators=(",", ":"))


def from_json(document: str | bytes) -> Circuit:
    """The circuit of a document that `to_json` wrote.

    Raises:
        ValueError: for a document of another version, or that is not one; the message
            names the place, what was expected and what was received.
    """
    fields = _parsed(document)
    _check_version(fields)
    try:
        circuit = _circuit(fields)
        check(circuit)
    except ValueError as error:
        raise ValueError(f"{error}{_DAMAGED}") from None
    return circuit


# ------------------------------------------------------------------------- text


def _parsed(document: Any) -> dict[str, Any]:
    if not isinstance(document, str | bytes):
        raise ValueError(
            f"Expected a circuit's JSON text. Received: {type(document).__name__}.{_DAMAGED}"
        )
    try:
        fields = json.loads(
            document, object_pairs_hook=_without_repetition, parse_constant=_not_a_number
        )
    except RecursionError:
        problem = "a text nested too deep"
    except ValueError as error:
        problem = f"{len(document)} characters with an error: {error}"
    else:
        if isinstance(fields, dict):
            return fields
        problem = f"a {type(fields).__name__}"
    raise ValueError(f"Expected a JSON object that is a circuit. Received: {problem}.{_DAMAGED}")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key appears twice in {[key for key, _ in pairs][:8]}")
    return found


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is not a finite number")


def _check_version(fields: Mapping[str, Any]) -> None:
    if fields.get("format") != FORMAT:
        raise unexpected(f"a document with format={FORMAT!r}", fields.get("format"))
    version = fields.get("version")
    if type(version) is not int or version != VERSION:
        raise ValueError(
            f"Expected a circuit of version {VERSION}. Received: version={version!r}; a file of "
            "a newer version needs a newer qeras."
        )


# ------------------------------------------------------------------------- writing


def _document(circuit: Circuit) -> dict[str, Any]:
    # Constants that go into arrays are no expressions of their own.
    rows = [list(_parameters(operation)) for operation in circuit.operations]
    roots = [one for row in rows for part in row for one in part if len(part) == 1]
    roots += [
        term.coefficient for measurement in circuit.measurements for term in measurement.observable
    ]
    nodes = list(topological(roots))
    place = {node: index for index, node in enumerate(nodes)}
    keys = list(circuit.keys) or ("one" if circuit.single else "many")
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": circuit.name,
        "wires": list(circuit.wires),
        "inputs": {"name": circuit.input_name, "features": circuit.features},
        "weights": {name: list(shape) for name, shape in circuit.weight_shapes.items()},
        "expressions": [_node(node, place, circuit.input_name) for node in nodes],
        "operations": [
            _operation(operation, parts, place)
            for operation, parts in zip(circuit.operations, rows, strict=True)
        ],
        "measurements": [_measurement(item, place) for item in circuit.measurements],
        "returns": keys,
        **({"shots": list(circuit.shots)} if circuit.shots else {}),
    }


def _parameters(operation: Operation) -> Iterator[list[Expression]]:
    """The parameters in parts: long runs of constants together, others one by one."""
    for are_constants, group in groupby(
        operation.parameters, lambda parameter: isinstance(parameter, Constant)
    ):
        run = list(group)
        if are_constants and len(run) >= SHORTEST_ARRAY:
            yield run
        else:
            yield from ([parameter] for parameter in run)


def _node(node: Expression, place: Mapping[Expression, int], input_name: str) -> list[Any]:
    if isinstance(node, Constant):
        return ["constant", node.value]
    if isinstance(node, Reference):
        if node.source == input_name:
            return ["input", node.index]
        return ["weight", node.source, node.index]
    assert isinstance(node, Call)
    return ["call", node.function, *(place[argument] for argument in node.arguments)]


def _operation(
    operation: Operation, parts: Sequence[Sequence[Expression]], place: Mapping[Expression, int]
) -> dict[str, Any]:
    row: dict[str, Any] = {"gate": operation.gate, "wires": list(operation.wires)}
    if parts:
        row["parameters"] = [
            place[part[0]] if len(part) == 1 else encode(_values(part)) for part in parts
        ]
    if operation.controls:
        row["controls"] = list(operation.controls)
        row["control_values"] = [bool(value) for value in operation.control_values]
    if operation.pauli_word:
        row["pauli_word"] = operation.pauli_word
    return row


def _values(constants: Sequence[Expression]) -> np.ndarray:
    return np.array([one.value for one in constants])  # type: ignore[attr-defined]


def _measurement(item: Measurement, place: Mapping[Expression, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": item.kind}
    if item.wires:
        row["wires"] = list(item.wires)
    if item.other_wires:
        row["other_wires"] = list(item.other_wires)
    if item.observable:
        row["observable"] = [_term(term, place) for term in item.observable]
    if item.basis:
        row["basis"] = encode(np.array(item.basis, complex))
    if item.log_base is not None:
        row["log_base"] = item.log_base
    return row


def _term(term: Term, place: Mapping[Expression, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"coefficient": place[term.coefficient]}
    if isinstance(term, PauliTerm):
        return {**row, "factors": [[wire, letter] for wire, letter in term.factors]}
    return {**row, "wires": list(term.wires), "matrix": encode(np.array(term.matrix, complex))}


# ------------------------------------------------------------------------- reading


def _circuit(fields: Mapping[str, Any]) -> Circuit:
    table(fields, "the document", (*_KEYS, "format", "version", "returns"), ("shots",))
    inputs = table(fields["inputs"], "inputs", ("name", "features"))
    input_name = text(inputs["name"], "inputs.name")
    features = integer(inputs["features"], "inputs.features", 1)
    if type(fields["weights"]) is not dict:
        raise unexpected("weights to be an object of shapes", fields["weights"])
    shapes = {name: shape_of(shape, f"weights.{name}") for name, shape in fields["weights"].items()}
    nodes = _expressions(fields["expressions"], input_name, features, shapes)
    returns = fields["returns"]
    if returns not in ("one", "many") and not (isinstance(returns, list) and returns):
        raise unexpected("returns to be 'one', 'many' or a list of keys", returns)
    return Circuit(
        name=text(fields["name"], "name"),
        wires=_labels(fields["wires"], "wires"),
        features=features,
        input_name=input_name,
        weight_shapes=shapes,
        operations=tuple(
            _read_operation(row, nodes, f"operations[{index}]")
            for index, row in enumerate(items(fields["operations"], "operations"))
        ),
        measurements=tuple(
            _read_measurement(row, nodes, f"measurements[{index}]")
            for index, row in enumerate(items(fields["measurements"], "measurements"))
        ),
        keys=_labels(returns, "returns") if isinstance(returns, list) else (),  # type: ignore[arg-type]
        single=returns == "one",
        shots=tuple(
            integer(number, f"shots[{index}]", 1)
            for index, number in enumerate(items(fields.get("shots", []), "shots"))
        ),
    )


def _labels(value: Any, where: str) -> tuple[Wire, ...]:
    """Whole numbers and strings."""
    return tuple(
        label if type(label) is str else integer(label, f"{where}[{index}]", -LARGEST)
        for index, label in enumerate(items(value, where))
    )


def _expressions(
    rows: Any, input_name: str, features: int, shapes: Mapping[str, tuple[int, ...]]
) -> list[Expression]:
    """Row by row, so that a document too deep ends where it becomes so."""
    sizes = {name: math.prod(shape) for name, shape in shapes.items()} | {input_name: features}
    nodes: list[Expression] = []
    depths: dict[Expression, int] = {}
    for index, row in enumerate(items(rows, "expressions")):
        node = _expression(row, nodes, input_name, f"expressions[{index}]")
        if node not in depths:
            depths[node] = checked_depth(node, sizes, depths)
        nodes.append(node)
    return nodes


def _expression(row: Any, nodes: Sequence[Expression], input_name: str, where: str) -> Expression:
    match row:
        case ["constant", value]:
            return constant(number(value, where))
        case ["input", index]:
            return reference(input_name, integer(index, where))
        case ["weight", name, index]:
            return reference(text(name, where), integer(index, where))
        case ["call", function, *arguments]:
            return call(
                text(function, where), *(_node_at(index, nodes, where) for index in arguments)
            )
    raise unexpected(f"{where} to be a constant, an input, a weight or a call", row)


def _node_at(index: Any, nodes: Sequence[Expression], where: str) -> Expression:
    if not nodes:
        raise unexpected(f"{where} to use no expressions, as none is before it", index)
    return nodes[integer(index, f"the place of an expression in {where}", 0, len(nodes) - 1)]


def _read_operation(row: Any, nodes: Sequence[Expression], where: str) -> Operation:
    optional = ("parameters", "controls", "control_values", "pauli_word")
    fields = table(row, where, ("gate", "wires"), optional)
    parameters: list[Expression] = []
    for index, part in enumerate(items(fields.get("parameters", []), f"{where}.parameters")):
        place = f"{where}.parameters[{index}]"
        if isinstance(part, dict):
            parameters += map(constant, decode(part, place, "float64").ravel().tolist())
        else:
            parameters.append(_node_at(part, nodes, place))
    values = items(fields.get("control_values", []), f"{where}.control_values")
    return Operation(
        text(fields["gate"], f"{where}.gate"),
        _labels(fields["wires"], f"{where}.wires"),
        tuple(parameters),
        _labels(fields.get("controls", []), f"{where}.controls"),
        tuple(flag(value, f"{where}.control_values") for value in values),
        text(fields.get("pauli_word", ""), f"{where}.pauli_word"),
    )


def _read_measurement(row: Any, nodes: Sequence[Expression], where: str) -> Measurement:
    optional = ("wires", "other_wires", "observable", "basis", "log_base")
    fields = table(row, where, ("kind",), optional)
    terms = items(fields.get("observable", []), f"{where}.observable")
    base = fields.get("log_base")
    return Measurement(
        text(fields["kind"], f"{where}.kind"),
        _labels(fields.get("wires", []), f"{where}.wires"),
        _labels(fields.get("other_wires", []), f"{where}.other_wires"),
        tuple(
            _read_term(term, nodes, f"{where}.observable[{index}]")
            for index, term in enumerate(terms)
        ),
        _read_matrix(fields["basis"], f"{where}.basis") if "basis" in fields else (),
        None if base is None else number(base, f"{where}.log_base"),
    )


def _read_term(row: Any, nodes: Sequence[Expression], where: str) -> Term:
    is_word = isinstance(row, dict) and "factors" in row
    keys = ("coefficient", "factors") if is_word else ("coefficient", "wires", "matrix")
    fields = table(row, where, keys)
    coefficient = _node_at(fields["coefficient"], nodes, f"{where}.coefficient")
    if not is_word:
        matrix = _read_matrix(fields["matrix"], f"{where}.matrix")
        return HermitianTerm(coefficient, _labels(fields["wires"], f"{where}.wires"), matrix)
    factors = []
    for factor in items(fields["factors"], f"{where}.factors"):
        pair = items(factor, f"{where}.factors")
        if len(pair) != 2:
            raise unexpected(f"{where}.factors to be pairs of a wire and a letter", pair)
        (wire,) = _labels(pair[:1], f"{where}.factors")
        factors.append((wire, text(pair[1], f"{where}.factors")))
    return PauliTerm(coefficient, tuple(factors))


def _read_matrix(value: Any, where: str) -> tuple[tuple[complex, ...], ...]:
    matrix = decode(value, where, "complex128")
    if matrix.ndim != 2:
        raise unexpected(f"{where} to be a matrix", f"shape {matrix.shape}")
    return tuple(map(tuple, matrix.tolist()))
