"""Damaged documents: each is read right or refused by the one error, whatever was changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qeras.circuit.circuit import Circuit
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit
from qeras.testing.random_noise import with_channels
from qeras.testing.random_shots import with_shots


def shortest(made: Iterable[Circuit], count: int) -> list[str]:
    """Short documents, so that a change often hits something that matters."""
    return sorted((circuit.to_json() for circuit in made), key=len)[:count]


CIRCUITS = [random_circuit(seed) for seed in range(60)]
NOISY = [with_channels(circuit, seed, 2) for seed, circuit in enumerate(CIRCUITS)]
SAMPLED = [with_shots(one, seed, 100) for seed, one in enumerate([*CIRCUITS, *NOISY])]
TEXTS = [*shortest(CIRCUITS, 12), *shortest(NOISY, 8), *shortest(SAMPLED, 10)]

VALUES: list[Any] = [
    *(0, 1, -1, 2, 3, 60, 2**31, 2**53, 2**64, 10**30, 0.5, -0.0, 1e308, 5e-324, True, False, None),
    *(
        "",
        "a",
        "inputs",
        "../../x",
        "C:\\x",
        "__import__('os')",
        "\x00",
        "\ud800",
        "NaN",
        "RX",
        "w",
    ),
    *([], {}, [0], [[0, "Z"]], [0, 0], {"a": 1}, ["call", "add", 0, 0], ["constant", 1e400]),
    *("expval", "probs", "mutual_info", "one", ["input", 0], [1] * 40, [2**40, 2**40]),
    {"dtype": "float64", "shape": [1], "data": "AAAAAAAA8D8="},
]
Place = tuple[Any, Any]  # a container and a key or an index of it


def places(value: Any) -> Iterator[Place]:
    """Every place of a document."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


def replaced(container: Any, key: Any, value: Any) -> None:
    container[key] = deepcopy(value)


def removed(container: Any, key: Any, value: Any) -> None:
    del container[key]


def doubled(container: Any, key: Any, value: Any) -> None:
    if isinstance(container, list):
        container.insert(key, deepcopy(container[key]))
    else:
        container[f"{key}2"] = deepcopy(container[key])


def nudged(container: Any, key: Any, value: Any) -> None:
    """A number or a list, a little other than it was."""
    old = container[key]
    if isinstance(old, bool):
        container[key] = not old
    elif isinstance(old, int | float):
        container[key] = old + 1
    elif isinstance(old, list):
        container[key] = old[::-1]
    elif isinstance(old, str):
        container[key] = old[1:] + old[:1]


CHANGES = (replaced, removed, doubled, nudged)
change = st.tuples(st.integers(0, 10**6), st.sampled_from(CHANGES), st.sampled_from(VALUES))
changes = st.lists(change, min_size=1, max_size=3)
cuts = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.integers(0, 30),
        st.sampled_from(
            ["", "0", "-", '"', "[", "]", "{", "}", ",", "1e999", "NaN", "é", "\\u0000"]
        ),
    ),
    min_size=1,
    max_size=3,
)
thousands = settings(suppress_health_check=[HealthCheck.too_slow], database=None)


def with_changes(text: str, made: list[tuple[int, Callable[..., None], Any]]) -> str:
    document = json.loads(text)
    for number, function, value in made:
        found = list(places(document))
        if found:
            function(*found[number % len(found)], value)
    return json.dumps(document)


def made_or_refused(make: Callable[[Any], Any], given: Any) -> Any:
    """What is made, or None where the error is the one that says what was wrong."""
    try:
        return make(given)
    except ValueError as error:
        message = str(error)
    assert "Expected " in message
    assert "Received: " in message
    return None


def read(text: str) -> Circuit | None:
    """The circuit, which must survive another round, or None."""
    circuit = made_or_refused(Circuit.from_json, text)
    assert circuit is None or Circuit.from_json(circuit.to_json()) == circuit
    return circuit


@settings(thousands, max_examples=14_000)
@given(st.sampled_from(TEXTS), changes)
def test_changed_values(text: str, made: Any) -> None:
    read(with_changes(text, made))


@settings(thousands, max_examples=6_000)
@given(st.sampled_from(TEXTS), cuts)
def test_changed_text(text: str, made: list[tuple[int, int, str]]) -> None:
    for start, length, new in made:
        start %= len(text)
        text = text[:start] + new + text[start + length :]
    read(text)


@settings(thousands, max_examples=1_000)
@given(st.sampled_from(TEXTS), changes)
def test_what_is_read_has_a_plan(text: str, made: Any) -> None:
    """Or is refused by the plan, before there is a state."""
    circuit = read(with_changes(text, made))
    if circuit is not None:
        made_or_refused(Program, circuit)
