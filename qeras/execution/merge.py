"""Outer products: two registers' states as one of both."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.context import State, Tensor


def merge(first: State, second: State) -> State:
    """The state of both registers, the first one's axes first."""
    (a, b), (c, d) = first, second
    return _outer(a, c) - _outer(b, d), _outer(a, d) + _outer(b, c)


def merge_backward(first: State, second: State, cotangent: State) -> tuple[State, State]:
    """Cotangents of the two registers' states: the other one's conjugate, contracted."""
    shape = (first[0].shape[0], second[0].shape[0], -1)
    cube = tuple(arrays.reshape(part, shape) for part in cotangent)
    to_first = _contract(tuple(part[None] for part in second), cube, axis=1)
    to_second = _contract(tuple(part[:, None] for part in first), cube, axis=0)
    return _like(first, to_first), _like(second, to_second)


def _outer(a: Tensor, b: Tensor) -> Tensor:
    return arrays.reshape(a[:, None] * b[None], (a.shape[0] * b.shape[0], -1))


def _contract(other: tuple[Tensor, ...], cube: tuple[Tensor, ...], axis: int) -> State:
    (re, im), (to_re, to_im) = other, cube
    return (
        arrays.sum(re * to_re + im * to_im, axis=axis),
        arrays.sum(re * to_im - im * to_re, axis=axis),
    )


def _like(state: State, cotangent: State) -> State:
    """A register without a batch axis collects the whole batch's cotangent."""
    if state[0].shape[1] != 1:
        return cotangent
    return tuple(arrays.sum(part, axis=1, keepdims=True) for part in cotangent)
