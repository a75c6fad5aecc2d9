"""Build a template's matrices from angles, and take gradients back to the angles.

A template is a few operations whatever its number of rotations: the angles of all stages
of all matrices times their frequencies, a cosine, times the coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.matrix import adjoint, as_matrices, entries_gradient, held
from qeras.execution.sheets import (
    Sheets,
    from_parts,
    multiply,
    multiply_conjugate,
    parts,
    reshaped,
)
from qeras.plan.moves import Template


class Kept(NamedTuple):
    """What `build` keeps for `build_backward`.

    Attributes:
        turns: arguments of K's cosines, (variants * stages, count, waves); of this and the
            next two the first axis is left out where its length is 1.
        amplitude: K of the stages, (variants * stages, count, size**2), or 2 * size**2 if it
            is complex; None without phases.
        factors: exp(i Psi) of the stages, (variants * stages, count, size**2); None without
            phases.
        levels: of the tree of products, each (variants, stages, count, size, size), before
            and between them the stages themselves; empty if there is one stage.
    """

    turns: Tensor
    amplitude: Tensor | None
    factors: Sheets | None
    levels: list[Tensor]


def build(
    template: Template, angles: Tensor | None, constants: Constants
) -> tuple[Tensor, Kept | None]:
    """The matrices (variants * count, size, size) as moves use them (`execution.matrix`),
    from all shared angles, in radians.

    A fixed template gives its one matrix."""
    if template.fixed is not None:
        return held(template.fixed, constants), None
    own = _slots(template, angles)
    frequencies = constants.real(template.frequencies)
    turns = arrays.times_few(own, frequencies) + constants.real(template.offsets)
    factors = None
    if template.has_phases:
        psi = turns[..., template.waves :]
        turns = turns[..., : template.waves]
        factors = arrays.computed_once(from_parts(arrays.cos(psi), arrays.sin(psi)))
    waves = arrays.computed_once(arrays.cos(turns))
    amplitude = arrays.times_few(waves, constants.real(template.coefficients))
    stages = _stages(template, amplitude, factors)
    product, levels = _product(template, stages, constants)
    return _separate(product), Kept(turns, None if factors is None else amplitude, factors, levels)


def build_backward(
    template: Template, gradient: Tensor, kept: Kept, constants: Constants
) -> Tensor:
    """Gradient of the template's slots, (slots,), from that of the matrices that moves use,
    (matrices, size, size), held like them."""
    if template.gradient_rows is not None:
        gradient = arrays.gather(gradient, constants.index(template.gradient_rows))
    gradient = _product_backward(template, gradient, kept.levels, constants)
    to_amplitude, to_psi = _stages_backward(template, gradient, kept)
    to_waves = arrays.times_few(to_amplitude, constants.real(template.coefficients_back))
    slope = to_waves * arrays.sin(kept.turns)
    if to_psi is not None:
        slope = arrays.concatenate([slope, to_psi], axis=-1)
    found = arrays.times_few(slope, constants.real(template.frequencies_back))
    return arrays.reshape(found, (-1,))


def _stages(template: Template, amplitude: Tensor, factors: Sheets | None) -> Tensor:
    """Matrices of the stages, (variants * stages, count, size, size), from K and exp(i Psi)."""
    shape = (*amplitude.shape[:-1], template.size, template.size)
    if template.real:
        return arrays.reshape(amplitude, shape)
    if factors is None:
        entries = from_parts(*_halves(amplitude))
    elif template.has_complex_factor:
        entries = multiply(from_parts(*_halves(amplitude)), factors)
    else:
        entries = tuple(amplitude * factor for factor in factors)
    return as_matrices(reshaped(entries, shape))


def _stages_backward(
    template: Template, gradient: Tensor, kept: Kept
) -> tuple[Tensor, Tensor | None]:
    """Gradients of K and, if there is one, of Psi: d(K exp(i Psi)) / dPsi = iK exp(i Psi)."""
    shape = (*kept.turns.shape[:-1], template.size**2)
    if template.real:
        return arrays.reshape(gradient, shape), None
    entries = reshaped(entries_gradient(_separate(gradient)), shape)
    if kept.factors is None:
        return arrays.concatenate(parts(entries), axis=-1), None
    re, im = parts(multiply_conjugate(entries, kept.factors))
    if not template.has_complex_factor:
        return re, kept.amplitude * im
    own_re, own_im = _halves(kept.amplitude)
    return arrays.concatenate([re, im], axis=-1), own_re * im - own_im * re


def _halves(amplitude: Tensor) -> tuple[Tensor, Tensor]:
    """Real and imaginary part of a complex K."""
    real, imaginary = arrays.split(amplitude, 2, axis=-1)
    return real, imaginary


def _slots(template: Template, angles: Tensor) -> Tensor:
    """(variants * stages, count, angles)"""
    own = angles[template.start : template.start + template.slots]
    return arrays.reshape(own, (*_groups(template), template.count, template.angles))


def _groups(template: Template) -> tuple[int, ...]:
    """The first axis, left out where its length is 1: products of plain matrices are fewer
    operations than those of batches."""
    groups = template.variants * template.stages
    return () if groups == 1 else (groups,)


def _product(
    template: Template, stages: Tensor, constants: Constants
) -> tuple[Tensor, list[Tensor]]:
    """The product of stages and constants, and the levels of its tree.

    A tree has log2(stages) levels, so deep circuits stay a few kernels."""
    if template.between is not None:
        stages = _times(stages, held(template.between, constants))
    levels = []
    if template.stages > 1:
        levels.append(arrays.reshape(stages, _by_stage(template, stages)))
        while levels[-1].shape[1] > 1:
            levels.append(_multiply_pairs(levels[-1]))
        stages = levels[-1]
    if template.before is not None:
        stages = _times(stages, held(template.before, constants))
    if template.after is not None:
        stages = _after(held(template.after, constants), stages)
    return stages, levels


def _product_backward(
    template: Template, gradient: Tensor, levels: list[Tensor], constants: Constants
) -> Tensor:
    """Gradient of the stages, held like matrices."""
    if template.after_back is not None:
        gradient = _after(held(template.after_back, constants), gradient)
    if template.before_back is not None:
        gradient = _times(gradient, held(template.before_back, constants))
    if levels:
        shape = _by_stage(template, gradient)
        gradient = arrays.reshape(gradient, (shape[0], 1, *shape[2:]))
        for level in reversed(levels[:-1]):
            gradient = _multiply_pairs_backward(level, gradient)
    if template.between_back is not None:
        gradient = _times(gradient, held(template.between_back, constants))
    return gradient


def _by_stage(template: Template, matrices: Tensor) -> tuple[int, ...]:
    """(variants, stages, count, size, size)"""
    size = matrices.shape[-1]
    return (template.variants, template.stages, template.count, size, size)


def _separate(matrices: Tensor) -> Tensor:
    """(matrices, size, size)"""
    size = matrices.shape[-1]
    return arrays.reshape(matrices, (-1, size, size))


def _times(matrices: Tensor, constant: Tensor) -> Tensor:
    """Matrices times their constants, in order: one GEMM for each constant."""
    size = matrices.shape[-1]
    return arrays.times_few(arrays.reshape(matrices, (*constant.shape[:-2], -1, size)), constant)


def _after(constant: Tensor, matrices: Tensor) -> Tensor:
    """One constant, or one a matrix, times the matrices."""
    return arrays.times_few(constant, _separate(matrices))


def _multiply_pairs(level: Tensor) -> Tensor:
    first, second = _pairs(level)
    product = arrays.times_few(second, first)
    if level.shape[1] % 2:
        product = arrays.concatenate([product, level[:, -1:]], axis=1)
    return product


def _multiply_pairs_backward(level: Tensor, gradient: Tensor) -> Tensor:
    first, second = _pairs(level)
    variants, pairs, *rest = map(int, first.shape)
    paired = gradient[:, :pairs] if level.shape[1] % 2 else gradient
    to_first = arrays.times_few(adjoint(second), paired)
    to_second = arrays.times_few(paired, adjoint(first))
    both = arrays.stack([to_first, to_second], axis=2)
    both = arrays.reshape(both, (variants, 2 * pairs, *rest))
    if level.shape[1] % 2:
        both = arrays.concatenate([both, gradient[:, pairs:]], axis=1)
    return both


def _pairs(level: Tensor) -> Sequence[Tensor]:
    """First and second stage of each pair, (variants, pairs, count, size, size) each."""
    variants, stages, *rest = map(int, level.shape)  # numbers in torch's recordings too
    even = level[:, :-1] if stages % 2 else level
    return arrays.unstack(arrays.reshape(even, (variants, stages // 2, 2, *rest)), axis=2)
