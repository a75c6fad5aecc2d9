"""Layers that repeat, run as a loop: what they give is what they give one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from qeras.backend import arrays
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Expression, constant, reference
from qeras.pipeline import Program
from qeras.plan.moves import Repeat
from tests.execution.programs import assert_alike

FEATURES = 3


def layered(seed: int) -> Circuit:
    """Five to seven layers on six wires with random gates; of the diagonal ones some are left
    out anywhere, of the others in the outermost layers."""
    generator = np.random.default_rng(seed)
    wires = range(6)
    # For each wire a rotation and whether it takes an input; the ring's gate.
    gates = generator.choice(["RX", "RY", "RZ", "PhaseShift"], size=len(wires))
    fed = generator.random(len(wires)) < 0.3
    ring = generator.choice(["CNOT", "CZ", "IsingZZ"])
    operations = [Operation("RY", (w,), (reference("inputs", w % FEATURES),)) for w in wires]
    count = 0

    def angle(takes_input: bool) -> Expression:
        nonlocal count
        if takes_input:
            return reference("inputs", int(generator.integers(FEATURES)))
        count += 1
        return reference("weights", count - 1)

    depth = generator.integers(5, 8)
    for layer in range(depth):
        outer = layer in (0, depth - 1)
        for wire in wires:
            if generator.random() < 0.8 or (gates[wire] in ("RX", "RY") and not outer):
                operations.append(Operation(gates[wire], (wire,), (angle(fed[wire]),)))
            operations.append(Operation("RX", (wire,), (angle(False),)))
        for wire in wires:
            pair = (wire, (wire + 1) % len(wires))
            if generator.random() < 0.9 or (ring == "CNOT" and not outer):
                operations.append(_entangler(ring, pair, angle))
    observables = ((PauliTerm(ONE, ((w, "Z"),)),) for w in wires)
    return Circuit(
        name="layered",
        wires=tuple(wires),
        features=FEATURES,
        input_name="inputs",
        weight_shapes={"weights": (count,)},
        operations=tuple(operations),
        measurements=tuple(Measurement("expval", observable=one) for one in observables),
    )


def _entangler(name: str, pair: tuple[int, int], angle: Callable[[bool], Expression]) -> Operation:
    controls: dict[str, Any] = {"controls": pair[:1], "control_values": (True,)}
    if name == "CNOT":
        return Operation("PauliX", pair[1:], **controls)
    if name == "CZ":
        return Operation("PhaseShift", pair[1:], (constant(np.pi),), **controls)
    return Operation("IsingZZ", pair, (angle(False),))


def program(circuit: Circuit, monkeypatch: pytest.MonkeyPatch, loops: bool) -> Program:
    monkeypatch.setattr(arrays, "least_saved", 1 if loops else None)
    return Program(circuit)


def has_loops(found: Program) -> bool:
    return any(isinstance(step, Repeat) for step in found.plan.layout.steps)


def test_only_where_the_backend_has_loops() -> None:
    turns = [
        Operation(gate, (wire,), (reference("weights", 12 * layer + 6 * kind + wire),))
        for layer in range(60)
        for kind, gate in enumerate(("RX", "RZ"))
        for wire in range(6)
    ]
    measured = Measurement("expval", observable=(PauliTerm(ONE, ((0, "Z"),)),))
    ring = [
        Operation("PauliX", ((w + 1) % 6,), controls=(w,), control_values=(True,)) for w in range(6)
    ]
    operations = [o for layer in range(60) for o in (*turns[12 * layer : 12 * layer + 12], *ring)]
    shapes = {"weights": (720,)}
    circuit = Circuit(
        "deep", tuple(range(6)), 1, "inputs", shapes, tuple(operations), (measured,), single=True
    )
    assert has_loops(Program(circuit)) == (arrays.scan is not None)


@pytest.mark.skipif(arrays.scan is None, reason="This backend has no loops.")
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("seed", [1, 4, 6, 7, 9, 10, 11, 13, 14, 16, 17, 19, 22])
def test_loops_change_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = layered(seed)
    rolled, plain = (program(circuit, monkeypatch, loops) for loops in (True, False))
    assert has_loops(rolled)
    assert not has_loops(plain)
    assert_alike(rolled, plain, circuit, seed)
