"""Blocks -> templates: which blocks are built together, and the arrays that build them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.blocks import Block, StageArrays, as_bytes, is_identity
from qeras.plan.moves import Template
from qeras.plan.sharing import shared
from qeras.plan.trigonometric import as_real

# Blocks of different constants are built together, the rarer kind padded to the number of
# the more frequent one. A template takes 10 to 20 operations forward and back, whatever its
# count; an entry built for nothing takes about 400 floating-point operations, so that eight
# matrices of size 16 are as much as the state's own work on 4 wires.
MAX_PADDED_ENTRIES = 2048


def templates_of(
    blocks: Sequence[Block], take: Callable[[Sequence[Expression]], int]
) -> tuple[list[Template], list[tuple[int, int]]]:
    """Templates that build the blocks, and for each block its (template, matrix).

    `take` gives expressions the slots of shared angles that begin where it returns."""
    blocks, alike = shared(blocks)
    templates: list[Template] = []
    place: list[tuple[int, int]] = [(-1, -1)] * len(blocks)
    for variants in _together(alike, blocks):
        count = max(map(len, variants))
        for variant, numbers in enumerate(variants):
            for index, number in enumerate(numbers):
                matrix = variant * count + index if blocks[number].stages else 0
                place[number] = (len(templates), matrix)
        members = [[blocks[number] for number in numbers] for numbers in variants]
        templates.append(_template(members, count, take))
    return templates, place


def _together(alike: list[list[int]], blocks: Sequence[Block]) -> list[list[list[int]]]:
    """Lists of blocks with equal signature, gathered into those built by one template."""
    found: list[list[list[int]]] = []
    for numbers in alike:
        own = blocks[numbers[0]]
        for variants in found:
            same = own.stages and blocks[variants[0][0]].shape() == own.shape()
            if same and _padded([*variants, numbers]) * own.size**2 <= MAX_PADDED_ENTRIES:
                variants.append(numbers)
                break
        else:
            found.append([numbers])
    return found


def _padded(variants: list[list[int]]) -> int:
    """How many matrices are built for nothing."""
    return len(variants) * max(map(len, variants)) - sum(map(len, variants))


def _template(
    variants: list[list[Block]], count: int, take: Callable[[Sequence[Expression]], int]
) -> Template:
    firsts = [members[0] for members in variants]
    size, stages, real = firsts[0].size, len(firsts[0].stages), firsts[0].real
    if not stages:
        return Template.constant(_filled(firsts[0].constants[-1], firsts[0]), real)
    parts = [stage for first in firsts for stage in first.stages]
    has_phases = any(part.rates is not None for part in parts)
    if has_phases:
        parts = list(map(_with_phases, parts))
    angles = max(len(part.angles) for part in parts)
    waves = max(part.frequencies.shape[1] for part in parts)
    frequencies = np.stack([_grown(part.frequencies, angles, waves) for part in parts])
    offsets = np.stack([_grown(part.offsets[None], 1, waves) for part in parts])
    if has_phases:
        rates = np.stack([_flat_rates(part, angles) for part in parts])
        phases = np.stack([_flat_phases(part) for part in parts])
        frequencies = np.concatenate([frequencies, rates], axis=2)
        offsets = np.concatenate([offsets, phases], axis=2)
    flat = [_grown(part.coefficients.reshape(-1, size**2), waves, size**2) for part in parts]
    coefficients = np.stack(flat)
    has_complex_factor = not real and any(np.iscomplexobj(part.coefficients) for part in parts)
    if has_complex_factor:
        coefficients = np.concatenate([coefficients.real, coefficients.imag], axis=2)
    return Template(
        frequencies=_squeezed(frequencies),
        offsets=_squeezed(offsets),
        coefficients=_squeezed(coefficients),
        between=_between(firsts),
        before=_outer(variants, count, 0),
        after=_outer(variants, count, -1),
        variants=len(variants),
        stages=stages,
        count=count,
        start=take(_slots(variants, count, angles)),
        size=size,
        real=real,
        has_phases=has_phases,
        gradient_rows=_gradient_rows(list(map(len, variants)), count),
    )


def _with_phases(part: StageArrays) -> StageArrays:
    """The stage with a real K, if it can be, as those are that have phases."""
    split = None if part.rates is not None else as_real(part.coefficients)
    return part if split is None else replace(part, coefficients=split[0], phases=split[1])


def _squeezed(array: np.ndarray) -> np.ndarray:
    return array[0] if len(array) == 1 else array


def _gradient_rows(used: list[int], count: int) -> np.ndarray | None:
    """For each matrix its number among those used, 0 for padding; see `Template`."""
    if min(used) == count:
        return None
    real = np.concatenate([np.arange(count) < number for number in used])
    return np.where(real, np.cumsum(real) - 1, 0)


def _slots(variants: list[list[Block]], count: int, angles: int) -> list[Expression]:
    """Expressions by variant, stage, matrix and angle."""
    padding = [ZERO] * angles
    rows: list[Expression] = []
    for members in variants:
        for stage in range(len(members[0].stages)):
            for member in members:
                own = member.stages[stage].angles
                rows += [*own, *padding[len(own) :]]
            rows += padding * (count - len(members))
    return rows


def _flat_rates(part: StageArrays, angles: int) -> np.ndarray:
    """(angles, size * size)"""
    flat = np.zeros((angles, part.coefficients[0].size))
    if part.rates is not None:
        flat[: len(part.rates)] = part.rates.reshape(len(part.rates), -1)
    return flat


def _flat_phases(part: StageArrays) -> np.ndarray:
    """(1, size * size)"""
    phases = np.zeros(part.coefficients[0].shape) if part.phases is None else part.phases
    return phases.reshape(1, -1)


def _grown(array: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """With rows and columns of zeros at the end."""
    return np.pad(array, ((0, rows - array.shape[0]), (0, columns - array.shape[1])))


def _between(firsts: list[Block]) -> np.ndarray | None:
    """Constants before each stage but each block's first, one a stage."""
    own = [(None, *first.constants[1:-1]) for first in firsts]
    matrices = [_filled(one, firsts[0]) for constants in own for one in constants]
    return None if all(map(is_identity, matrices)) else _squeezed(np.stack(matrices))


def _outer(variants: list[list[Block]], count: int, end: int) -> np.ndarray | None:
    """Constants before all stages (`end` 0) or after all (`end` -1); see `Template`."""
    used = [member.constants[end] for members in variants for member in members]
    first = used[0]
    if all(as_bytes(one) == as_bytes(first) for one in used):
        return first
    rows: list[np.ndarray] = []
    for members in variants:
        padding = [members[0]] * (count - len(members))
        rows += [_filled(m.constants[end], m) for m in (*members, *padding)]
    return np.stack(rows)


def _filled(matrix: np.ndarray | None, block: Block) -> np.ndarray:
    """A constant of the block in its own dtype, where it is None the identity."""
    dtype = float if block.real else complex
    return np.eye(block.size, dtype=dtype) if matrix is None else matrix.astype(dtype)
