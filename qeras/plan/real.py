"""Factors for a wide register, as real as they can be made.

A real matrix acts on real and imaginary part alike: half the work of a complex one. Any
rotation of one wire is a phase, a real rotation and a phase, and so is any constant.
What stays complex is constants of several wires that are neither real nor diagonal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

import numpy as np

from qeras.circuit.expressions import ONE
from qeras.plan.factors import Constant, Factor, Phase, RealRotation, Rotated
from qeras.plan.lowering import embed

# On more wires the 2**wires square matrix of the test costs more than the factor saves.
REAL_ROTATION_WIRES = 4
TOLERANCE = 1e-12


def real_factors(factors: Iterable[Factor]) -> Iterator[Factor]:
    """The factors rewritten."""
    for factor in factors:
        if isinstance(factor, Rotated):
            yield from _rotated(factor)
        elif isinstance(factor, Constant) and len(factor.axes) == 1:
            yield from _euler(factor)
        else:
            yield factor


def _rotated(factor: Rotated) -> Iterator[Factor]:
    if len(factor.axes) <= REAL_ROTATION_WIRES:
        hermitian = _generator(factor)
        # S^-1 on the wire turns a real generator of one wire, X, into an imaginary one, Y.
        for turned in (np.ones(len(hermitian)), np.array([1, 1j])):
            if len(turned) != len(hermitian):
                continue
            real = _real_rotation(factor, turned.conj()[:, None] * hermitian * turned)
            if real is not None:
                yield from _between(factor.axes, real, np.angle(turned))
                return
    for part in factor.as_phase():
        if isinstance(part, Constant) and len(part.axes) == 1:
            yield from _euler(part)
        else:
            yield part


def _between(axes: tuple[int, ...], factor: Factor, phase: np.ndarray) -> Iterator[Factor]:
    """D factor D^-1 with D = exp(i phase)."""
    if not phase.any():
        yield factor
        return
    yield Phase(axes, -phase, ONE)
    yield factor
    yield Phase(axes, phase, ONE)


def _generator(factor: Rotated) -> np.ndarray:
    """G of exp(i angle G) as a matrix on the factor's axes."""
    count = len(factor.axes)
    basis = reduce(
        lambda product, step: (
            embed(step.matrix, tuple(map(factor.axes.index, step.axes)), count) @ product
        ),
        factor.basis,
        np.eye(2**count, dtype=complex),
    )
    return (basis * factor.generator) @ basis.conj().T


def _real_rotation(factor: Rotated, hermitian: np.ndarray) -> RealRotation | None:
    """exp(i angle G), if it is real and G squared is diagonal."""
    square = hermitian @ hermitian
    if np.abs(hermitian.real).max() > TOLERANCE:
        return None
    if np.abs(square - np.diag(np.diag(square))).max() > TOLERANCE:
        return None
    rate = np.sqrt(np.abs(np.diag(square).real))
    turn = (1j * hermitian).real / np.where(rate > TOLERANCE, rate, 1.0)
    return RealRotation(factor.axes, rate, turn, factor.angle)


def _euler(factor: Constant) -> Iterator[Factor]:
    """A unitary of one wire as exp(i before), a real matrix, exp(i after)."""
    matrix = factor.matrix
    if np.abs(matrix.imag).max() < TOLERANCE:
        yield Constant(factor.axes, matrix.real)
        return
    # Where an entry is zero its phase is free, and the other one in its row decides.
    first = np.abs(matrix[:, 0]) > TOLERANCE
    after = np.angle(np.where(first, matrix[:, 0], matrix[:, 1]))
    before = np.zeros(2)
    if first.all():
        before[1] = np.angle(matrix[0, 1]) - after[0]
    real = np.exp(-1j * after)[:, None] * matrix * np.exp(-1j * before)
    yield Phase(factor.axes, before, ONE)
    yield Constant(factor.axes, real.real)
    yield Phase(factor.axes, after, ONE)
