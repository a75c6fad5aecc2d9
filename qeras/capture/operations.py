"""PennyLane operators as operations of the gate table, exact with their phases.

An operator is, in this order: one of the rules below; a gate of the table; its
decomposition in PennyLane; its matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from itertools import product
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.arrays import to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries, unitary
from qeras.capture.scalar import real_part
from qeras.capture.symbol import numbers, one_scalar, unwrap
from qeras.capture.wires import wire_labels
from qeras.circuit.channels import CHANNELS
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import Expression, call, constant
from qeras.circuit.gates import DATA_GATES, GATES


@singledispatch
def operations(operator: Any) -> list[Operation]:
    """The operator as operations, first one first.

    Raises:
        CaptureError: if it is no unitary that can be written with the gate table.
    """
    if operator.name in GATES and operator.name not in DATA_GATES:
        return [_native(operator)]
    if operator.has_decomposition:
        return decomposed(operator)
    if operator.has_matrix:
        return [by_matrix(operator)]
    raise unsupported(operator)


def unsupported(operator: Any) -> CaptureError:
    """The error that names an operator that is no unitary of the gate table."""
    return CaptureError(
        f"Expected an operation that is unitary. Received: {operator.name} on wires "
        f"{list(operator.wires)}. Supported are the gates {', '.join(sorted(GATES))}, "
        "controls, adjoints, powers, products and exponentials of them, and every operation "
        "that PennyLane decomposes into these or gives a matrix for."
    )


def parameters(operator: Any) -> tuple[Expression, ...]:
    """The operator's numbers as real expressions."""
    return tuple(angle(datum, operator) for datum in operator.data)


def angle(datum: Any, operator: Any) -> Expression:
    """One number of an operator as a real expression."""
    what = f"a parameter of {operator.name} on wires {list(operator.wires)}"
    return real_part(one_scalar(datum, what), what)


def _native(operator: Any) -> Operation:
    return Operation(operator.name, wire_labels(operator.wires), parameters(operator))


def decomposed(operator: Any) -> list[Operation]:
    """The operator by its decomposition in PennyLane, or its matrix if that fails.

    Raises:
        CaptureError: if there is neither for symbols.
    """
    try:
        with qml.QueuingManager.stop_recording():
            parts = operator.decomposition()
        return [operation for part in parts for operation in operations(part)]
    except CaptureError:
        if operator.has_matrix:
            return [by_matrix(operator)]
        raise
    except Exception as error:
        raise CaptureError(
            f"Expected {operator.name} to decompose for symbols of inputs and weights. "
            f"Received: {type(error).__name__}: {error}, for {operator}"
        ) from error


def by_matrix(operator: Any) -> Operation:
    """The operator as a `QubitUnitary`."""
    matrix = to_array(unwrap(operator.matrix()))
    check_unitary(matrix, operator)
    return unitary(matrix, wire_labels(operator.wires))


def check_unitary(matrix: np.ndarray, operator: Any) -> None:
    """Refuse a constant matrix that is not unitary."""
    values = numbers(matrix)
    if values is None:
        return
    if not np.allclose(values @ values.conj().T, np.eye(len(values)), atol=1e-5):
        raise _not_unitary(operator)


def _not_unitary(operator: Any) -> CaptureError:
    return CaptureError(
        f"Expected a unitary operation. Received: {operator.name} on wires "
        f"{list(operator.wires)}, whose matrix is not unitary"
    )


@operations.register(qml.Identity)
@operations.register(qml.Barrier)
@operations.register(qml.Snapshot)
@operations.register(qml.WireCut)
def _(operator: Any) -> list[Operation]:
    return []


@operations.register(qml.ops.qubit.observables.BasisStateProjector)
def _(operator: Any) -> list[Operation]:
    """Postselection: what is left of the state, not normalised."""
    bits = [int(bit) for bit in operator.data[0]]
    kept = sum(bit << place for place, bit in enumerate(reversed(bits)))
    diagonal = np.zeros(2 ** len(bits))
    diagonal[kept] = 1.0
    return [Operation("DiagonalQubitUnitary", wire_labels(operator.wires), entries(diagonal))]


