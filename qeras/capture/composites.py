"""Operators made of operators: controls, adjoints, products and sums."""

from __future__ import annotations

from typing import Any

import pennylane as qml

from qeras.capture.inverse import controlled, inverse
from qeras.capture.operations import by_matrix, operations
from qeras.capture.state_preparation import as_unitary
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Operation


@operations.register(qml.ops.Controlled)
def _(operator: Any) -> list[Operation]:
    base = as_unitary(operations(operator.base))
    values = [bool(value) for value in operator.control_values]
    return controlled(base, wire_labels(operator.control_wires), values)


@operations.register(qml.ops.Adjoint)
def _(operator: Any) -> list[Operation]:
    return inverse(as_unitary(operations(operator.base)))


@operations.register(qml.ops.Prod)
def _(operator: qml.ops.Prod) -> list[Operation]:
    return [part for operand in reversed(operator.operands) for part in operations(operand)]


@operations.register(qml.ops.SProd)
@operations.register(qml.ops.Sum)
@operations.register(qml.ops.LinearCombination)
def _(operator: Any) -> list[Operation]:
    return [by_matrix(operator)]
