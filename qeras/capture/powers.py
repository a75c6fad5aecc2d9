"""Powers of operators, also by numbers that are no integers, or inputs and weights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.exceptions import PowUndefinedError
from scipy.linalg import schur
from scipy.sparse.csgraph import connected_components

from qeras.capture import scalar as sc
from qeras.capture.arrays import Array, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries, power, unitary
from qeras.capture.operations import by_matrix, check_unitary, operations
from qeras.capture.scalar import Scalar, real_part, total
from qeras.capture.state_preparation import as_unitary
from qeras.capture.symbol import numbers, one_scalar, unwrap
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import ONE, ZERO, Expression, call, constant
from qeras.circuit.gates import GATES


@operations.register(qml.ops.Pow)
def _(operator: Any) -> list[Operation]:
    base = as_unitary(operations(operator.base))
    exponent = one_scalar(operator.z, "a power")
    if isinstance(exponent.value, float) and exponent.value.is_integer():
        return power(base, int(exponent.value))
    z = real_part(exponent, "a power")
    if len(base) == 1 and (GATES[base[0].gate].rotation or isinstance(operator.base, qml.ops.Exp)):
        theta, *rest = base[0].parameters
        return [replace(base[0], parameters=(call("multiply", theta, z), *rest))]
    scaled = _scaled(operator)
    if scaled is not None:
        return [part for one in scaled for part in operations(one)]
    return [_principal(operator, base, z)]


def _scaled(operator: Any) -> list[Any] | None:
    """The power as PennyLane writes it, a gate of a multiple of the angle; None if it has no
    such form, or asks for values in order to find one."""
    try:
        with qml.QueuingManager.stop_recording():
            found = operator.base.pow(operator.z)
    except (PowUndefinedError, ValueError):
        return None
    return None if any(isinstance(one, qml.ops.Pow) for one in found) else found


def _principal(operator: Any, base: list[Operation], z: Expression) -> Operation:
    """The power whose eigenvalues are exp(i z phase), with phases from -pi to pi."""
    if numbers(operator.z) is not None and all(_is_constant(one) for one in base):
        return by_matrix(operator)
    wires = wire_labels(operator.wires)
    matrix = _matrix_of(operator, base)
    values = numbers(matrix)
    if values is not None:
        check_unitary(matrix, operator)
        return Operation("Evolution", wires, (z, *entries(_phases_of(values))))
    result = to_array(np.zeros(matrix.shape))
    for block in _blocks(operator, matrix):
        of_block = _power_of_one if len(block) == 1 else _power_of_two
        result[np.ix_(block, block)] = of_block(matrix[np.ix_(block, block)], z)
    return unitary(result, wires)


def _is_constant(operation: Operation) -> bool:
    return numbers(to_array([Scalar(one) for one in operation.parameters])) is not None


def _matrix_of(operator: Any, base: list[Operation]) -> Array:
    if len(base) == 1 and base[0].gate == "QubitUnitary" and not base[0].controls:
        half = len(base[0].parameters) // 2
        pairs = zip(base[0].parameters[:half], base[0].parameters[half:], strict=True)
        side = 2 ** len(base[0].wires)
        return to_array([Scalar(re, im) for re, im in pairs]).reshape(side, side)
    return to_array(unwrap(operator.base.matrix()))


def _phases_of(matrix: np.ndarray) -> np.ndarray:
    """The Hermitian H of a unitary exp(iH), with eigenvalues from -pi to pi, pi included."""
    triangular, vectors = schur(matrix.astype(complex), output="complex")
    phases = np.angle(np.diag(triangular))
    phases = np.where(phases < 1e-9 - np.pi, np.pi, phases)
    return vectors @ np.diag(phases) @ vectors.conj().T


def _blocks(operator: Any, matrix: Array) -> list[np.ndarray]:
    """Sets of basis states that the matrix does not mix.

    Raises:
        CaptureError: if it mixes more than two, whose eigenvalues have no short formula.
    """
    pattern = np.vectorize(lambda entry: not entry.is_zero, otypes=[bool])(matrix)
    count, label = connected_components(pattern, directed=False)
    blocks = [np.flatnonzero(label == number) for number in range(count)]
    if max(map(len, blocks)) > 2:
        raise CaptureError(
            f"Expected a power that is an integer, or of an operator that mixes at most two basis "
            f"states with each other. Received: {operator}. Write the power of each of its gates, "
            "or `qml.evolve` of a generator times the exponent."
        )
    return blocks


def _power_of_one(block: Array, z: Expression) -> Array:
    return to_array([[_turn(call("multiply", z, sc.angle(block.item()).re))]])


def _power_of_two(block: Array, z: Expression) -> Array:
    """U = exp(i alpha) V with V of determinant 1 has the phases alpha +- phi, where cos phi is
    half of V's trace and V - cos phi is i sin phi times a matrix whose square is 1."""
    (a, b), (c, d) = block
    alpha = call("multiply", sc.angle(a * d - b * c).re, constant(0.5))
    back = _turn(call("negative", alpha))
    a, b, c, d = (one * back for one in (a, b, c, d))
    cosine = sc.real(a + d) * 0.5
    squared = total([sc.square(part((a - d) * 0.5)) for part in (sc.real, sc.imag)])
    squared += total([sc.square(part(b)) for part in (sc.real, sc.imag)])
    positive = sc.truth(squared)
    sine = sc.where(positive, sc.sqrt(sc.where(positive, squared, Scalar(ONE))), Scalar(ZERO))
    phi = call("arctan2", sine.re, cosine.re)
    first, second = (_wrapped(call(sign, alpha, phi)) for sign in ("add", "subtract"))
    middle = call("multiply", call("add", first, second), constant(0.5))
    half = call("multiply", call("subtract", first, second), constant(0.5))
    angle = call("multiply", z, half)
    ratio = sc.where(
        positive,
        Scalar(call("sin", angle)) / sc.where(positive, sine, Scalar(ONE)),
        Scalar(call("multiply", z, call("sign", cosine.re))),
    )
    kept = Scalar(call("cos", angle))
    turn = _turn(call("multiply", z, middle))
    return to_array(
        [
            [(kept + ratio * (a - cosine)) * turn, ratio * b * turn],
            [ratio * c * turn, (kept + ratio * (d - cosine)) * turn],
        ]
    )


def _wrapped(angle: Expression) -> Expression:
    """The angle from -pi to pi, pi included."""
    turns = call("multiply", call("subtract", angle, constant(np.pi)), constant(0.5 / np.pi))
    return call("subtract", angle, call("multiply", call("ceil", turns), constant(2 * np.pi)))


def _turn(angle: Expression) -> Scalar:
    """exp(i angle)"""
    return Scalar(call("cos", angle), call("sin", angle))
