"""Polynomials of rotations: equal to the products that they stand for, and as short."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qeras.circuit.expressions import reference
from qeras.plan.factors import Phase, RealRotation, Rotated
from qeras.plan.real import real_factors
from qeras.plan.trigonometric import (
    Polynomial,
    as_real,
    constant_matrix,
    identity,
    is_constant,
    spectrum,
)
from qeras.testing.reference import evaluate
from tests.plan.dense import FIXED, ROTATIONS, WEIGHTS, factors_of, product

WIRES = 2
AXES = tuple(range(WIRES))
VALUES = {"weights": np.array([0.3, -1.7, 0.9, 2.1])}
W = [reference("weights", index) for index in range(WEIGHTS)]


def polynomial_of(factors: list) -> Polynomial:
    result = identity(2**WIRES)
    for factor in factors:
        matrix = constant_matrix(factor, AXES)
        if matrix is not None:
            result = result.multiplied({0.0: matrix}, None)
        else:
            result = result.multiplied(spectrum(factor, AXES), factor.angle)
    return result


def wave_matrix(polynomial: Polynomial) -> np.ndarray:
    waves = polynomial.waves()
    angles = np.array(evaluate(polynomial.angles, VALUES))
    turns = np.cos(angles @ waves.frequencies + waves.offsets)
    return np.tensordot(turns, waves.coefficients, axes=1)


@given(st.lists(st.sampled_from(ROTATIONS + FIXED), max_size=6), st.integers(0, 1000))
def test_a_polynomial_is_the_product(names: list[str], seed: int) -> None:
    factors = factors_of(names, WIRES, seed)
    found = polynomial_of(factors)
    expected = product(factors, WIRES, VALUES)
    np.testing.assert_allclose(wave_matrix(found), expected, atol=1e-10)
    angles = np.array(evaluate(found.angles, VALUES))
    turns = np.exp(1j * (found.frequencies @ angles))
    exponential = np.tensordot(turns, found.coefficients, axes=1)
    np.testing.assert_allclose(exponential, expected, atol=1e-10)


@given(st.lists(st.sampled_from(ROTATIONS), min_size=1, max_size=4), st.integers(0, 1000))
def test_real_rotations_are_polynomials(names: list[str], seed: int) -> None:
    factors = list(real_factors(factors_of(names, WIRES, seed)))
    expected = product(factors, WIRES, VALUES)
    np.testing.assert_allclose(wave_matrix(polynomial_of(factors)), expected, atol=1e-10)


def test_each_angle_and_frequency_once() -> None:
    """Two rotations by one angle have three frequencies, those of two angles four."""
    both = [RealRotation((0,), np.full(2, 0.5), np.array([[0, -1], [1, 0]]), W[0])] * 2
    one = polynomial_of(both)
    assert one.angles == (W[0],)
    assert sorted(one.frequencies[:, 0]) == [-1.0, 1.0]  # a turn by twice the angle
    other = [both[0], RealRotation((1,), np.full(2, 0.5), np.array([[0, -1], [1, 0]]), W[1])]
    assert polynomial_of(other).patterns() == 2
    assert len(polynomial_of(other).waves().offsets) == 4


def test_opposite_rotations_cancel() -> None:
    factors = [Phase((0,), np.array([-0.5, 0.5]), W[0]), Phase((0,), np.array([0.5, -0.5]), W[0])]
    found = polynomial_of(factors)
    np.testing.assert_array_equal(found.frequencies, [[0.0]])
    np.testing.assert_array_equal(found.coefficients, np.eye(4)[None])


@pytest.mark.parametrize("name", ROTATIONS)
def test_constant_angles(name: str) -> None:
    """A rotation is a constant if its angle is, and then it is the rotation by that angle."""
    (factor,) = factors_of([name], WIRES, 0)
    assert isinstance(factor, Phase | Rotated)
    assert not is_constant(factor)
    assert constant_matrix(factor, AXES) is None
    (fixed,) = factors_of(["RX of a constant"], WIRES, 0)
    found = constant_matrix(fixed, AXES)
    assert is_constant(fixed)
    assert found is not None
    np.testing.assert_allclose(found, product([fixed], WIRES, VALUES), atol=1e-15)


def test_phases_are_split_off_by_entry() -> None:
    generator = np.random.default_rng(0)
    real = generator.normal(size=(5, 3, 3)) * (generator.random((5, 3, 3)) > 0.3)
    turns = np.exp(1j * generator.uniform(-7, 7, (3, 3)))
    split = as_real(real * turns)
    assert split is not None
    coefficients, phase = split
    np.testing.assert_allclose(coefficients * np.exp(1j * phase), real * turns, atol=1e-14)
    assert phase.min() >= 0
    assert phase.max() < np.pi


def test_an_entry_of_two_phases_is_not_real() -> None:
    assert as_real(np.array([[[1.0]], [[1j]]])) is None
