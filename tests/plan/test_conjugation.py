"""Phases between a permutation and its inverse."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import reference
from qeras.plan import conjugation
from qeras.plan.conjugation import conjugated
from qeras.plan.factors import Factor, Permutation, Phase
from qeras.plan.lowering import lower
from tests.plan.dense import circuit_of, factors_of, product

WIRES = 4
VALUES = {"weights": np.array([0.3, -1.2, 2.5, 0.8])}
NAMES = ("CNOT", "CNOT", "SWAP", "RZ", "PhaseShift", "IsingZZ", "RX", "PauliX", "Hadamard")


def cnot(control: int, target: int) -> Operation:
    return Operation("PauliX", (target,), controls=(control,), control_values=(True,))


def turn(gate: str, wire: int) -> Operation:
    return Operation(gate, (wire,), (reference("weights", 1),))


def lowered(*operations: Operation) -> list[Factor]:
    return lower(circuit_of(list(operations), WIRES))


def assert_same(found: list[Factor], factors: list[Factor]) -> None:
    np.testing.assert_allclose(
        product(found, WIRES, VALUES), product(factors, WIRES, VALUES), atol=1e-12
    )


@given(st.lists(st.sampled_from(NAMES), max_size=16), st.integers(0, 2**32 - 1))
def test_the_product_stays(names: list[str], seed: int) -> None:
    factors = factors_of(names, WIRES, seed)
    # Each once more in reverse, so that there are inverses to find.
    flips = [factor for factor in factors if isinstance(factor, Permutation)]
    inverse = [Permutation(one.axes, np.argsort(one.source)) for one in reversed(flips)]
    phase = Phase((2, 0), np.array([0.1, -0.7, 1.3, 0.4]), reference("weights", 2))
    for own in (factors, [*factors, phase, *inverse]):
        assert_same(conjugated(own), own)


def test_flip_phase_flip_is_a_phase() -> None:
    factors = lowered(cnot(0, 1), turn("RZ", 1), cnot(0, 1))
    (found,) = conjugated(factors)
    assert isinstance(found, Phase)
    np.testing.assert_allclose(np.abs(found.generator), 0.5)
    assert_same([found], factors)


def test_a_ladder_is_a_phase() -> None:
    ladder = [cnot(0, 1), cnot(1, 2), cnot(2, 3)]
    factors = lowered(*ladder, turn("RZ", 3), *ladder[::-1])
    (found,) = conjugated(factors)
    assert set(found.axes) == {0, 1, 2, 3}
    assert_same([found], factors)


def test_what_is_on_other_wires_stays() -> None:
    factors = lowered(cnot(0, 1), turn("RZ", 1), turn("RX", 2), cnot(0, 1))
    found = conjugated(factors)
    assert len(found) == 2
    assert found[1] is factors[2]
    assert_same(found, factors)


def test_a_rotation_in_between() -> None:
    factors = lowered(cnot(0, 1), turn("RX", 1), cnot(0, 1))
    assert conjugated(factors) == factors


def test_another_permutation() -> None:
    factors = lowered(cnot(0, 1), turn("RZ", 1), cnot(1, 0))
    assert conjugated(factors) == factors


def test_too_many_axes(monkeypatch) -> None:
    monkeypatch.setattr(conjugation, "MAX_AXES", 2)
    factors = lowered(cnot(0, 1), turn("RZ", 1), cnot(0, 1))
    assert len(conjugated(factors)) == 1
    ladder = [cnot(0, 1), cnot(1, 2)]
    assert len(conjugated(lowered(*ladder, turn("RZ", 2), *ladder[::-1]))) == 3
