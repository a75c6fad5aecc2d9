"""Laws of the passes on random circuits, and exact results on small ones."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, call, constant, reference
from qeras.passes.absorb_permutations import absorb_permutations
from qeras.passes.cancel_inverses import cancel_inverses
from qeras.passes.decompose import decompose
from qeras.passes.default import DEFAULT, optimise
from qeras.passes.drop_idle_wires import drop_idle_wires
from qeras.passes.drop_unseen import drop_unseen
from qeras.passes.merge_rotations import merge_rotations
from qeras.testing.passes import assert_pass_ok
from qeras.testing.random_circuits import random_circuit

X, W = reference("inputs", 0), reference("weights", 0)


def circuit_of(operations: list[Operation], *measurements: Measurement, wires: int = 3) -> Circuit:
    return Circuit(
        "circuit", tuple(range(wires)), 1, "inputs", {"weights": (2,)},
        tuple(operations), measurements,
    )  # fmt: skip


def expval(*words: dict[int, str]) -> Measurement:
    terms = tuple(PauliTerm(ONE, tuple(word.items())) for word in words)
    return Measurement("expval", observable=terms)


def gates(circuit: Circuit) -> list[str]:
    return [operation.gate for operation in circuit.operations]


def cnot(control: int, target: int, value: bool = True) -> Operation:
    return Operation("PauliX", (target,), controls=(control,), control_values=(value,))


@pytest.mark.parametrize("rewrite", [*dict.fromkeys(DEFAULT), optimise])
@pytest.mark.parametrize("seed", range(40))
def test_same_results_untouched_idempotent(rewrite, seed: int) -> None:
    assert_pass_ok(rewrite, random_circuit(seed), seed)


@pytest.mark.parametrize("seed", range(40))
def test_permutations_at_the_end(seed: int) -> None:
    """Random rings of X, CNOT and SWAP before words of all letters, of either sign."""
    generator = np.random.default_rng(seed)
    operations = [Operation("RY", (wire,), (W if wire else X,)) for wire in range(3)]
    operations.append(cnot(0, 1))
    operations += [Operation("RX", (wire,), (X,)) for wire in range(3)]
    for _ in range(6):
        a, b, _ = map(int, generator.permutation(3))
        operations.append(
            [Operation("PauliX", (a,)), Operation("SWAP", (a, b)), cnot(a, b), cnot(a, b, False)][
                generator.integers(4)
            ]
        )
    words = [dict(enumerate(generator.choice(list("XYZ"), 3))) for _ in range(3)]
    circuit = circuit_of(operations, expval(*words), Measurement("var", observable=(
        PauliTerm(constant(2.0), tuple(words[0].items())), PauliTerm(W, tuple(words[1].items())),
    )))  # fmt: skip
    assert_pass_ok(absorb_permutations, circuit)
    assert len(absorb_permutations(circuit).operations) == 7


def test_a_ring_is_absorbed() -> None:
    circuit = circuit_of([Operation("RY", (0,), (X,)), cnot(0, 1)], expval({1: "Z"}))
    absorbed = absorb_permutations(circuit)
    assert gates(absorbed) == ["RY"]
    (term,) = absorbed.measurements[0].observable
    assert isinstance(term, PauliTerm)
    assert dict(term.factors) == {0: "Z", 1: "Z"}


def test_nothing_is_absorbed_into_probabilities_or_matrices() -> None:
    matrix = HermitianTerm(ONE, (1,), ((1.0, 0.0), (0.0, -1.0)))
    for measurement in (
        Measurement("probs", (0, 1)),
        Measurement("expval", observable=(matrix,)),
    ):
        circuit = circuit_of([cnot(0, 1)], measurement)
        assert absorb_permutations(circuit) is circuit


def test_light_cone_and_trailing_diagonals() -> None:
    operations = [
        Operation("RX", (0,), (X,)),
        Operation("RX", (1,), (W,)),
        cnot(0, 1),
        Operation("RZ", (0,), (W,)),
        Operation("RX", (2,), (W,)),
    ]
    assert gates(drop_unseen(circuit_of(operations, expval({0: "Z"})))) == ["RX"]
    assert gates(drop_unseen(circuit_of(operations, expval({0: "X"})))) == [
        "RX", "RX", "PauliX", "RZ",
    ]  # fmt: skip
    assert gates(drop_unseen(circuit_of(operations, Measurement("state", (0, 1, 2))))) == gates(
        circuit_of(operations)
    )


def test_global_phase_is_seen_by_the_state_alone() -> None:
    phase = [Operation("GlobalPhase", (), (W,))]
    assert gates(drop_unseen(circuit_of(phase, Measurement("probs", (0,))))) == []
    assert gates(drop_unseen(circuit_of(phase, Measurement("state", (0, 1, 2))))) == ["GlobalPhase"]


def test_pairs_cancel_through_other_wires() -> None:
    hadamard, other = Operation("Hadamard", (0,)), Operation("RX", (1,), (X,))
    found = cancel_inverses(circuit_of([cnot(0, 2), hadamard, other, hadamard, cnot(0, 2)]))
    assert gates(found) == ["RX"]


def test_what_lies_between_keeps_a_pair() -> None:
    operations = [cnot(0, 1), Operation("RX", (1,), (X,)), cnot(0, 1)]
    assert len(cancel_inverses(circuit_of(operations)).operations) == 3


def test_rotations_add() -> None:
    operations = [Operation("RX", (0,), (X,)), Operation("RX", (0,), (W,))]
    (merged,) = merge_rotations(circuit_of(operations)).operations
    assert merged.parameters == (call("add", X, W),)


def test_zero_rotations_go() -> None:
    assert gates(merge_rotations(circuit_of([Operation("RX", (0,), (constant(0.0),))]))) == []


def test_rot_is_three_rotations_controls_included() -> None:
    rot = Operation("Rot", (0,), (X, W, X), controls=(1,), control_values=(False,))
    found = decompose(circuit_of([rot]))
    assert gates(found) == ["RZ", "RY", "RZ"]
    assert all(operation.controls == (1,) for operation in found.operations)


def test_idle_wires_leave_but_one_stays() -> None:
    operations = [Operation("RX", (1,), (X,))]
    assert drop_idle_wires(circuit_of(operations, expval({2: "Z"}))).wires == (1, 2)
    assert drop_idle_wires(circuit_of([], expval({}))).wires == (0,)
    assert drop_idle_wires(circuit_of([], Measurement("state", (0, 1, 2)))).wires == (0, 1, 2)
