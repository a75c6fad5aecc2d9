"""From a circuit back to a QNode: for layers loaded from a file, to draw and inspect."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import keras
import numpy as np
import pennylane as qml

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Operation,
    Term,
    is_projector,
)
from qeras.circuit.expressions import Call, Constant, Expression, Reference, topological

_PAULIS = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}

_SPECIAL: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "mod": lambda a, b: a % b,
    "negative": lambda a: -a,
    "square": lambda a: a * a,
    "absolute": qml.math.abs,
    "sigmoid": lambda a: 1 / (1 + qml.math.exp(-a)),
    "erf": lambda a: _erf(a),
    "relu": lambda a: qml.math.where(a > 0, a, a * 0),
    "arctan2": lambda a, b: qml.math.arctan2(*_same_interface(a, b)),
    "greater": lambda a, b: 1.0 * (a > b),
    "greater_equal": lambda a, b: 1.0 * (a >= b),
    "less": lambda a, b: 1.0 * (a < b),
    "less_equal": lambda a, b: 1.0 * (a <= b),
    "equal": lambda a, b: 1.0 * (a == b),
    "not_equal": lambda a, b: 1.0 * (a != b),
    "where": lambda condition, a, b: qml.math.where(condition != 0, a, b),
    "minimum": lambda a, b: qml.math.where(a < b, a, b),
    "maximum": lambda a, b: qml.math.where(a > b, a, b),
}


def restore(circuit: Circuit, diff_method: str | None = "best") -> qml.QNode:
    """A QNode on `default.qubit` that runs the circuit.

    Its arguments are the inputs, `(features,)` or `(batch, features)`, and the weights, by
    the names they had. They may be arrays of any interface of PennyLane.
    """
    names = [circuit.input_name, *circuit.weight_shapes]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])

    def function(*args: Any, **kwargs: Any) -> Any:
        return _run(circuit, signature.bind(*args, **kwargs).arguments)

    function.__name__ = circuit.name
    function.__signature__ = signature  # type: ignore[attr-defined]
    # A device draws its seed from NumPy's global state, unless it is given one.
    noisy = any(map(is_channel, circuit.operations))
    name = "default.mixed" if noisy else "default.qubit"
    device = qml.device(name, wires=circuit.wires, seed=None)
    qnode = qml.QNode(function, device, diff_method=diff_method)
    return qml.set_shots(qnode, shots=circuit.shots) if circuit.shots else qnode


def _run(circuit: Circuit, arguments: Mapping[str, Any]) -> Any:
    """Queue the operations and make the measurements."""
    roots = list(circuit.expressions())
    values = _evaluated(roots, circuit, arguments)
    for operation in circuit.operations:
        _queue(operation, values)
    results = [_measured(item, values) for item in circuit.measurements]
    if circuit.keys:
        return dict(zip(circuit.keys, results, strict=True))
    return results[0] if circuit.single else results


def _evaluated(
    roots: Iterable[Expression], circuit: Circuit, arguments: Mapping[str, Any]
) -> dict[Expression, Any]:
    flat = {
        name: arguments[name] if name == circuit.input_name else _flat(arguments[name])
        for name in arguments
    }
    values: dict[Expression, Any] = {}
    for node in topological(roots):
        if isinstance(node, Constant):
            values[node] = node.value
        elif isinstance(node, Reference):
            values[node] = flat[node.source][..., node.index]
        elif isinstance(node, Call):
            values[node] = _call(node.function)(*(values[item] for item in node.arguments))
    return values


def _erf(value: Any) -> Any:
    interface = qml.math.get_interface(value)
    if interface == "numpy":  # which has none
        return np.vectorize(math.erf)(value)
    return keras.ops.erf(value) if interface == "jax" else qml.math.erf(value)


def _same_interface(*values: Any) -> list[Any]:
    """Numbers as tensors of the interface of the others."""
    interface = qml.math.get_interface(*values)
    return [qml.math.asarray(value, like=interface) for value in values]


def _flat(weight: Any) -> Any:
    return qml.math.reshape(weight, (-1,))


def _call(function: str) -> Callable[..., Any]:
    return _SPECIAL.get(function) or getattr(qml.math, function)


def _queue(operation: Operation, values: Mapping[Expression, Any]) -> None:
    """Apply the operation in PennyLane's queue."""
    with qml.QueuingManager.stop_recording():
        made = _made(operation, [values[one] for one in operation.parameters])
        if operation.controls:
            made = qml.ctrl(made, operation.controls, control_values=operation.control_values)
    qml.apply(made)


