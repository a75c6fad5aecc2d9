"""Complex matrices A + iB as real ones, [[A, -B], [B, A]], and templates that build those.

The four parts of K exp(iPsi) are the real parts of K exp(iPsi), K exp(i(Psi + pi/2)) and so on,
so a template of the packed matrices is the same few operations: angles times more frequencies,
a cosine, times the coefficients. Nothing is put together, and no gradient taken apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qeras.plan.moves import Template


def packed(matrices: np.ndarray) -> np.ndarray:
    """[[A, -B], [B, A]] along the last two axes, of A + iB."""
    return np.block([[matrices.real, -matrices.imag], [matrices.imag, matrices.real]])


def packed_template(template: Template) -> Template:
    """The real template of a complex template's packed matrices."""
    size, waves = template.size, template.waves
    frequencies, offsets = template.frequencies, template.offsets
    coefficients = template.coefficients
    if template.has_phases:
        rates, phases = frequencies[..., waves:], offsets[..., waves:]
        turned = np.array([[0.0, 0.5], [-0.5, 0.0]]).repeat(size, 0).repeat(size, 1) * np.pi
        phases = _four_times(phases, size) + turned.reshape(-1)
        rates = _four_times(rates, size)
        frequencies = np.concatenate([frequencies[..., :waves], rates], axis=-1)
        offsets = np.concatenate([offsets[..., :waves], phases], axis=-1)
        parts = np.split(coefficients, 2 if template.has_complex_factor else 1, axis=-1)
        coefficients = np.concatenate([_four_times(part, size) for part in parts], axis=-1)
    else:
        real, imaginary = np.split(coefficients, 2, axis=-1)
        entries = _square(real + 1j * imaginary, size)
        coefficients = _flat(packed(entries))
    return replace(
        template,
        frequencies=frequencies,
        offsets=offsets,
        coefficients=coefficients,
        between=_packed_or_none(template.between),
        before=_packed_or_none(template.before),
        after=_packed_or_none(template.after),
        size=2 * size,
        real=True,
    )


def _four_times(entries: np.ndarray, size: int) -> np.ndarray:
    """(..., size**2) in each quarter of a matrix of twice the size, flattened."""
    square = _square(entries, size)
    return _flat(np.block([[square, square], [square, square]]))


def _square(entries: np.ndarray, size: int) -> np.ndarray:
    return entries.reshape(*entries.shape[:-1], size, size)


def _flat(matrices: np.ndarray) -> np.ndarray:
    return matrices.reshape(*matrices.shape[:-2], -1)


def _packed_or_none(matrices: np.ndarray | None) -> np.ndarray | None:
    return None if matrices is None else packed(matrices)
