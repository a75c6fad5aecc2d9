"""Blocks -> templates: which blocks are built together, and the arrays that build them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.blocks import Block, StageArrays, as_bytes, is_identity
from qeras.plan.moves import Template
from qeras.plan.sharing import shared

# Blocks of different constants are built together, the rarer kind padded to the number of
# the more frequent one. A template takes 10 to 20 operations forward and back, whatever its
# count; an entry built for nothing takes about 400 floating-point operations, so that two
# matrices of size 32 are as much as the state's own work on 4 wires.
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
    size, stages = firsts[0].size, len(firsts[0].stages)
    if not stages:
        return Template.constant(_identity_or(firsts[0].constants[-1], size), firsts[0].real)
    parts = [stage for first in firsts for stage in first.stages]
    angles = max(len(part.angles) for part in parts)
    waves = max(part.frequencies.shape[1] for part in parts)
    has_phases = any(part.rates is not None for part in parts)
    frequencies = np.stack([_grown(part.frequencies, angles, waves) for part in parts])
    offsets = np.stack([_grown(part.offsets[None], 1, waves) for part in parts])
    if has_phases:
        rates = np.stack([_flat_rates(part, angles) for part in parts])
        quadrants = np.stack([part.quadrants.reshape(1, -1) for part in parts])
        frequencies = np.concatenate([frequencies, rates], axis=2)
        offsets = np.concatenate([offsets, quadrants], axis=2)
    flat = [part.coefficients.reshape(-1, size * size) for part in parts]
    return Template(
        _squeezed(frequencies),
        _squeezed(offsets),
        _squeezed(np.stack([_grown(one, waves, size * size) for one in flat])),
        _between(firsts),
        _outer(variants, count, 0),
        _outer(variants, count, -1),
        len(variants),
        stages,
        count,
        take(_slots(variants, count, angles)),
        firsts[0].real,
        _gradient_rows(list(map(len, variants)), count),
    )


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
    flat = np.zeros((angles, part.quadrants.size))
    if part.rates is not None:
        flat[: len(part.rates)] = part.rates.reshape(len(part.rates), -1)
    return flat


def _grown(array: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """With rows and columns of zeros at the end."""
    return np.pad(array, ((0, rows - array.shape[0]), (0, columns - array.shape[1])))


def _between(firsts: list[Block]) -> np.ndarray | None:
    """Constants before each stage but each block's first, one a stage."""
    own = [(None, *first.constants[1:-1]) for first in firsts]
    matrices = [_identity_or(one, firsts[0].size) for constants in own for one in constants]
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
        rows += [_identity_or(m.constants[end], m.size) for m in (*members, *padding)]
    return np.stack(rows)


def _identity_or(matrix: np.ndarray | None, size: int) -> np.ndarray:
    return np.eye(size) if matrix is None else matrix
