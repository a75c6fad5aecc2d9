"""Outer products: two registers' states as one of both."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.sheets import Sheets, multiply, multiply_conjugate, reshaped, sum_axis


def merge(first: Sheets, second: Sheets) -> Sheets:
    """The state of both registers, the first one's axes first."""
    rows, columns = first[0].shape[0], second[0].shape[0]
    cube = multiply(_rows(first), _columns(second))
    return reshaped(cube, (rows * columns, -1))


def merge_backward(first: Sheets, second: Sheets, cotangent: Sheets) -> tuple[Sheets, Sheets]:
    """Cotangents of the two registers' states: the other one's conjugate, contracted."""
    cube = reshaped(cotangent, (first[0].shape[0], second[0].shape[0], -1))
    to_first = arrays.sum_each(multiply_conjugate(cube, _columns(second)), 1)
    to_second = arrays.sum_each(multiply_conjugate(cube, _rows(first)), 0)
    return _like(first, to_first), _like(second, to_second)


def _rows(state: Sheets) -> Sheets:
    return reshaped(state, (state[0].shape[0], 1, -1))


def _columns(state: Sheets) -> Sheets:
    return reshaped(state, (1, state[0].shape[0], -1))


def _like(state: Sheets, cotangent: Sheets) -> Sheets:
    """A register without a batch axis collects the whole batch's cotangent."""
    return cotangent if state[0].shape[1] != 1 else sum_axis(cotangent, axis=1, keepdims=True)
