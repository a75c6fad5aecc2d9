"""What a QNode gives without Qeras: values and gradients, one sample at a time."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np

STEP = 1e-5


def results(value: Any) -> list[np.ndarray]:
    """The measurements of one sample."""
    parts = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(parts, list | tuple):
        parts = [parts]
    return [np.asarray(part) for part in parts]


def values_of(qnode: Any, inputs: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    """Each measurement of a batch, (batch, *shape)."""
    rows = [results(qnode(inputs=row, weights=weights)) for row in inputs]
    return [np.stack(column) for column in zip(*rows, strict=True)]


def gradients_of(
    qnode: Any, inputs: np.ndarray, weights: np.ndarray, cotangents: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of `sum(cotangent * Re results)`, by PennyLane and autograd."""

    def total(row: Any, given: Any, sample: int) -> Any:
        value = qnode(inputs=row, weights=given)
        parts = (
            value if isinstance(value, list | tuple | autograd.builtins.SequenceBox) else [value]
        )
        pairs = zip(parts, cotangents, strict=True)
        return sum(anp.sum(anp.real(part) * cotangent[sample]) for part, cotangent in pairs)

    rows = [autograd.grad(total, (0, 1))(row, weights, sample) for sample, row in enumerate(inputs)]
    return np.stack([row for row, _ in rows]), np.sum([other for _, other in rows], axis=0)


def differences_of(
    qnode: Any, inputs: np.ndarray, weights: np.ndarray, cotangents: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The same by central differences of values."""

    def total(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        pairs = zip(values_of(qnode, x, w), cotangents, strict=True)
        return sum(
            np.sum(np.real(value) * cotangent, axis=tuple(range(1, value.ndim)))
            for value, cotangent in pairs
        )

    to_inputs, to_weights = np.empty_like(inputs), np.empty_like(weights)
    for place in range(len(weights)):
        step = np.zeros(len(weights))
        step[place] = STEP
        to_inputs[:, place] = (total(inputs + step, weights) - total(inputs - step, weights)) / (
            2 * STEP
        )
        to_weights[place] = np.sum(
            total(inputs, weights + step) - total(inputs, weights - step)
        ) / (2 * STEP)
    return to_inputs, to_weights