def _made(operation: Operation, numbers: list[Any]) -> qml.operation.Operator:
    gate, wires = operation.gate, operation.wires
    if gate == "GlobalPhase":
        return qml.GlobalPhase(*numbers)
    if gate == "PauliError":
        return qml.PauliError(operation.pauli_word, *numbers, wires=wires)
    if gate == "QubitChannel":
        return qml.QubitChannel(list(_matrices(_complex(numbers), 2 ** len(wires))), wires=wires)
    if gate == "PauliRot":
        return qml.PauliRot(*numbers, operation.pauli_word, wires=wires)
    if gate == "DiagonalQubitUnitary" and is_projector(operation):
        bits = np.binary_repr(int(np.argmax(numbers)), len(wires))
        return qml.Projector([int(bit) for bit in bits], wires=wires)
    if gate == "DiagonalQubitUnitary":
        return qml.DiagonalQubitUnitary(_complex(numbers), wires=wires)
    if gate == "StatePrep":
        return qml.StatePrep(_complex(numbers), wires=wires)
    if gate == "QubitUnitary":
        return qml.QubitUnitary(_square(_complex(numbers)), wires=wires)
    if gate == "Evolution":
        generator = _square(_complex(_hermitian(numbers[1:])))
        if qml.math.ndim(generator) == 2:
            return qml.exp(qml.Hermitian(generator, wires=wires), 1j * numbers[0])
        return qml.QubitUnitary(_exponentials(numbers[0], generator), wires=wires)
    return getattr(qml, gate)(*numbers, wires=wires)


def _complex(numbers: Sequence[Any]) -> Any:
    """The array of real parts and imaginary parts as complex numbers, on the last axis."""
    half = len(numbers) // 2
    batched = [one for one in numbers if qml.math.shape(one)]
    spread = [one + batched[0] * 0 for one in numbers] if batched else numbers
    stacked = qml.math.stack(spread, axis=-1)
    return stacked[..., :half] + 1j * stacked[..., half:]


def _square(flat: Any) -> Any:
    shape = qml.math.shape(flat)
    side = int(np.sqrt(shape[-1]))
    return qml.math.reshape(flat, (*shape[:-1], side, side))


def _hermitian(numbers: Sequence[Any]) -> list[Any]:
    """Real and imaginary parts of a matrix, as its lower triangle says."""
    half = len(numbers) // 2
    side = math.isqrt(half)
    real, imaginary = [], []
    for row, column in product(range(side), repeat=2):
        place = max(row, column) * side + min(row, column)
        real.append(numbers[place])
        below = numbers[half + place]
        imaginary.append(0.0 if row == column else below if row > column else -below)
    return [*real, *imaginary]


def _exponentials(theta: Any, generators: Any) -> Any:
    """exp(i theta G) of each sample, on the first axis."""
    scale = qml.math.reshape(theta, (*qml.math.shape(theta), 1, 1))
    return qml.math.stack([qml.math.expm(one) for one in 1j * scale * generators])


def _matrices(flat: Any, side: int) -> Any:
    return qml.math.reshape(flat, (-1, side, side))


def _measured(item: Measurement, values: Mapping[Expression, Any]) -> Any:
    wires = item.wires
    if item.observable:
        return getattr(qml, item.kind)(_observable(item.observable, values))
    if item.kind == "probs":
        return _probabilities(item)
    if item.kind == "state":
        return qml.state()
    if item.kind == "vn_entropy":
        return qml.vn_entropy(wires=wires, log_base=item.log_base)
    if item.kind == "mutual_info":
        return qml.mutual_info(wires, item.other_wires, log_base=item.log_base)
    return getattr(qml, item.kind)(wires=wires)


def _probabilities(item: Measurement) -> Any:
    if not item.basis:
        return qml.probs(wires=item.wires)
    # `qml.probs(op=...)` warns that eigenvalues may be out of order; here they are not
    return qml.measurements.ProbabilityMP(obs=_in_basis(item))


def _in_basis(item: Measurement) -> qml.Hermitian:
    """An observable whose eigenbasis, in the order of its eigenvalues, is the basis."""
    basis = np.array(item.basis)
    return qml.Hermitian(basis.conj().T @ np.diag(np.arange(len(basis))) @ basis, wires=item.wires)


def _observable(terms: Sequence[Term], values: Mapping[Expression, Any]) -> Any:
    parts = [qml.s_prod(values[term.coefficient], _factor(term)) for term in terms]
    return parts[0] if len(parts) == 1 else qml.sum(*parts)


def _factor(term: Term) -> Any:
    if isinstance(term, HermitianTerm):
        return qml.Hermitian(np.array(term.matrix), wires=term.wires)
    factors = [_PAULIS[letter](wire) for wire, letter in term.factors]
    if not factors:
        return qml.Identity()
    return qml.prod(*factors) if len(factors) > 1 else factors[0]
