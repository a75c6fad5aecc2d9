"""Circuits survive JSON, and what is not one is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qeras.circuit.serialization import from_json, to_json
from qeras.testing.random_circuits import random_circuit


@pytest.mark.parametrize("seed", range(50))
def test_round_trip(seed: int) -> None:
    circuit = random_circuit(seed)
    data = json.loads(json.dumps(to_json(circuit)))
    again = from_json(data)
    assert again == circuit
    assert to_json(again) == to_json(circuit)


def _data() -> dict[str, Any]:
    return json.loads(json.dumps(to_json(random_circuit(1))))


def test_another_format() -> None:
    with pytest.raises(ValueError, match=r"Expected a circuit in format 1. Received: format=2"):
        from_json({**_data(), "format": 2})


def test_unknown_gate() -> None:
    data = {**_data(), "operations": [{"gate": "Fly", "wires": [0]}]}
    with pytest.raises(ValueError, match=r"Expected one of the gates .*gate='Fly'"):
        from_json(data)


def test_unknown_measurement() -> None:
    data = _data()
    data["measurements"][0]["kind"] = "guess"
    with pytest.raises(ValueError, match=r"Expected a measurement out of .*kind='guess'"):
        from_json(data)


def test_unknown_weight() -> None:
    data = {**_data(), "expressions": [["reference", "nobody", 0]]}
    with pytest.raises(
        ValueError, match=r"Expected references to .*Received: reference to 'nobody'"
    ):
        from_json(data)


def test_unknown_function() -> None:
    data = {**_data(), "expressions": [["constant", 1.0], ["call", "fly", 0]]}
    with pytest.raises(ValueError, match=r"Expected one of the functions .*function='fly'"):
        from_json(data)
