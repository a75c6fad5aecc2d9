"""Subroutines whose unitaries PennyLane finds by numerical algebra, from formulas."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture import scalar as sc
from qeras.capture.arrays import FUNCTIONS, Array, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import unitary
from qeras.capture.operations import by_matrix, decomposed, operations
from qeras.capture.symbol import numbers, unwrap
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Operation


@operations.register(qml.Hermitian)
def _(operator: qml.Hermitian) -> list[Operation]:
    return [by_matrix(operator)]


@operations.register(qml.BasisRotation)
def _(operator: qml.BasisRotation) -> list[Operation]:
    """Fermions that move independently: an entry between two occupations of modes is the
    minor of their rows and columns (Thouless' theorem)."""
    matrix = operator.data[0]
    if numbers(matrix) is not None:
        return decomposed(operator)
    modes = to_array(unwrap(matrix))
    wires = wire_labels(operator.wires)
    result = to_array(np.zeros((2 ** len(wires),) * 2))
    for count in range(len(wires) + 1):
        occupations = list(combinations(range(len(wires)), count))
        for after in occupations:
            for before in occupations:
                entry = _minor(modes, before, after)
                result[_state(after, len(wires)), _state(before, len(wires))] = entry
    return [unitary(result, wires)]


def _minor(matrix: Array, rows: tuple[int, ...], columns: tuple[int, ...]) -> Any:
    if not rows:
        return sc.as_scalar(1)
    return FUNCTIONS["det"](matrix[np.ix_(rows, columns)])


def _state(occupied: Iterable[int], width: int) -> int:
    return sum(1 << (width - 1 - mode) for mode in occupied)


@operations.register(qml.MPSPrep)
def _(operator: qml.MPSPrep) -> list[Operation]:
    """A unitary for each tensor, on its wire and the work wires (arXiv:2310.18410, eq. 23);
    the columns that the tensor leaves open are PennyLane's."""
    tensors = [to_array(unwrap(tensor)) for tensor in operator.data]
    if all(numbers(tensor) is not None for tensor in tensors):
        return decomposed(operator)
    work = operator.hyperparameters["work_wires"]
    if operator.hyperparameters["right_canonicalize"] or not work:
        raise CaptureError(
            "Expected MPSPrep of inputs or weights with work_wires and right_canonicalize=False, "
            "whose tensors are right-canonical already. Received: right_canonicalize="
            f"{operator.hyperparameters['right_canonicalize']}, work_wires={work}"
        )
    tensors[0], tensors[-1] = tensors[0][None], tensors[-1][:, :, None]
    wires = wire_labels(operator.hyperparameters["input_wires"])
    return [
        unitary(_completed(tensor, 2 ** (len(work) + 1)), (wire, *wire_labels(work)))
        for tensor, wire in zip(tensors, wires, strict=True)
    ]


def _completed(tensor: Array, size: int) -> Array:
    """The unitary of a tensor (left, 2, right): a column for each left index."""
    columns = to_array(np.zeros((size, len(tensor))))
    right = tensor.shape[2]
    columns[:right] = tensor[:, 0].T
    columns[size // 2 : size // 2 + right] = tensor[:, 1].T
    free = np.random.RandomState(42).random((size, size - len(tensor)))
    return _orthonormal(np.hstack([columns, to_array(free)]))


def _orthonormal(matrix: Array) -> Array:
    """The columns made orthonormal one after the other, as a QR decomposition whose R has a
    positive diagonal."""
    found: list[Array] = []
    for column in matrix.T:
        for earlier in found:
            column = column - earlier * FUNCTIONS["vdot"](earlier, column).item()
        found.append(column / FUNCTIONS["norm"](column).item())
    return np.stack(found, axis=1)
