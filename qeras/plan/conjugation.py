"""Phases between a permutation and its inverse, as CNOT, RZ, CNOT: phases on more axes.

With P for the permutation, P^-1 exp(i phase) P = exp(i phase'): as many passes over the state
as the phase itself, and phases in a row are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qeras.plan.factors import Factor, Permutation, Phase
from qeras.plan.lowering import embed_source, embed_vector

# A generator is 2**axes numbers.
MAX_AXES = 10


def conjugated(factors: Sequence[Factor]) -> list[Factor]:
    """The factors without permutations that only change the phases between them."""
    result: list[Factor] = []
    for factor in factors:
        start = _partner(result, factor) if isinstance(factor, Permutation) else None
        if start is None:
            result.append(factor)
        else:
            assert isinstance(factor, Permutation)
            result[start:] = [_through(one, factor) for one in result[start + 1 :]]
    return result


def _partner(factors: Sequence[Factor], last: Permutation) -> int | None:
    """Where the inverse of `last` is, if only phases and what is on other axes is between."""
    for place in reversed(range(len(factors))):
        factor = factors[place]
        if not set(factor.axes) & set(last.axes):
            continue
        if isinstance(factor, Permutation):
            return place if _are_inverse(factor, last) else None
        if not isinstance(factor, Phase) or len({*factor.axes, *last.axes}) > MAX_AXES:
            return None
    return None


def _are_inverse(first: Permutation, second: Permutation) -> bool:
    return first.axes == second.axes and np.array_equal(
        first.source[second.source], np.arange(len(first.source))
    )


def _through(factor: Factor, last: Permutation) -> Factor:
    """`last`, the factor, the inverse of `last`, as one factor."""
    if not set(factor.axes) & set(last.axes):
        return factor
    assert isinstance(factor, Phase)
    axes = tuple(dict.fromkeys((*factor.axes, *last.axes)))
    places = tuple(map(axes.index, factor.axes))
    source = embed_source(last.source, tuple(map(axes.index, last.axes)), len(axes))
    generator = embed_vector(factor.generator, places, len(axes))[source]
    return replace(factor, axes=axes, generator=generator)
