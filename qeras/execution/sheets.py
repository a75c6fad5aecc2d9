"""A state's real and imaginary part, held as the backend likes.

Sheets are arrays (k, 2**width, batch), k in all 2 for a state, 4 for a state and after it
its cotangent; the real part is before the imaginary part. On torch, where each kernel is
launched by itself, they are stacked in one array and take half or a quarter as many: 16
wires took 130 ms apart and 104 ms in one array. XLA fuses over separate arrays and copies
to put them together (12 wires: 13 ms apart, 19 ms in one), and TensorFlow runs operations
on separate arrays at the same time (25 ms, 43 ms).
"""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.context import State, Tensor

Sheets = tuple[Tensor, ...]


def from_parts(re: Tensor, im: Tensor) -> Sheets:
    """A state of its two parts, each (2**width, batch)."""
    if arrays.stacked:
        return (arrays.stack([re, im], axis=0),)
    return re[None], im[None]


def parts(state: Sheets) -> State:
    """Real and imaginary part of a state, each (2**width, batch)."""
    if arrays.stacked:
        re, im = arrays.unstack(state[0], axis=0)
        return re, im
    return state[0][0], state[1][0]


def together(state: Sheets, cotangent: Sheets) -> Sheets:
    """A state and its cotangent as sheets that moves act on alike."""
    if arrays.stacked:
        return (arrays.concatenate([state[0], cotangent[0]], axis=0),)
    return (*state, *cotangent)


def apart(sheets: Sheets) -> tuple[Sheets | None, Sheets]:
    """The inverse of `together`; the state is None where there is only a cotangent."""
    if not arrays.stacked:
        return (None, sheets) if len(sheets) == 2 else (sheets[:2], sheets[2:])
    (stack,) = sheets
    return (None, sheets) if stack.shape[0] == 2 else ((stack[:2],), (stack[2:],))


def pairs(sheets: Sheets) -> list[State]:
    """Real and imaginary parts, each (m, 2**width, batch)."""
    if arrays.stacked:
        re, im = arrays.unstack(_cube(sheets[0]), axis=1)
        return [(re, im)]
    return list(zip(sheets[::2], sheets[1::2], strict=True))


def from_pairs(found: list[State]) -> Sheets:
    """The inverse of `pairs`."""
    if not arrays.stacked:
        return tuple(part for pair in found for part in pair)
    ((re, im),) = found
    shape = (2 * re.shape[0], *re.shape[1:-1], -1)
    return (arrays.reshape(arrays.stack([re, im], axis=1), shape),)


def joined(sheets: Sheets) -> list[Tensor]:
    """Imaginary parts below real parts, (m, 2 * 2**width, batch)."""
    if not arrays.stacked:
        return [arrays.concatenate(pair, axis=1) for pair in pairs(sheets)]
    count, rows, _ = sheets[0].shape
    return [arrays.reshape(sheets[0], (count // 2, 2 * rows, -1))]


def from_joined(found: list[Tensor]) -> Sheets:
    """The inverse of `joined`."""
    if arrays.stacked:
        count, rows, _ = found[0].shape
        return (arrays.reshape(found[0], (2 * count, rows // 2, -1)),)
    half = found[0].shape[1] // 2
    return tuple(part for both in found for part in (both[:, :half], both[:, half:]))


def rotate(sheets: Sheets, cos: Tensor, sin: Tensor) -> Sheets:
    """Each number times cos + i sin; these have the sheets' last axes."""
    if not arrays.stacked:
        return from_pairs([arrays.rotate(*pair, cos, sin) for pair in pairs(sheets)])
    return _flat(arrays.rotate_stacked(_cube(sheets[0]), cos, sin))


def rotate_back(sheets: Sheets, cos: Tensor, sin: Tensor) -> Sheets:
    """Each number times cos - i sin."""
    if not arrays.stacked:
        return from_pairs([arrays.rotate_back(*pair, cos, sin) for pair in pairs(sheets)])
    return _flat(arrays.rotate_back_stacked(_cube(sheets[0]), cos, sin))


def times_i(sheets: Sheets) -> Sheets:
    """Each number times i."""
    return from_pairs([(-im, re) for re, im in pairs(sheets)])


def sum_axis(sheets: Sheets, axis: int, keepdims: bool = False) -> Sheets:
    """Sums over one axis of all sheets."""
    return tuple(arrays.sum(sheet, axis=axis, keepdims=keepdims) for sheet in sheets)


def reshaped(sheets: Sheets, shape: tuple[int, ...]) -> Sheets:
    """All sheets with another shape after the first axis."""
    return tuple(arrays.reshape(sheet, (sheet.shape[0], *shape)) for sheet in sheets)


def _cube(stack: Tensor) -> Tensor:
    """(k, ...) as (k / 2, 2, ...)."""
    return arrays.reshape(stack, (stack.shape[0] // 2, 2, *stack.shape[1:-1], -1))


def _flat(cube: Tensor) -> Sheets:
    return (arrays.reshape(cube, (2 * cube.shape[0], *cube.shape[2:-1], -1)),)
