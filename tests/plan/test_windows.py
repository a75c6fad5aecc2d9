"""What windows do alone at first: as much as is cheaper there, and alike where layers are."""

from __future__ import annotations

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, reference
from qeras.plan.lowering import lower
from qeras.plan.moves import ApplyMatrix
from qeras.plan.planner import Plan, plan
from qeras.plan.windows import split_prefixes, windows_of

WIRES = 8


def planned(operations: list[Operation], weights: int) -> Plan:
    measured = Measurement("expval", observable=(PauliTerm(ONE, ((0, "Z"),)),))
    embedding = [Operation("RX", (wire,), (reference("inputs", wire),)) for wire in range(WIRES)]
    circuit = Circuit(
        "circuit", tuple(range(WIRES)), WIRES, "inputs", {"w": (weights,)},
        (*embedding, *operations), (measured,), single=True,
    )  # fmt: skip
    return plan(circuit)


def layers(count: int) -> list[Operation]:
    """Rotations of every wire and rings of flips."""
    found = []
    for layer in range(count):
        for wire in range(WIRES):
            first = 3 * (WIRES * layer + wire)
            for place, gate in enumerate(("RZ", "RY", "RZ")):
                found.append(Operation(gate, (wire,), (reference("w", first + place),)))
        found += [flip(wire, (wire + layer + 1) % WIRES) for wire in range(WIRES)]
    return found


def flip(control: int, target: int) -> Operation:
    return Operation("PauliX", (target,), controls=(control,), control_values=(True,))


def test_first_matrices_of_layers_are_built_together() -> None:
    layout = planned(layers(3), 72).layout
    firsts = [
        step for own in layout.registers for step in own.steps if isinstance(step, ApplyMatrix)
    ]
    assert [(one.template, one.index) for one in firsts] == [(0, 0), (0, 1)]
    assert layout.templates[0].stages == 1
    rest = [step for step in layout.steps if isinstance(step, ApplyMatrix)]
    assert {step.template for step in rest} == {1}
    # Those behind the last ring are of the second layer: it is the observable that has the ring.
    assert len(rest) == 4


def test_gates_of_two_wires_stay_in_their_window() -> None:
    pairs = [(0, 1), (2, 3), (4, 5), (6, 7), (1, 2), (5, 6)]
    gates = [
        Operation("RY", pair[1:], (reference("w", number),), pair[:1], (True,))
        for number, pair in enumerate(pairs)
    ]
    layout = planned(gates, len(gates)).layout
    assert not layout.steps
    assert all(len(own.steps) == 2 for own in layout.registers)


def test_prefixes_without_what_entangles() -> None:
    operations = [*layers(1), Operation("RX", (0,), (reference("w", 0),))]
    circuit = planned(operations, 24).circuit
    windows = windows_of(WIRES)
    _, with_flips, rest = split_prefixes(lower(circuit), windows)
    _, without, more = split_prefixes(lower(circuit), windows, entangles=False)
    assert all(len(factor.axes) == 1 for _, own in without for factor in own)
    assert any(len(factor.axes) == 2 for _, own in with_flips for factor in own)
    counts = [sum(len(own) for _, own in prefixes) for prefixes in (with_flips, without)]
    assert counts[0] + len(rest) == counts[1] + len(more)
