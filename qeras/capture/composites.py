"""Operators made of operators: controls, adjoints, products, powers and sums."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pennylane as qml

from qeras.capture.inverse import controlled, inverse, power
from qeras.capture.operations import by_matrix, operations
from qeras.capture.scalar import real_part
from qeras.capture.state_preparation import as_unitary
from qeras.capture.symbol import one_scalar
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import call
from qeras.circuit.gates import GATES


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


@operations.register(qml.ops.Pow)
def _(operator: Any) -> list[Operation]:
    base = as_unitary(operations(operator.base))
    exponent = one_scalar(operator.z, "a power")
    if isinstance(exponent.value, float) and exponent.value.is_integer():
        return power(base, int(exponent.value))
    if len(base) == 1 and (GATES[base[0].gate].rotation or base[0].gate == "Evolution"):
        theta, *rest = base[0].parameters
        scaled = call("multiply", theta, real_part(exponent, "a power"))
        return [replace(base[0], parameters=(scaled, *rest))]
    return [by_matrix(operator)]


@operations.register(qml.ops.SProd)
@operations.register(qml.ops.Sum)
@operations.register(qml.ops.LinearCombination)
def _(operator: Any) -> list[Operation]:
    return [by_matrix(operator)]
