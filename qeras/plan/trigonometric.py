"""Matrices that are trigonometric polynomials of angles.

Every rotation is one: exp(i angle G) = sum over eigenvalues g of exp(i angle g) P_g, with
P_g the projector on g's eigenvectors. So is every product of rotations and constants, and
it is multiplied out once, when a circuit is planned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qeras.circuit.expressions import Constant as ConstantExpression
from qeras.circuit.expressions import Expression
from qeras.plan.factors import Constant, Factor, Permutation, Phase, RealRotation, Rotated
from qeras.plan.lowering import embed, embed_source, embed_vector

# Frequencies are sums of a few eigenvalues of order one, coefficients products of a few
# unitaries: both are exact to about 1e-15, and what is smaller than this is rounding.
TOLERANCE = 1e-12
DIGITS = 12

# Matrices by frequency: the sum of `matrix * exp(i angle frequency)`.
Spectrum = dict[float, np.ndarray]


@dataclass(frozen=True, eq=False)
class Waves:
    """The matrix `sum_w coefficients[w] * cos(angles @ frequencies[:, w] + offsets[w])`.

    Attributes:
        frequencies: (angles, waves).
        offsets: (waves,), in radians: 0 for a cosine, -pi/2 for a sine.
        coefficients: (waves, size, size), real or complex.
    """

    frequencies: np.ndarray
    offsets: np.ndarray
    coefficients: np.ndarray


@dataclass(frozen=True, eq=False)
class Polynomial:
    """The matrix `sum_t coefficients[t] * exp(i frequencies[t] . angles)`.

    Attributes:
        angles: expressions in radians, each once.
        frequencies: (terms, angles), each row once.
        coefficients: (terms, size, size), complex.
    """

    angles: tuple[Expression, ...]
    frequencies: np.ndarray
    coefficients: np.ndarray

    def multiplied(self, spectrum: Spectrum, angle: Expression | None) -> Polynomial:
        """The spectrum of `angle`, or a constant {0: matrix} of None, times this matrix."""
        angles, frequencies = self.angles, self.frequencies
        if angle is not None and angle not in angles:
            angles = (*angles, angle)
            frequencies = np.pad(frequencies, ((0, 0), (0, 1)))
        step = np.zeros(len(angles))
        if angle is not None:
            step[angles.index(angle)] = 1.0
        parts = [matrix @ self.coefficients for matrix in spectrum.values()]
        moved = [frequencies + frequency * step for frequency in spectrum]
        return Polynomial(angles, *_collected(np.concatenate(moved), np.concatenate(parts)))

    def support(self) -> np.ndarray:
        """Which entries, (size, size), are not zero for all angles."""
        return np.abs(self.coefficients).max(axis=0) > TOLERANCE

    def patterns(self) -> int:
        """How many frequencies there are, a frequency and its negative being one."""
        return len({_canonical(tuple(row)) for row in self.frequencies})

    def waves(self) -> Waves:
        """The same matrix as cosines and sines; those that are not needed are left out."""
        terms = {
            tuple(row): matrix
            for row, matrix in zip(self.frequencies, self.coefficients, strict=True)
        }
        zero = np.zeros_like(self.coefficients[0])
        found: list[tuple[tuple[float, ...], float, np.ndarray]] = []
        for frequency in sorted({_canonical(key) for key in terms}):
            opposite = tuple(-number + 0.0 for number in frequency)
            plus = terms.get(frequency, zero)
            minus = terms.get(opposite, zero) if any(frequency) else zero
            found.append((frequency, 0.0, plus + minus))
            if any(frequency):
                found.append((frequency, -np.pi / 2, 1j * (plus - minus)))
        kept = [wave for wave in found if np.abs(wave[2]).max() > TOLERANCE]
        return Waves(
            np.array([wave[0] for wave in kept]).reshape(len(kept), -1).T,
            np.array([wave[1] for wave in kept]),
            np.stack([wave[2] for wave in kept]),
        )


def identity(size: int) -> Polynomial:
    """The identity matrix, a polynomial of no angles."""
    return Polynomial((), np.zeros((1, 0)), np.eye(size, dtype=complex)[None])


def as_real(coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Waves' coefficients (waves, size, size) as real ones times exp(i phase), with one
    phase in [0, pi) an entry, (size, size); None if an entry's coefficients differ in phase."""
    sizes = np.abs(coefficients)
    # The first of those that are no rounding error: which one is largest may be one.
    reference = np.argmax(sizes > sizes.max(axis=0) / 2, axis=0)
    leading = np.take_along_axis(coefficients, reference[None], axis=0)[0]
    phase = np.where(np.abs(leading) > TOLERANCE, np.angle(leading) % np.pi, 0.0)
    phase = np.where(np.pi - phase < TOLERANCE, 0.0, phase)
    turned = coefficients * np.exp(-1j * phase)
    return None if np.abs(turned.imag).max() > TOLERANCE else (turned.real, phase)


