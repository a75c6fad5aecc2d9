"""Subroutines whose unitaries PennyLane finds by numerical algebra, from formulas."""

from __future__ import annotations

import numpy as np
import pennylane as qml

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
        parts = [earlier * FUNCTIONS["vdot"](earlier, column).item() for earlier in found]
        rest = column - FUNCTIONS["sum"](to_array(parts), axis=0) if parts else column
        found.append(rest / FUNCTIONS["norm"](rest).item())
    return np.stack(found, axis=1)
