"""Outer products: two registers' states as one of both."""

from __future__ import annotations

from qeras.execution.sheets import Sheets, parts, reshaped, rotate, rotate_back, sum_axis


def merge(first: Sheets, second: Sheets) -> Sheets:
    """The state of both registers, the first one's axes first."""
    re, im = parts(first)
    rows = second[0].shape[1]
    cube = rotate(reshaped(second, (1, rows, -1)), re[:, None], im[:, None])
    return reshaped(cube, (re.shape[0] * rows, -1))


def merge_backward(first: Sheets, second: Sheets, cotangent: Sheets) -> tuple[Sheets, Sheets]:
    """Cotangents of the two registers' states: the other one's conjugate, contracted."""
    cube = reshaped(cotangent, (first[0].shape[1], second[0].shape[1], -1))
    re, im = parts(first)
    other_re, other_im = parts(second)
    to_first = sum_axis(rotate_back(cube, other_re, other_im), axis=2)
    to_second = sum_axis(rotate_back(cube, re[:, None], im[:, None]), axis=1)
    return _like(first, to_first), _like(second, to_second)


def _like(state: Sheets, cotangent: Sheets) -> Sheets:
    """A register without a batch axis collects the whole batch's cotangent."""
    return cotangent if state[0].shape[2] != 1 else sum_axis(cotangent, axis=2, keepdims=True)
