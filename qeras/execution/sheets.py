"""The numbers of a state, held as the backend likes.

Sheets are arrays (2**width, batch). On JAX and TensorFlow a state is two real ones, real and
imaginary part, over which their compilers fuse and which TensorFlow works on at the same
time. On torch, where each kernel is launched by itself, it is one complex array: a product
of complex numbers is one kernel in place of four, a gathered row is twice as long, and a
real matrix sees the same memory as an array of real numbers, (2**width, 2 * batch).

A state with its cotangent is the sheets of both, one after the other. Whatever depends on
how they are held is in this file and in `execution/matrix.py`.
"""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.context import State, Tensor

Sheets = tuple[Tensor, ...]


def from_parts(re: Tensor, im: Tensor) -> Sheets:
    """A state, or factors of one, of real and imaginary part."""
    return (arrays.make_complex(re, im),) if arrays.holds_complex() else (re, im)


def parts(state: Sheets) -> State:
    """Real and imaginary part of a state."""
    if arrays.holds_complex():
        return arrays.real(state[0]), arrays.imag(state[0])
    re, im = state
    return re, im


def together(state: Sheets, cotangent: Sheets) -> Sheets:
    """A state and its cotangent as sheets that moves act on alike."""
    return (*state, *cotangent)


def apart(sheets: Sheets) -> tuple[Sheets | None, Sheets]:
    """The inverse of `together`; the state is None where there is only a cotangent."""
    count = 1 if arrays.holds_complex() else 2
    return (None, sheets) if len(sheets) == count else (sheets[:count], sheets[count:])


def real_arrays(sheets: Sheets) -> list[Tensor]:
    """Views, (2**width, batch) or (2**width, batch, 2), to which a real matrix does alike."""
    return [arrays.real_view(s) for s in sheets] if arrays.holds_complex() else list(sheets)


def from_real_arrays(found: list[Tensor]) -> Sheets:
    """The inverse of `real_arrays`."""
    return tuple(map(arrays.complex_view, found) if arrays.holds_complex() else found)


def pairs(sheets: Sheets) -> list[State]:
    """Real and imaginary part of each state."""
    return list(zip(sheets[::2], sheets[1::2], strict=True))


def multiply(sheets: Sheets, factors: Sheets) -> Sheets:
    """Each number times its factor; the factors may lack the batch."""
    if arrays.holds_complex():
        return tuple(arrays.times_factors(sheet, factors[0]) for sheet in sheets)
    cos, sin = factors
    return tuple(
        part for re, im in pairs(sheets) for part in (re * cos - im * sin, re * sin + im * cos)
    )


def multiply_conjugate(sheets: Sheets, factors: Sheets) -> Sheets:
    """Each number times the conjugate of its factor."""
    if arrays.holds_complex():
        conjugate = arrays.conj(factors[0])
        return tuple(arrays.times_factors(sheet, conjugate) for sheet in sheets)
    cos, sin = factors
    return tuple(
        part for re, im in pairs(sheets) for part in (re * cos + im * sin, im * cos - re * sin)
    )


def squares(state: Sheets) -> Tensor:
    """The square of each number's absolute value."""
    return arrays.sum_of_squares(*parts(state))


def squares_backward(state: Sheets, cotangent: Tensor) -> Sheets:
    """The cotangent of the state from that of its `squares`."""
    if arrays.holds_complex():
        return (arrays.times_factors(state[0], arrays.times_factors(cotangent, 2.0)),)
    return tuple(part * (2.0 * cotangent) for part in state)


def sum_axis(sheets: Sheets, axis: int, keepdims: bool = False) -> Sheets:
    """Sums over one axis."""
    return tuple(arrays.sum(sheet, axis=axis, keepdims=keepdims) for sheet in sheets)


def reshaped(sheets: Sheets, shape: tuple[int, ...]) -> Sheets:
    """All sheets in another shape."""
    return tuple(arrays.reshape(sheet, shape) for sheet in sheets)
