"""Build a template's matrices from angles, and take gradients back to the angles.

A template is a few operations whatever its number of rotations: the angles of all stages
of all matrices times their frequencies, a cosine, times the coefficients.
"""

from __future__ import annotations

from typing import NamedTuple

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.plan.moves import Template


class Kept(NamedTuple):
    """What `build` keeps for `build_backward`.

    Attributes:
        turns: arguments of the cosines, (variants * stages, count, waves + phases); of this
            and the next two the first axis is left out where its length is 1.
        amplitude: K of the stages, (variants * stages, count, size**2); None without phases.
        phase: cos(Psi) of the stages, shaped like `amplitude`; None without phases.
        levels: of the tree of products, each (variants, stages, count, size, size), before
            and between them the stages themselves; empty if there is one stage.
    """

    turns: Tensor
    amplitude: Tensor | None
    phase: Tensor | None
    levels: list[Tensor]


def build(
    template: Template, angles: Tensor | None, constants: Constants
) -> tuple[Tensor, Kept | None]:
    """The matrices, (variants * count, size, size), from all shared angles, in radians.

    A fixed template gives its one matrix, (1, size, size)."""
    if template.fixed is not None:
        return constants.real(template.fixed), None
    own = _slots(template, angles)
    turns = own @ constants.real(template.frequencies) + constants.real(template.offsets)
    waves = arrays.computed_once(arrays.cos(turns))
    amplitude, phase = None, None
    if template.has_phases:
        amplitude = waves[..., : template.waves] @ constants.real(template.coefficients)
        phase = waves[..., template.waves :]
        stages = amplitude * phase
    else:
        stages = waves @ constants.real(template.coefficients)
    product, levels = _product(template, stages, constants)
    size = template.size
    matrices = arrays.reshape(product, (template.variants * template.count, size, size))
    return matrices, Kept(turns, amplitude, phase, levels)


def build_backward(
    template: Template, gradient: Tensor, kept: Kept, constants: Constants
) -> Tensor:
    """Gradient of the template's slots, (slots,), from that of the matrices that moves use,
    (matrices, size, size)."""
    if template.gradient_rows is not None:
        gradient = arrays.gather(gradient, constants.index(template.gradient_rows))
    gradient = _product_backward(template, gradient, kept.levels, constants)
    back = constants.real(template.coefficients_back)
    if template.has_phases:
        to_waves = (gradient * kept.phase) @ back
        to_waves = arrays.concatenate([to_waves, gradient * kept.amplitude], axis=-1)
    else:
        to_waves = gradient @ back
    slope = to_waves * arrays.sin(kept.turns)
    return arrays.reshape(slope @ constants.real(template.frequencies_back), (-1,))


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
        stages = _times(template, stages, constants.real(template.between))
    levels = []
    if template.stages > 1:
        levels.append(arrays.reshape(stages, _by_stage(template)))
        while levels[-1].shape[1] > 1:
            levels.append(_multiply_pairs(levels[-1]))
        stages = levels[-1]
    if template.before is not None:
        stages = _times(template, stages, constants.real(template.before))
    if template.after is not None:
        stages = _after(template, constants.real(template.after), stages)
    return stages, levels


def _product_backward(
    template: Template, gradient: Tensor, levels: list[Tensor], constants: Constants
) -> Tensor:
    """Gradient of the stages, (variants * stages, count, size**2)."""
    if template.after_back is not None:
        gradient = _after(template, constants.real(template.after_back), gradient)
    if template.before_back is not None:
        gradient = _times(template, gradient, constants.real(template.before_back))
    if levels:
        shape = _by_stage(template)
        gradient = arrays.reshape(gradient, (shape[0], 1, *shape[2:]))
        for level in reversed(levels[:-1]):
            gradient = _multiply_pairs_backward(level, gradient)
    if template.between_back is not None:
        gradient = _times(template, gradient, constants.real(template.between_back))
    return arrays.reshape(gradient, (*_groups(template), template.count, template.size**2))


def _by_stage(template: Template) -> tuple[int, ...]:
    size = template.size
    return (template.variants, template.stages, template.count, size, size)


def _times(template: Template, matrices: Tensor, constant: Tensor) -> Tensor:
    """Matrices times their constants, in order: one GEMM for each constant."""
    return arrays.reshape(matrices, (*constant.shape[:-2], -1, template.size)) @ constant


def _after(template: Template, constant: Tensor, matrices: Tensor) -> Tensor:
    """One constant, or one a matrix, times the matrices."""
    shape = (template.variants * template.count, template.size, template.size)
    return constant @ arrays.reshape(matrices, shape)


def _multiply_pairs(level: Tensor) -> Tensor:
    pairs = level.shape[1] // 2
    product = level[:, 1 : 2 * pairs : 2] @ level[:, 0 : 2 * pairs : 2]
    if level.shape[1] % 2:
        product = arrays.concatenate([product, level[:, -1:]], axis=1)
    return product


def _multiply_pairs_backward(level: Tensor, gradient: Tensor) -> Tensor:
    variants, stages = level.shape[:2]
    pairs = stages // 2
    first, second = level[:, 0 : 2 * pairs : 2], level[:, 1 : 2 * pairs : 2]
    paired = gradient[:, :pairs]
    to_first = arrays.swapaxes(second, -1, -2) @ paired
    to_second = paired @ arrays.swapaxes(first, -1, -2)
    both = arrays.reshape(
        arrays.stack([to_first, to_second], axis=2), (variants, 2 * pairs, *level.shape[2:])
    )
    return arrays.concatenate([both, gradient[:, pairs:]], axis=1) if stages % 2 else both
