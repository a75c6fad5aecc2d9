"""Build a template's matrices from angles, and take gradients back to the angles."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.plan.moves import Template

# What `build` keeps for `build_backward`: cos and sin of the rows' angles, and for each
# level of the tree of products its factors.
Kept = tuple[Tensor, Tensor, list[Tensor]]


def build(
    template: Template, angles: Tensor | None, constants: Constants
) -> tuple[Tensor, Kept | None]:
    """The matrices, (count, size, size), as a balanced tree of products of stages.

    A tree has log2(stages) levels, so deep circuits stay a few kernels. A template
    without angles gives its one matrix, (1, size, size)."""
    if not template.angles:
        return constants.real(template.product), None
    stages, size = template.cosine.shape[:2]
    own = arrays.reshape(_slots(template, angles), (template.count, template.angles))
    rows = own @ constants.real(template.rate_transposed)
    rows = arrays.reshape(rows, (template.count, stages, size, 1))
    cos, sin = arrays.cos(rows), arrays.sin(rows)
    level = constants.real(template.cosine) * cos + constants.real(template.sine) * sin
    levels = [level]
    while level.shape[1] > 1:
        level = _multiply_pairs(level)
        levels.append(level)
    return level[:, 0], (cos, sin, levels)


def build_backward(
    template: Template, gradient: Tensor, kept: Kept, constants: Constants
) -> Tensor:
    """Gradient of the angles, (count * angles,), from that of the matrices."""
    cos, sin, levels = kept
    gradient = gradient[:, None]
    for level in reversed(levels[:-1]):
        gradient = _multiply_pairs_backward(level, gradient)
    slope = constants.real(template.sine) * cos - constants.real(template.cosine) * sin
    rows = arrays.sum(gradient * slope, axis=-1)
    rows = arrays.reshape(rows, (template.count, template.rate.shape[0]))
    return arrays.reshape(rows @ constants.real(template.rate), (-1,))


def _slots(template: Template, angles: Tensor) -> Tensor:
    return angles[template.start : template.start + template.count * template.angles]


def _multiply_pairs(level: Tensor) -> Tensor:
    pairs = level.shape[1] // 2
    product = level[:, 1 : 2 * pairs : 2] @ level[:, 0 : 2 * pairs : 2]
    if level.shape[1] % 2:
        product = arrays.concatenate([product, level[:, -1:]], axis=1)
    return product


def _multiply_pairs_backward(level: Tensor, gradient: Tensor) -> Tensor:
    count, stages, size = level.shape[:3]
    pairs = stages // 2
    first, second = level[:, 0 : 2 * pairs : 2], level[:, 1 : 2 * pairs : 2]
    paired = gradient[:, :pairs]
    to_first = arrays.swapaxes(second, -1, -2) @ paired
    to_second = paired @ arrays.swapaxes(first, -1, -2)
    both = arrays.reshape(
        arrays.stack([to_first, to_second], axis=2), (count, 2 * pairs, size, size)
    )
    return arrays.concatenate([both, gradient[:, pairs:]], axis=1) if stages % 2 else both
