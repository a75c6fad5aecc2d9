"""Groups of a register of several windows: what is folded, and that they equal the factors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import reference
from qeras.plan.factors import Entries, Factor, Permutation, Phase, RealRotation, Rotated
from qeras.plan.lowering import lower
from qeras.plan.schedule import Group
from qeras.plan.wide import PERMUTATION, PHASE, OneMatrix, wide_groups
from qeras.plan.windows import WINDOW, windows_of
from tests.plan.dense import FIXED, ROTATIONS, circuit_of, factors_of, product

WIRES = 7
VALUES = {"weights": np.array([0.3, -1.2, 2.5, 0.8])}
WINDOWS = windows_of(WIRES)


def per_sample(factor: Factor) -> bool:
    """As if the first weight were an input."""
    first = reference("weights", 0)
    return isinstance(factor, Phase | RealRotation | Rotated) and factor.angle == first


def groups_of(factors: list[Factor], complex_cost: float = 2.0) -> list[Group]:
    return wide_groups(factors, per_sample, WINDOWS, complex_cost)


def weight(number: int) -> tuple:
    return (reference("weights", number),)


def lowered(*operations: Operation) -> list[Factor]:
    return lower(circuit_of(list(operations), WIRES))


def cnot(control: int, target: int) -> Operation:
    return Operation("PauliX", (target,), controls=(control,), control_values=(True,))


@given(
    st.lists(st.sampled_from((*ROTATIONS, *FIXED)), max_size=14),
    st.integers(0, 2**32 - 1),
    st.sampled_from((0.3, 0.5, 1.5, 3.0)),
)
def test_groups_equal_the_factors(names: list[str], seed: int, complex_cost: float) -> None:
    factors = factors_of(names, WIRES, seed)
    groups = groups_of(factors, complex_cost)
    found = [factor for group in groups for factor in group.factors]
    np.testing.assert_allclose(
        product(found, WIRES, VALUES), product(factors, WIRES, VALUES), atol=1e-11
    )


@given(st.lists(st.sampled_from((*ROTATIONS, *FIXED)), max_size=14), st.integers(0, 2**32 - 1))
def test_matrices_are_what_their_kind_says(names: list[str], seed: int) -> None:
    for group in groups_of(factors_of(names, WIRES, seed), 0.5):
        if not isinstance(group.kind, OneMatrix):
            assert group.kind in (PERMUTATION, PHASE) or isinstance(group.factors[0], Entries)
            continue
        assert group.axes <= set(group.kind.axes)
        assert not any(map(per_sample, group.factors))
        if group.kind.real:
            assert np.abs(product(group.factors, WIRES, VALUES).imag).max() < 1e-12


def test_a_gate_of_many_phases_is_one_matrix() -> None:
    """exp(i angle XY) and the like on two wires, which are no neighbours of a window."""
    operations = [
        Operation(name, (3, 4), weight(number))
        for number, name in ((1, "IsingXX"), (2, "IsingYY"), (3, "IsingXY"))
    ]
    (group,) = groups_of(lowered(*operations))
    assert isinstance(group.kind, OneMatrix)
    assert set(group.kind.axes) >= {3, 4}
    assert len(group.kind.axes) == 4


def test_rotations_and_flips_of_a_window_are_one_real_matrix() -> None:
    operations = [Operation("RY", (0,), weight(1)), cnot(0, 1), Operation("RY", (1,), weight(2))]
    (group,) = groups_of(lowered(*operations))
    assert group.kind == OneMatrix(WINDOWS[0], True)


@pytest.mark.parametrize(("complex_cost", "count"), [(1.5, 1), (3.0, 3)])
def test_folded_where_that_costs_less(complex_cost: float, count: int) -> None:
    """A phase between two real matrices: 2.6."""
    operations = [
        Operation("RY", (0,), weight(1)),
        Operation("RZ", (0,), weight(2)),
        Operation("RY", (0,), weight(3)),
    ]
    assert len(groups_of(lowered(*operations), complex_cost)) == count


def test_layers_of_rotations_are_not_folded() -> None:
    """Their phases are one for all windows, their flips one permutation."""
    operations = []
    for _ in range(3):
        for wire in range(WIRES):
            operations += [
                Operation(gate, (wire,), weight(number))
                for number, gate in ((1, "RZ"), (2, "RY"), (3, "RZ"))
            ]
        operations += [cnot(wire, (wire + 1) % WIRES) for wire in range(WIRES)]
    kinds = [group.kind for group in groups_of(lowered(*operations))]
    real = [OneMatrix(window, True) for window in WINDOWS]
    assert len(kinds) == 3 * (len(WINDOWS) + 3)
    assert {*kinds} == {PERMUTATION, PHASE, *real}


def test_what_depends_on_samples_is_not_folded() -> None:
    operations = [
        Operation("RY", (0,), weight(1)),
        Operation("RZ", (0,), weight(0)),
        Operation("RY", (0,), weight(2)),
    ]
    kinds = [group.kind for group in groups_of(lowered(*operations), 0.5)]
    assert kinds == [OneMatrix(WINDOWS[0], True), PHASE, OneMatrix(WINDOWS[0], True)]


def test_permutations_alone_stay_permutations() -> None:
    factors = lowered(cnot(0, 1), cnot(1, 2))
    (group,) = groups_of(factors)
    assert group.kind == PERMUTATION
    assert all(isinstance(factor, Permutation) for factor in group.factors)


def test_a_gate_of_flips_across_windows_is_one_matrix() -> None:
    """Any gate of two wires is rotations and three flips."""
    operations = [
        cnot(4, 3), Operation("RZ", (3,), weight(1)), Operation("RY", (4,), weight(2)),
        cnot(3, 4), Operation("RY", (4,), weight(3)), cnot(4, 3),
    ]  # fmt: skip
    (group,) = groups_of(lowered(*operations))
    assert group.kind == OneMatrix((2, 3, 4, 5), False)


def test_what_is_far_apart_is_on_its_own_axes() -> None:
    (group,) = groups_of(lowered(Operation("IsingXX", (0, 6), weight(1))), 0.5)
    assert group.kind == OneMatrix((0, 6), False)


def test_words_of_many_wires_are_phases() -> None:
    """One matrix on all of them would be 2**wires square."""
    word = Operation("PauliRot", tuple(range(WIRES)), weight(1), pauli_word="XYZXYZX")
    for complex_cost in (0.3, 3.0):
        kinds = [group.kind for group in groups_of(lowered(word), complex_cost)]
        assert PHASE in kinds
        matrices = [kind for kind in kinds if isinstance(kind, OneMatrix)]
        assert all(len(kind.axes) <= WINDOW for kind in matrices)
