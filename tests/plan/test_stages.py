"""Stages: as few as can be, and their product is that of the factors."""

from __future__ import annotations

from functools import reduce

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import reference
from qeras.plan.factors import Factor
from qeras.plan.lowering import lower
from qeras.plan.stages import MAX_PATTERNS, Stage, stages_of
from qeras.plan.trigonometric import as_real
from qeras.testing.reference import evaluate
from tests.plan.dense import FIXED, ROTATIONS, circuit_of, factors_of, product

VALUES = {"weights": np.random.default_rng(0).normal(size=40)}


def stage_matrix(stage: Stage) -> np.ndarray:
    polynomial = stage.polynomial
    angles = np.array(evaluate(polynomial.angles, VALUES))
    turns = np.exp(1j * (polynomial.frequencies @ angles))
    numbers = evaluate(list(stage.phases), VALUES)
    psi = sum(number * rates for number, rates in zip(numbers, stage.phases.values(), strict=True))
    return np.tensordot(turns, polynomial.coefficients, axes=1) * np.exp(1j * np.asarray(psi))


def shape(stages: list[Stage]) -> str:
    return "".join("T" if stage.trained else "C" for stage in stages)


def layer(names: str, wires: int, start: int = 0) -> list[Operation]:
    """Gates on all wires, one name after another: Y and Z rotations, H, a ring of CNOTs."""
    operations: list[Operation] = []
    for name in names:
        for wire in range(wires):
            if name in "XYZ":
                own = reference("weights", start)
                start += 1
                operations.append(Operation(f"R{name}", (wire,), (own,)))
            elif name == "H":
                operations.append(Operation("Hadamard", (wire,)))
            else:
                target = ((wire + 1) % wires,)
                operations.append(
                    Operation("PauliX", target, controls=(wire,), control_values=(True,))
                )
    return operations


def stages_of_layer(names: str, wires: int) -> list[Stage]:
    factors: list[Factor] = lower(circuit_of(layer(names, wires), wires))
    stages = stages_of(factors, tuple(range(wires)))
    found = reduce(lambda total, stage: stage_matrix(stage) @ total, stages, np.eye(2**wires))
    np.testing.assert_allclose(found, product(factors, wires, VALUES), atol=1e-12)
    return stages


@given(
    st.lists(st.sampled_from(ROTATIONS + FIXED), max_size=10),
    st.integers(2, 3),
    st.integers(0, 1000),
)
def test_the_product_of_stages_is_that_of_the_factors(
    names: list[str], wires: int, seed: int
) -> None:
    factors = factors_of(names, wires, seed)
    stages = stages_of(factors, tuple(range(wires)))
    found = reduce(lambda total, stage: stage_matrix(stage) @ total, stages, np.eye(2**wires))
    np.testing.assert_allclose(found, product(factors, wires, VALUES), atol=1e-9)
    assert "CC" not in shape(stages)
    for stage in stages:
        assert stage.polynomial.patterns() <= MAX_PATTERNS
        assert not stage.phases or as_real(stage.polynomial.waves().coefficients) is not None


def test_a_layer_of_rotations_is_one_stage_of_few_patterns() -> None:
    for wires, patterns in ((4, 8), (5, 16)):
        (stage,) = stages_of_layer("Y", wires)
        assert stage.polynomial.patterns() == patterns
        assert not stage.phases


def test_phases_before_and_after_are_of_the_same_stage() -> None:
    (stage,) = stages_of_layer("ZYZC", 3)
    assert stage.polynomial.patterns() == 4
    assert len(stage.phases) == 6


def test_hadamards_join_rotations() -> None:
    assert shape(stages_of_layer("HYH", 3)) == "T"
    assert shape(stages_of_layer("HYHZ", 3)) == "T"


def test_rotations_about_another_axis_are_real_but_for_phases() -> None:
    (stage,) = stages_of_layer("ZXZ", 3)
    assert stage.polynomial.patterns() == 4


def test_hadamards_around_phases_are_constants() -> None:
    """A layer between two layers of inputs, which leave Hadamards on both sides."""
    assert shape(stages_of_layer("HZYZCH", 3)) == "CTC"


def test_permutations_join_the_constant_behind_them() -> None:
    with_ring, without = (stages_of_layer(names, 3) for names in ("HZYZCH", "HZYZH"))
    found, expected = with_ring[1].polynomial, without[1].polynomial
    np.testing.assert_array_equal(found.coefficients, expected.coefficients)


def test_layers_are_stages() -> None:
    assert shape(stages_of_layer("ZYZC" * 3, 3)) == "TTT"


def test_patterns_are_capped() -> None:
    """Of all 5 wires' rotations there would be 512; about the same axis they add up to 16."""
    assert shape(stages_of_layer("YX", 5)) == "TT"
    (stage,) = stages_of_layer("YHY", 5)
    assert stage.polynomial.patterns() == 16


def test_no_factors() -> None:
    (stage,) = stages_of([], (0, 1))
    np.testing.assert_array_equal(stage.matrix, np.eye(4))