def constant_matrix(factor: Factor, axes: tuple[int, ...]) -> np.ndarray | None:
    """The factor as a matrix on `axes`, or None if it depends on a parameter."""
    positions = tuple(axes.index(axis) for axis in factor.axes)
    if isinstance(factor, Constant):
        return embed(factor.matrix, positions, len(axes))
    if isinstance(factor, Permutation):
        return np.eye(2 ** len(axes))[embed_source(factor.source, positions, len(axes))]
    if is_constant(factor):
        assert isinstance(factor, Phase | RealRotation | Rotated)
        assert isinstance(factor.angle, ConstantExpression)
        turn = 1j * factor.angle.value
        terms = spectrum(factor, axes).items()
        return sum((np.exp(turn * g) * matrix for g, matrix in terms), np.zeros(()))
    return None


def is_constant(factor: Factor) -> bool:
    """Whether the factor depends on no parameter."""
    if isinstance(factor, Phase | RealRotation | Rotated):
        return isinstance(factor.angle, ConstantExpression)
    return isinstance(factor, Constant | Permutation)


def spectrum(factor: Phase | RealRotation | Rotated, axes: tuple[int, ...]) -> Spectrum:
    """The factor's matrices on `axes`, by their frequency in its angle."""
    positions = tuple(axes.index(axis) for axis in factor.axes)
    if isinstance(factor, RealRotation):
        local = _real_spectrum(factor)
    else:
        basis = _basis(factor)
        frequencies = np.round(factor.generator, DIGITS) + 0.0
        local = {
            float(g): (basis * (frequencies == g)) @ basis.conj().T for g in np.unique(frequencies)
        }
    return {g: embed(matrix, positions, len(axes)) for g, matrix in local.items()}


def generator_on(factor: Phase, axes: tuple[int, ...]) -> np.ndarray:
    """The phase's generator over the basis states of `axes`."""
    positions = tuple(axes.index(axis) for axis in factor.axes)
    return embed_vector(factor.generator, positions, len(axes))


def _basis(factor: Phase | Rotated) -> np.ndarray:
    """V of V exp(i angle d) V^-1, on the factor's own axes."""
    count = len(factor.axes)
    basis = np.eye(2**count, dtype=complex)
    for step in factor.basis if isinstance(factor, Rotated) else ():
        basis = embed(step.matrix, tuple(map(factor.axes.index, step.axes)), count) @ basis
    return basis


def _real_spectrum(factor: RealRotation) -> Spectrum:
    """cos(a r) = (exp(i a r) + exp(-i a r)) / 2, sin(a r) = (exp(i a r) - exp(-i a r)) / 2i."""
    rates = np.round(factor.rate, DIGITS) + 0.0
    found: Spectrum = {}
    for rate in np.unique(rates):
        own = rates == rate
        for sign in (1, -1):
            half = (np.diag(own) - 1j * sign * factor.turn * own) / 2
            frequency = float(sign * rate + 0.0)
            found[frequency] = found.get(frequency, 0.0) + half
    return found


def _collected(frequencies: np.ndarray, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Terms of equal frequency added, those that cancel left out."""
    rows = np.round(frequencies, DIGITS) + 0.0
    unique, place = np.unique(rows, axis=0, return_inverse=True)
    total = np.zeros((len(unique), *coefficients.shape[1:]), dtype=complex)
    np.add.at(total, place.reshape(-1), coefficients)
    kept = np.abs(total).max(axis=(1, 2)) > TOLERANCE
    return unique[kept], total[kept]


def _canonical(frequency: tuple[float, ...]) -> tuple[float, ...]:
    """The frequency or its negative, whichever begins with a positive number."""
    leading = next((number for number in frequency if number), 0.0)
    return tuple(-number + 0.0 for number in frequency) if leading < 0 else frequency
