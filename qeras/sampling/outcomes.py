"""Basis states drawn by their probabilities, and how often each was."""

from __future__ import annotations

import keras
from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Tensor
from qeras.sampling.streams import Stream

# Random numbers have 23 bits in float32; a fresh one after so many halvings keeps the
# smallest probabilities right.
HALVINGS = 10
BELOW_ONE = 1 - 2**-23
# Up to so many axes, passes over all shots are faster than to place each shot, several times in a
# step with 1000 shots, 4 axes and a batch of 32; but not where the backend has a compiler that
# places shots in one loop (JAX, 3 times slower).
FEW_AXES = 0 if arrays.fuses else 4
# So many shots of a sample are in memory at once.
SHOTS_AT_ONCE = 2**16


def draw(probabilities: Tensor, axes: int, shots: int, stream: Stream) -> Tensor:
    """Numbers of basis states, drawn with replacement; (batch, shots), int32.

    Halves the interval of the cumulative sum, axis by axis, on a tree of partial sums, so
    no sum of many small numbers is rounded and what has probability 0 is never drawn.

    Args:
        probabilities: (2**axes, batch); their sum may be any positive number.
        axes: number of axes.
        shots: how many for each sample.
        stream: seeds.
    """
    sums = [arrays.transpose(probabilities)]
    for level in reversed(range(axes)):
        sums.insert(0, arrays.sum(arrays.reshape(sums[0], (-1, 2**level, 2)), axis=2))
    batch = ops.shape(probabilities)[1]
    rows = ops.reshape(ops.repeat(ops.arange(batch, dtype="int32"), shots), (-1,))
    place = ops.zeros_like(rows)
    rest = None
    for level in range(axes):
        if level % HALVINGS == 0:
            uniform = keras.random.uniform((batch, shots), dtype=sums[0].dtype, seed=stream)
            rest = arrays.reshape(uniform, (-1,)) * _at(sums[level], rows, place)
        left, right = (_at(sums[level + 1], rows, 2 * place + side) for side in (0, 1))
        is_right = ops.logical_and(rest >= left, right > 0)
        rest = arrays.where(is_right, rest - left, rest)
        place = 2 * place + ops.cast(is_right, "int32")
    return arrays.reshape(place, (batch, shots))


def _at(sums: Tensor, rows: Tensor, place: Tensor) -> Tensor:
    """Entries `place` of the rows of (batch, 2**level)."""
    return arrays.gather(arrays.reshape(sums, (-1,)), rows * sums.shape[1] + place)


def histogram(places: Tensor, axes: int, dtype: str) -> Tensor:
    """How often each basis state is among (batch, shots); (2**axes, batch)."""
    batch = ops.shape(places)[0]
    cells = places + 2**axes * ops.arange(batch, dtype="int32")[:, None]
    flat = arrays.reshape(cells, (-1,))
    ones = ops.ones_like(flat, dtype=dtype)
    counts = ops.segment_sum(ones, flat, num_segments=batch * 2**axes)
    return arrays.transpose(arrays.reshape(counts, (-1, 2**axes)))


def histogram_of_few(probabilities: Tensor, axes: int, shots: int, stream: Stream) -> Tensor:
    """`histogram` of as many draws, without the draws themselves: how many random numbers lie
    above each step of the cumulative sum; a pass over them for each basis state.

    Steps of the same height have no number between them, so what has probability 0 is
    never drawn."""
    upper = [probabilities[0]]
    for state in range(1, 2**axes):
        upper.append(upper[-1] + probabilities[state])
    batch, dtype = ops.shape(probabilities)[1], probabilities.dtype
    uniform = keras.random.uniform((batch, shots), dtype=dtype, seed=stream)
    # Below the last step, after rounding too.
    heights = uniform * (BELOW_ONE * upper[-1])[:, None]
    above = [ops.full_like(upper[0], shots)]
    for state in range(2**axes - 1):
        is_above = ops.cast(heights >= upper[state][:, None], dtype)
        above.append(arrays.sum(is_above, axis=1))
    above.append(ops.zeros_like(upper[0]))
    steps = ops.stack(above)
    return steps[:-1] - steps[1:]


def chunks(shots: int) -> list[int]:
    """The shots in parts of at most `SHOTS_AT_ONCE`."""
    whole, rest = divmod(shots, SHOTS_AT_ONCE)
    return [SHOTS_AT_ONCE] * whole + [rest] * bool(rest)