@operations.register(qml.operation.Channel)
def _(operator: Any) -> list[Operation]:
    if operator.name not in CHANNELS:
        raise unsupported(operator)
    return [Operation(operator.name, wire_labels(operator.wires), parameters(operator))]


@operations.register(qml.PauliError)
def _(operator: Any) -> list[Operation]:
    word = operator.hyperparameters["operators"]
    wires = wire_labels(operator.wires)
    return [Operation("PauliError", wires, parameters(operator), pauli_word=word)]


@operations.register(qml.QubitChannel)
def _(operator: Any) -> list[Operation]:
    matrices = np.array([to_array(unwrap(matrix)) for matrix in operator.data])
    return [Operation("QubitChannel", wire_labels(operator.wires), entries(matrices))]


@operations.register(qml.ops.MidMeasure)
@operations.register(qml.ops.Conditional)
def _(operator: Any) -> list[Operation]:
    raise unsupported(operator)


@operations.register(qml.GlobalPhase)
def _(operator: qml.GlobalPhase) -> list[Operation]:
    return [Operation("GlobalPhase", (), parameters(operator))]


@operations.register(qml.PauliRot)
def _(operator: qml.PauliRot) -> list[Operation]:
    word = operator.hyperparameters["pauli_word"]
    return [pauli_rotation(parameters(operator)[0], word, wire_labels(operator.wires))]


def pauli_rotation(theta: Expression, word: str, wires: Sequence[Any]) -> Operation:
    """exp(-i theta/2 P), on the wires where P is not the identity."""
    letters = [(wire, letter) for wire, letter in zip(wires, word, strict=True) if letter != "I"]
    if not letters:
        return Operation("GlobalPhase", (), (call("multiply", theta, constant(0.5)),))
    return Operation(
        "PauliRot",
        tuple(wire for wire, _ in letters),
        (theta,),
        pauli_word="".join(letter for _, letter in letters),
    )


@operations.register(qml.QubitUnitary)
def _(operator: qml.QubitUnitary) -> list[Operation]:
    data = operator.data[0]
    matrix = to_array(data.toarray() if qml.math.get_interface(data) == "scipy" else unwrap(data))
    check_axes(matrix, 2, operator)
    check_unitary(matrix, operator)
    return [unitary(matrix, wire_labels(operator.wires))]


@operations.register(qml.DiagonalQubitUnitary)
def _(operator: qml.DiagonalQubitUnitary) -> list[Operation]:
    diagonal = to_array(unwrap(operator.data[0]))
    check_axes(diagonal, 1, operator)
    values = numbers(diagonal)
    if values is not None and not np.allclose(np.abs(values), 1, atol=1e-5):
        raise _not_unitary(operator)
    return [Operation("DiagonalQubitUnitary", wire_labels(operator.wires), entries(diagonal))]


def check_axes(array: np.ndarray, axes: int, operator: Any) -> None:
    """Refuse data of several samples."""
    if array.ndim != axes:
        raise CaptureError(
            f"Expected an array of {axes} axes for {operator.name}, of one sample. "
            f"Received: shape {array.shape}"
        )


@operations.register(qml.SelectPauliRot)
def _(operator: qml.SelectPauliRot) -> list[Operation]:
    controls = wire_labels(operator.hyperparameters["control_wires"])
    target = wire_labels(operator.hyperparameters["target_wire"])
    gate = f"R{operator.hyperparameters['rot_axis']}"
    angles = to_array(unwrap(operator.data[0]))
    return [
        Operation(gate, target, (real_part(one, "an angle of SelectPauliRot"),), controls, values)
        for one, values in zip(angles, product((False, True), repeat=len(controls)), strict=True)
    ]
