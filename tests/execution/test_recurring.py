"""Phases of samples that recur: found once, they give what they give found each time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from qeras.backend import arrays
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Expression, reference
from qeras.execution import simulate as execution
from qeras.pipeline import Program
from qeras.plan.moves import ApplyFactors, ApplyPhase, Layout, Move, Repeat
from qeras.plan.recurring import Recurring
from tests.execution.programs import assert_alike

FEATURES = 9


def reuploading(
    wires: int, layers: Sequence[tuple[str, int]], ring: str = "CNOT", turn: str = "RZ"
) -> Circuit:
    """Layers that encode features from a first one on by a gate, turn and entangle."""
    operations, count = [], 0

    def weight() -> Expression:
        nonlocal count
        count += 1
        return reference("weights", count - 1)

    for encoding, first in layers:
        for wire in range(wires):
            operations.append(Operation(encoding, (wire,), (reference("inputs", first + wire),)))
        for gate in (turn, "RY"):
            for wire in range(wires):
                operations.append(Operation(gate, (wire,), (weight(),)))
        for wire in range(wires):
            pair = (wire, (wire + 1) % wires)
            if ring == "CNOT":
                flip = Operation("PauliX", pair[1:], controls=pair[:1], control_values=(True,))
                operations.append(flip)
            else:
                operations.append(Operation(ring, pair, (weight(),)))
    observables = ((PauliTerm(ONE, ((w, "X"),)),) for w in range(wires))
    return Circuit(
        name="reuploading",
        wires=tuple(range(wires)),
        features=FEATURES,
        input_name="inputs",
        weight_shapes={"weights": (count,)},
        operations=tuple(operations),
        measurements=tuple(Measurement("expval", observable=one) for one in observables),
    )


def all_moves(layout: Layout) -> list[Move]:
    steps = [s for run in (*(r.steps for r in layout.registers), layout.steps) for s in run]
    iterations = [s.iterations if isinstance(s, Repeat) else ((s,),) for s in steps]
    return [move for loop in iterations for iteration in loop for move in iteration]


def multiplied(layout: Layout) -> list[int]:
    """How often each of the layout's phases is multiplied by."""
    used = [move.phase for move in all_moves(layout) if isinstance(move, ApplyFactors)]
    return [used.count(number) for number in range(len(layout.phases))]


def test_one_phase_for_all_layers() -> None:
    layout = Program(reuploading(3, [("RX", 0)] * 5)).plan.layout
    assert multiplied(layout) == [5]
    assert not any(isinstance(move, ApplyPhase) for move in all_moves(layout))


def test_one_phase_in_every_basis() -> None:
    layout = Program(reuploading(3, [("RX", 0), ("RY", 0), ("RX", 0)])).plan.layout
    assert multiplied(layout) == [3]


def test_a_phase_for_each_set_of_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "least_saved", None)
    layers = [("RX", 0), ("RX", 3), ("RX", 0), ("RX", 2), ("RX", 3)]
    layout = Program(reuploading(3, layers)).plan.layout
    assert multiplied(layout) == [2, 2]
    (other,) = [move for move in all_moves(layout) if isinstance(move, ApplyPhase)]
    assert other.per_sample


def test_apart_from_what_the_batch_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "least_saved", None)
    layout = Program(reuploading(6, [("RZ", 0)] * 5, "IsingZZ", "RX")).plan.layout
    phases = [move for move in all_moves(layout) if isinstance(move, ApplyPhase)]
    assert max(multiplied(layout)) >= 3  # on the start it is less than elsewhere
    assert layout.table is not None or any(phase.shared for phase in phases)
    assert sum(bool(phase.shared and phase.per_sample) for phase in phases) <= 1


def test_what_does_not_recur_is_left() -> None:
    layout = Program(reuploading(3, [("RX", 0)])).plan.layout
    assert not layout.phases
    assert any(isinstance(move, ApplyPhase) and move.per_sample for move in all_moves(layout))


def test_loops_over_what_recurs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "least_saved", 1)
    layout = Program(reuploading(6, [("RX", 0)] * 8)).plan.layout
    (loop,) = [step for step in layout.steps if isinstance(step, Repeat)]
    assert sum(isinstance(move, ApplyFactors) for move in loop.iterations[0]) == 1


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("loops", [True, False])
@pytest.mark.parametrize(
    "circuit",
    [
        reuploading(3, [("RX", 0)] * 6),
        reuploading(3, [("RX", 0), ("RY", 1), ("RY", 3), ("RX", 1), ("RY", 0)]),
        reuploading(6, [("RX", 0)] * 6),
        reuploading(6, [("RY", 0), ("RX", 3)] * 4),
        reuploading(6, [("RZ", 0)] * 6, "IsingZZ", "RX"),
    ],
    ids=["3-same", "3-different", "6-same", "6-in-turn", "6-diagonal"],
)
def test_found_once_is_found_each_time(
    circuit: Circuit, loops: bool, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "least_saved", 1 if loops and arrays.scan is not None else None)
    if not kept:
        monkeypatch.setattr(execution, "KEPT_AMPLITUDES", 0)
    once = Program(circuit)
    monkeypatch.setattr(Recurring, "written", lambda self, runs: [list(run) for run in runs])
    each = Program(circuit)
    assert once.plan.layout.phases or loops  # what a loop takes in turn, it takes as angles
    assert not each.plan.layout.phases
    assert_alike(once, each, circuit, len(circuit.operations))
