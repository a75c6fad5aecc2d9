"""Circuits survive JSON, and what is not one is refused with its place and its reason."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qeras.circuit.checks import MAX_DEPTH, MAX_ENTRIES
from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import Expression, call, constant, reference
from qeras.testing.random_circuits import random_circuit
from qeras.testing.random_noise import with_channels
from qeras.testing.random_shots import with_shots

ONE = constant(1.0)
Z = PauliTerm(ONE, ((0, "Z"),))
EXPVAL = Measurement("expval", observable=(Z,))


def small(**fields: Any) -> Circuit:
    """Two wires, two features, a weight of shape (2, 3)."""
    circuit = Circuit(
        name="small",
        wires=(0, "b"),
        features=2,
        input_name="inputs",
        weight_shapes={"w": (2, 3)},
        operations=(
            Operation("RX", (0,), (call("sin", reference("inputs", 1)),)),
            Operation("PauliRot", ("b",), (reference("w", 5),), (0,), (False,), "Y"),
            Operation("QubitUnitary", (0,), tuple(map(constant, [0, 1, 1, 0, 0, 0, 0, 0.0]))),
        ),
        measurements=(
            EXPVAL,
            Measurement("probs", ("b",), basis=((1, 0), (0, 1j))),
            Measurement("mutual_info", (0,), ("b",), log_base=2.0),
            Measurement("var", observable=(HermitianTerm(ONE, ("b",), ((1, 0), (0, 2))),)),
        ),
    )
    return replace(circuit, **fields)


def document(circuit: Circuit | None = None) -> dict[str, Any]:
    return json.loads((circuit or small()).to_json())


@pytest.mark.parametrize("shots", [None, 100])
@pytest.mark.parametrize("noise", [False, True])
@pytest.mark.parametrize("seed", range(50))
def test_round_trip(seed: int, noise: bool, shots: int | None) -> None:
    circuit = random_circuit(seed)
    circuit = with_channels(circuit, seed) if noise else circuit
    circuit = with_shots(circuit, seed, shots) if shots else circuit
    again = Circuit.from_json(circuit.to_json())
    assert again == circuit
    assert again.to_json() == circuit.to_json()


@pytest.mark.parametrize("form", [str, lambda text: text.encode()])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"name": "<lambda>"},
        {"keys": ("a", "b/c", "<Z>", "ü")},
        {"measurements": (EXPVAL,), "single": True},
        {"weight_shapes": {"w": (6,), "empty": (0, 2), "scalar": ()}},
    ],
)
def test_fields(fields: dict[str, Any], form: Callable[[str], Any]) -> None:
    circuit = small(**fields)
    assert Circuit.from_json(form(circuit.to_json())) == circuit


SAMPLED = (
    EXPVAL,
    Measurement("probs", ("b",)),
    Measurement("sample", ("b", 0)),
    Measurement("counts", (0,)),
    Measurement("sample", observable=(PauliTerm(constant(2.0), ((0, "X"), ("b", "Y"))),)),
    Measurement("counts", observable=(HermitianTerm(ONE, ("b",), ((1, 0), (0, 2))),)),
)
PROJECTOR = Operation("DiagonalQubitUnitary", (0,), tuple(map(constant, [0, 1, 0, 0.0])))
NOISE = (
    Operation("DepolarizingChannel", (0,), (reference("w", 1),)),
    Operation("PauliError", (0, "b"), (call("square", reference("inputs", 0)),), pauli_word="XY"),
    Operation("QubitChannel", ("b",), tuple(map(constant, [1, 0, 0, 1, 0, 0, 0, 0.0]))),
)


@pytest.mark.parametrize(
    "fields",
    [
        {"measurements": SAMPLED, "shots": (100,)},
        {"measurements": SAMPLED, "shots": (10, 20)},
        {"operations": NOISE},
        {"operations": NOISE, "measurements": SAMPLED[:1], "shots": (7,), "single": True},
    ],
)
def test_shots_and_channels(fields: dict[str, Any]) -> None:
    circuit = small(**fields)
    assert Circuit.from_json(circuit.to_json()) == circuit


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"shots": (2**24 + 1,), "measurements": SAMPLED}, "numbers of shots from 1 to 16777216"),
        ({"shots": (5,)}, r"with shots one of the measurements .*Received: 'mutual_info'"),
        ({"measurements": SAMPLED}, r"a number of shots with sample. Received: \[\]"),
        (
            {"measurements": (EXPVAL,), "single": True, "shots": (5, 6)},
            "several numbers of shots where a list is returned",
        ),
        (
            {"measurements": (Measurement("var", observable=(Z, Z)),), "shots": (5,)},
            "one term in the observable of var. Received: 2",
        ),
        (
            {"measurements": (Measurement("sample", observable=(Z, Z)),), "shots": (5,)},
            "one term in the observable of sample. Received: 2",
        ),
        (
            {
                "measurements": (
                    Measurement("counts", observable=(PauliTerm(reference("w", 0)),)),
                ),
                "shots": (5,),
            },
            "constant eigenvalues in counts",
        ),
        (
            {"operations": NOISE, "measurements": (Measurement("state", (0, "b")),)},
            "with channels a density_matrix instead of a state",
        ),
        ({"operations": (Operation("BitFlip", (0, "b"), (ONE,)),)}, "1 wires for BitFlip"),
        ({"operations": (*NOISE, PROJECTOR), "measurements": (EXPVAL,)}, "without projectors"),
    ],
)
def test_bad_shots_and_channels(fields: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        small(**fields).to_json()


def test_bad_shots_in_a_document() -> None:
    fields = json.loads(small(measurements=SAMPLED, shots=(3,)).to_json())
    for value in (0, -1, 1.5, "3", None, True, 10**30):
        with pytest.raises(ValueError, match=r"Expected shots\[0\] to be a whole number"):
            Circuit.from_json(json.dumps({**fields, "shots": [value]}))
    with pytest.raises(ValueError, match="Expected shots to be a list"):
        Circuit.from_json(json.dumps({**fields, "shots": 3}))


@pytest.mark.parametrize("value", [-0.0, 1e-320, 1 / 3, 1e300, -(2.0**53), 5e-324])
def test_constants_are_exact(value: float) -> None:
    entries = (ONE, constant(value)) * 4
    operations = (
        Operation("RX", (0,), (constant(value),)),
        Operation("StatePrep", (0, "b"), entries),
    )
    again = Circuit.from_json(small(operations=operations).to_json())
    assert again.operations == operations


def test_large_matrices_are_compact() -> None:
    """8 bytes of a number take 11 characters; its decimal text takes about 20."""
    count = 2 * 4**7
    values = np.random.default_rng(0).normal(size=count)
    matrix = Operation("QubitUnitary", tuple(range(7)), tuple(map(constant, values)))
    circuit = small(wires=tuple(range(7)), operations=(matrix,), measurements=(EXPVAL,))
    text = circuit.to_json()
    assert len(text) < 11 * count + 1000
    assert Circuit.from_json(text) == circuit


def test_deepest_expression() -> None:
    chain: Expression = reference("inputs", 0)
    for _ in range(MAX_DEPTH):
        chain = call("sin", chain)
    circuit = small(operations=(Operation("RX", (0,), (chain,)),))
    assert Circuit.from_json(circuit.to_json()) == circuit
    assert repr(chain) == "sin(sin(sin(sin(sin(sin(sin(...)))))))"
    deeper = small(operations=(Operation("RX", (0,), (call("sin", chain),)),))
    with pytest.raises(ValueError, match=r"at most 10000 calls inside each other. Received: 10001"):
        deeper.to_json()


# ------------------------------------------------------------------ what is not written


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "../x"}, r"Expected name to be a Python identifier.*Received: '../x'"),
        ({"input_name": "w"}, r"Expected a name of the inputs that no weight has. Received: 'w'"),
        ({"features": 0}, r"Expected features from 1 to .*Received: 0"),
        ({"measurements": ()}, r"Expected at least one measurement. Received: \(\)"),
        ({"single": True}, r"Expected one measurement without keys .*Received: '4 of them'"),
        ({"keys": ("a",)}, r"Expected 4 keys, one a measurement. Received: \('a',\)"),
        (
            {"operations": (Operation("RX", (0,), (constant(math.nan),)),)},
            r"Expected constants that are finite numbers. Received: nan",
        ),
        (
            {"measurements": (Measurement("expval", (0,), observable=(Z,)),)},
            r"Expected measurements\[0\], expval, without wires. Received: \[0\]",
        ),
        (
            {"measurements": (Measurement("probs"),)},
            r"Expected measurements\[0\], probs, with wires. Received: \[\]",
        ),
        (
            {"operations": (Operation("RX", (0,), (ONE,), pauli_word="X"),)},
            r"Expected operations\[0\] without a word. Received: 'X'",
        ),
        (
            {"measurements": (Measurement("purity", (0,), basis=((1,),)),)},
            r"Expected measurements\[0\], purity, without a basis. Received: 'one'",
        ),
        (
            {"measurements": (Measurement("purity", (0,), log_base=2.0),)},
            r"Expected measurements\[0\], purity, without a base .*Received: 2.0",
        ),
        (
            {"measurements": (Measurement("vn_entropy", (0,), log_base=1.0),)},
            r"Expected measurements\[0\] with a positive base .*Received: 1.0",
        ),
        (
            {"measurements": (Measurement("probs", (0,), basis=((1,),)),)},
            r"Expected measurements\[0\].basis to have 2 rows and columns for 1 wires. "
            r"Received: '1 rows of \[1\]'",
        ),
        (
            {"measurements": (Measurement("probs", (0,), basis=((1, 0), (0, math.inf))),)},
            r"Expected measurements\[0\].basis to be finite numbers. Received: inf",
        ),
        ({"wires": (0, "b\n")}, r"Expected wires labelled by whole .*Received: 'b\\n'"),
    ],
)
def test_not_written(fields: dict[str, Any], message: str) -> None:
    """What could not be read again is an error before there is a file."""
    with pytest.raises(ValueError, match=message):
        small(**fields).to_json()


# ------------------------------------------------------------------ what is not read

DAMAGED = "The document is damaged or was not written by Qeras; write it again"


def refused(text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"{message}.*{DAMAGED}") as caught:
        Circuit.from_json(text)
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 40, 400, -1])
def test_truncated(length: int) -> None:
    refused(small().to_json()[:length], "Expected a JSON object that is a circuit")


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("[1]", "a list"),
        ("nothing", "7 characters with an error: Expecting value"),
        ("[" * 1_000_000, "a text nested too deep"),
        ('{"a":' * 1_000_000, "a text nested too deep"),
        ('{"a": NaN}', "NaN is not a finite number"),
        ('{"a": -Infinity}', "-Infinity is not a finite number"),
        ('{"a": 1, "a": 2}', "a key appears twice"),
        ("9" * 5000, "Exceeds the limit"),
        (b"\xff\xff", "codec can't decode"),
    ],
)
def test_not_json(text: Any, received: str) -> None:
    refused(text, f"Expected a JSON object that is a circuit. Received: .*{received}")


@pytest.mark.parametrize("value", [None, {}, 3])
def test_not_text(value: Any) -> None:
    refused(value, f"Expected a circuit's JSON text. Received: {type(value).__name__}")


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0])
def test_another_version(version: Any) -> None:
    text = json.dumps({**document(), "version": version})
    message = rf"Expected a circuit of version 1. Received: version={version!r}; .*newer qeras"
    with pytest.raises(ValueError, match=message):
        Circuit.from_json(text)


def test_another_document() -> None:
    with pytest.raises(ValueError, match="Expected a document with format='qeras-circuit'"):
        Circuit.from_json(json.dumps({**document(), "format": "cirq"}))


def test_expression_a_million_deep() -> None:
    rows: list[Any] = [["input", 0], *(["call", "sin", index] for index in range(1_000_000))]
    refused(
        json.dumps({**document(), "expressions": rows}),
        "Expected expressions of at most 10000 calls inside each other. Received: 10001",
    )


CODE = "__import__('os').system('true')"
# place in the document, value there, the error
WRONG: list[tuple[str, Any, str]] = [
    ("name", "a/b", r"Expected name to be a Python identifier.*Received: 'a/b'"),
    ("name", CODE, r"Expected name to be a Python identifier.*Received: "),
    ("name", "class", r"Expected name to be a Python identifier.*Received: 'class'"),
    ("name", 3, r"Expected name to be a string. Received: 3"),
    ("inputs/name", "..", r"Expected the name of the inputs .*Received: '..'"),
    ("inputs/features", 0, r"Expected inputs.features to be a whole number from 1 .*: 0"),
    ("inputs/features", True, r"Expected inputs.features to be a whole number.*Received: True"),
    ("inputs/features", 2**60, r"Expected inputs.features to be a whole .*Received: 115"),
    ("inputs", {"name": "x"}, r"Expected inputs to have the keys \['features'\]"),
    ("weights", [], r"Expected weights to be an object of shapes. Received: \[\]"),
    ("weights", {"../w": [2]}, r"Expected references to \['../w', 'inputs'\]. Received: 'w'"),
    ("weights/c:\\w", [2], r"Expected the name of a weight .*Received: 'c:"),
    ("weights/w", [2], r"Expected an entry of 'w' from 0 to 1. Received: 5"),
    ("weights/w", [-6], r"Expected weights.w\[0\] to be a whole number.*Received: -6"),
    ("weights/w", [1] * 33, r"Expected weights.w of at most 32 axes. Received: '33 axes'"),
    ("weights/w", [MAX_ENTRIES, 2], r"Expected weights of at most .* entries in all"),
    ("weights/w", [2**53] * 32, r"Expected weights of at most .* entries in all"),
    ("wires", [0, 0], r"Expected wires that differ. Received: \[0, 0\]"),
    ("wires", [0, True], r"Expected wires\[1\] to be a whole number.*Received: True"),
    ("wires", [0], r"Expected operations\[1\] to be on wires of the circuit, \[0\]"),
    ("wires", list(range(300)), r"Expected at most 256 wires. Received: '300 wires'"),
    ("wires", 2, r"Expected wires to be a list. Received: 2"),
    ("expressions", {}, r"Expected expressions to be a list. Received: \{\}"),
    ("expressions/0", ["eval", CODE], r"Expected expressions\[0\] to be a constant, an input"),
    ("expressions/0", ["call", "sin", 0], r"to use no expressions, as none is before it"),
    ("expressions/0", ["constant", 10**400], r"Expected expressions\[0\] to be a finite number"),
    ("expressions/0", ["constant", "1"], r"Expected expressions\[0\] to be a finite number"),
    ("expressions/1", ["call", "sin", 1], r"the place of an expression in expressions\[1\]"),
    ("expressions/1", ["call", "sin", -1], r"the place of an expression in expressions\[1\]"),
    ("expressions/1", ["call", "eval", 0], r"Expected one of the functions .*function='eval'"),
    ("expressions/1", ["call", "sin", 0, 0], r"Expected 1 arguments for 'sin'"),
    ("expressions/1", ["weight", "u", 0], r"Expected references to .*Received: 'u'"),
    ("expressions/1", ["input", 2], r"Expected an entry of 'inputs' from 0 to 1. Received: 2"),
    ("operations/0", "RX", r"Expected operations\[0\] to be an object with the keys"),
    ("operations/0/gate", "Fly", r"operations\[0\]: Expected one of the gates .*gate='Fly'"),
    ("operations/0/gate", "__class__", r"operations\[0\]: Expected one of the gates"),
    ("operations/0/wires", [2], r"Expected operations\[0\] to be on wires of the circuit.*: 2"),
    ("operations/0/wires", [0, 0], r"Expected operations\[0\] to be on wires that differ"),
    ("operations/0/wires", [0, "b"], r"operations\[0\]: Expected 1 wires for RX"),
    ("operations/0/parameters", [], r"operations\[0\]: Expected 1 parameters for RX"),
    ("operations/0/parameters", [99], r"an expression in operations\[0\].parameters\[0\]"),
    ("operations/0/code", CODE, r"Expected operations\[0\] to have no other keys .*'code'"),
    ("operations/1/controls", ["b"], r"Expected operations\[1\] to be on wires that differ"),
    ("operations/1/control_values", [], r"Expected one control value a control wire"),
    ("operations/1/control_values", [1], r"control_values to be true or false. Received: 1"),
    ("operations/1/pauli_word", "Q", r"Expected 1 letters out of IXYZ for PauliRot"),
    ("operations/2/parameters/0/dtype", "object", r"dtype to be 'float64'. Received: 'object'"),
    ("operations/2/parameters/0/shape", [7], r"to be the base64 of 56 bytes, for shape \(7,\)"),
    ("operations/2/parameters/0/shape", [2**50], r"to be the base64 of 90071992"),
    ("operations/2/parameters/0/data", "é" * 88, r"to be the base64 of 64 bytes"),
    ("operations/2/parameters/0/data", "A" * 84 + "A===", r"to be the base64 of 64 bytes"),
    ("operations/2/parameters/0/data", "A" * 88, r"to be the base64 of 64 bytes.*'66 bytes'"),
    (
        "operations/2/parameters/0/data",
        "/////////38AAAAAAADwPwAAAAAAAPA/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        r"parameters\[0\] to be finite numbers. Received: nan",
    ),
    ("measurements", [], r"Expected at least one measurement"),
    ("measurements/0/kind", "guess", r"Expected measurements\[0\] out of .*kind='guess'"),
    ("measurements/0/observable/0/coefficient", 99, r"observable\[0\].coefficient"),
    ("measurements/0/observable/0/factors", [[7, "Z"]], r"wires of the circuit, .*Received: 7"),
    ("measurements/0/observable/0/factors", [[0, "Q"]], r"of the letters X, Y and Z. .*'Q'"),
    ("measurements/0/observable/0/factors", [[0]], r"to be pairs of a wire and a letter"),
    ("measurements/1/wires", [9], r"Expected measurements\[1\] to be on wires of the circuit"),
    ("measurements/1/basis/shape", [4], r"Expected measurements\[1\].basis to be a matrix"),
    ("measurements/1/wires", [0, "b"], r"basis to have 4 rows and columns for 2 wires"),
    ("measurements/2/other_wires", [0], r"Expected measurements\[2\] to be on wires that differ"),
    ("measurements/2/other_wires", [], r"measurements\[2\], mutual_info, with other wires"),
    ("measurements/2/log_base", "e", r"measurements\[2\].log_base to be a finite number"),
    ("returns", "all", r"Expected returns to be 'one', 'many' or a list of keys"),
    ("returns", ["a", "a", "b", "c"], r"Expected keys that differ"),
    ("returns", ["a"], r"Expected 4 keys, one a measurement"),
    ("command", CODE, r"Expected the document to have no other keys than"),
]


@pytest.mark.parametrize(("place", "value", "message"), WRONG)
def test_wrong(place: str, value: Any, message: str) -> None:
    data = document()
    *way, last = place.split("/")
    target: Any = data
    for step in way:
        target = target[int(step) if isinstance(target, list) else step]
    target[int(last) if isinstance(target, list) else last] = value
    refused(json.dumps(data), message)
