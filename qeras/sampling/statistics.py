"""What the shots of each group give: means, relative frequencies, counts and samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from keras import ops

from qeras.backend import arrays
from qeras.execution.blocks import from_blocks, to_blocks
from qeras.execution.context import Constants, State, Tensor
from qeras.measurements.densities import diagonal
from qeras.measurements.expectations import signed_sums
from qeras.measurements.states import marginal
from qeras.plan.sample_groups import Counted, Sampled, SampledReadouts, SampleGroup, Turn
from qeras.sampling.outcomes import FEW_AXES, chunks, draw, histogram, histogram_of_few
from qeras.sampling.streams import Stream

Probabilities = Callable[[SampleGroup], Tensor]  # (2**axes of the group, batch)


class Statistics(NamedTuple):
    """Of all groups, each (..., batch) unless it says otherwise.

    Attributes:
        values: means, (values, batch), without the number one; None if there are none.
        frequencies: of each `probs` in order of readouts, (outcomes, batch).
        others: of `counts`, (batch, outcomes), and of `sample`, (batch, shots, ...), by
            readout; no gradient goes through them.
    """

    values: Tensor | None
    frequencies: list[Tensor]
    others: dict[int, Tensor]

    def differentiable_parts(self) -> list[Tensor]:
        """The values, if any, and the frequencies."""
        return [*([] if self.values is None else [self.values]), *self.frequencies]


def statistics(
    readouts: SampledReadouts,
    probabilities: Probabilities,
    stream: Stream,
    constants: Constants,
    means_only: bool = False,
) -> Statistics:
    """Draw the shots of all groups.

    Args:
        readouts: of the plan.
        probabilities: of a group's basis states.
        stream: seeds.
        constants: the plan's arrays.
        means_only: leave out counts and samples, and groups of nothing else.
    """
    values: list[Tensor] = []
    frequencies: dict[int, Tensor] = {}
    others: dict[int, Tensor] = {}
    for group in readouts.groups:
        has_means = group.words is not None or group.tables is not None or group.marginals
        if means_only and not has_means:
            continue
        given = probabilities(group)
        # Of a state that is nan, what is drawn is nan and not some basis state.
        unknown = 0 * arrays.sum(given, axis=0)
        keep = bool(group.sampled) and not means_only
        counts, places = _drawn(group, given, stream, constants, keep)
        counts = counts + unknown
        # Divided last: whole numbers add up exactly.
        values += [sums / group.shots for sums in _sums(group, counts, constants)]
        for readout, positions in group.marginals:
            frequencies[readout] = marginal(positions, len(group.axes), counts) / group.shots
        if not means_only:
            for counted in group.counted:
                others[counted.readout] = _counts(counted, group, counts, constants)
            for sampled in group.sampled:
                found = _samples(sampled, group, places, constants)
                others[sampled.readout] = found + ops.reshape(
                    unknown, (-1, *(1 for _ in found.shape[1:]))
                )
    return Statistics(
        _joined(values), [frequencies[readout] for readout in sorted(frequencies)], others
    )


def _joined(parts: list[Tensor]) -> Tensor | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=0)


def _drawn(
    group: SampleGroup, probabilities: Tensor, stream: Stream, constants: Constants, keep: bool
) -> tuple[Tensor, Tensor | None]:
    """(how often each basis state came, all of them in order if `keep`)."""
    total, kept = None, []
    for shots in chunks(group.shots):
        if not keep and len(group.axes) <= FEW_AXES:
            counts = histogram_of_few(probabilities, len(group.axes), shots, stream)
            total = counts if total is None else total + counts
            continue
        places = draw(probabilities, len(group.axes), shots, stream)
        counts = histogram(places, len(group.axes), constants.dtype)
        total = counts if total is None else total + counts
        if keep:
            kept.append(places)
    return total, ops.concatenate(kept, axis=1) if keep else None


def _sums(group: SampleGroup, counts: Tensor, constants: Constants) -> list[Tensor]:
    found = []
    if group.words is not None:
        found.append(signed_sums(group.words, counts, constants))
    if group.tables is not None:
        found.append(constants.real(group.tables) @ counts)
    return found


def _counts(counted: Counted, group: SampleGroup, counts: Tensor, constants: Constants) -> Tensor:
    if counted.table is not None:
        return arrays.transpose(constants.real(counted.table) @ counts)
    return arrays.transpose(marginal(counted.positions, len(group.axes), counts))


def _samples(sampled: Sampled, group: SampleGroup, places: Tensor, constants: Constants) -> Tensor:
    if sampled.table is not None:
        flat = arrays.gather(constants.real(sampled.table), arrays.reshape(places, (-1,)))
        return arrays.reshape(flat, (-1, group.shots))
    weights = constants.index(_weights(sampled.positions, len(group.axes)))
    return ops.cast((places[:, :, None] // weights) % 2, constants.dtype)


@lru_cache(maxsize=64)
def _weights(positions: tuple[int, ...], width: int) -> np.ndarray:
    """What a bit adds to the number of a basis state; made once, as constants are known by
    their identity."""
    return np.array([2 ** (width - 1 - position) for position in positions], "int32")


def of_state(state: State, width: int, constants: Constants) -> Probabilities:
    """Probabilities of a state, parts (2**width, batch), in the basis of a group."""

    def probabilities(group: SampleGroup) -> Tensor:
        re, im = turned(group.turns, width, state, constants)
        return marginal(group.axes, width, re * re + im * im)

    return probabilities


def of_density(state: State, width: int, constants: Constants) -> Probabilities:
    """Probabilities of a density matrix, parts (4**width, batch), in the basis of a group."""

    def probabilities(group: SampleGroup) -> Tensor:
        rows = tuple(replace(turn, axes=tuple(2 * a for a in turn.axes)) for turn in group.turns)
        columns = tuple(
            replace(turn, axes=tuple(2 * a + 1 for a in turn.axes), imaginary=turn.minus_imaginary)
            for turn in group.turns
        )
        after = turned((*rows, *columns), 2 * width, state, constants)
        return marginal(group.axes, width, diagonal(width, after, constants))

    return probabilities


def turned(turns: tuple[Turn, ...], width: int, state: State, constants: Constants) -> State:
    """The state after the turns."""
    for turn in turns:
        re, im = (to_blocks(turn.axes, width, part) for part in state)
        real, imaginary = constants.real(turn.real), constants.real(turn.imaginary)
        after = (
            arrays.times_each(real, re) - arrays.times_each(imaginary, im),
            arrays.times_each(imaginary, re) + arrays.times_each(real, im),
        )
        re, im = (from_blocks(turn.axes, width, part) for part in after)
        state = re, im
    return state
