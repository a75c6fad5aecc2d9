"""The oracle: a circuit as a QNode on `default.qubit`, or with channels on `default.mixed`, in
complex128, and its gradients, for which the second needs `default_mixed.slope`.

Written apart from everything in `qeras`: only the plain data of the circuit is shared.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml
from autograd.scipy.special import erf
from pennylane.ops.op_math import Controlled

from qeras.circuit.channels import CHANNELS
from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Operation,
    PauliTerm,
    Term,
    Wire,
)
from qeras.circuit.expressions import Call, Constant, Expression, Reference, topological

_PAULIS = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "erf": erf,
    "round": anp.round,
    "sigmoid": lambda x: 1 / (1 + anp.exp(-x)),
    "relu": lambda x: anp.where(x > 0, x, 0.0),
    "where": lambda condition, x, y: anp.where(condition != 0, x, y),
    **{
        name: (lambda compare: lambda x, y: 1.0 * compare(x, y))(getattr(anp, name))
        for name in ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
    },
}

Results = list[Any]
Weights = Mapping[str, np.ndarray]


def values(circuit: Circuit, inputs: np.ndarray, weights: Weights) -> list[np.ndarray]:
    """Results for a batch: each measurement's for all samples, (batch, *shape)."""
    samples = [_run(circuit, {circuit.input_name: row, **weights}) for row in inputs]
    return [
        np.stack([np.asarray(result) for result in column]) for column in zip(*samples, strict=True)
    ]


def gradients(
    circuit: Circuit, inputs: np.ndarray, weights: Weights, cotangents: Sequence[np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Gradients of `sum Re(conj(cotangent) result)` by inputs and weights."""

    def functional(row: Any, given: Any, sample: int) -> Any:
        results = _run(circuit, {circuit.input_name: row, **given})
        pairs = zip(cotangents, results, strict=True)
        return sum(anp.sum(anp.real(np.conj(c[sample]) * result)) for c, result in pairs)

    differentiate = autograd.grad(functional, (0, 1))
    with warnings.catch_warnings():
        # Of a real number the real part of the gradient is the gradient.
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        warnings.filterwarnings("ignore", "Output seems independent of input")
        samples = [differentiate(row, dict(weights), number) for number, row in enumerate(inputs)]
    total = {name: sum(found[name] for _, found in samples) for name in weights}
    return np.stack([row for row, _ in samples]), total


def _run(circuit: Circuit, tensors: Mapping[str, Any]) -> Results:
    circuit = _on_standard_wires(circuit)
    numbers = _evaluate(circuit, tensors)
    name = "default.mixed" if _is_noisy(circuit) else "default.qubit"
    device = qml.device(name, wires=circuit.wires)
    node = qml.QNode(
        lambda: _body(circuit, numbers), device, interface="autograd", diff_method="backprop"
    )
    read = iter(node())
    return [_result(item, circuit, numbers, read) for item in circuit.measurements]


def _is_noisy(circuit: Circuit) -> bool:
    return any(operation.gate in CHANNELS for operation in circuit.operations)


def _on_standard_wires(circuit: Circuit) -> Circuit:
    """The wires as 0, 1, ...: mapping others, PennyLane makes controlled gates anew and
    refuses those that autograd traces."""
    place = {wire: position for position, wire in enumerate(circuit.wires)}

    def placed(wires: Sequence[Wire]) -> tuple[Wire, ...]:
        return tuple(place[wire] for wire in wires)

    def term(given: Term) -> Term:
        if isinstance(given, HermitianTerm):
            return replace(given, wires=placed(given.wires))
        return replace(given, factors=tuple((place[w], letter) for w, letter in given.factors))

    return replace(
        circuit,
        wires=placed(circuit.wires),
        operations=tuple(
            replace(one, wires=placed(one.wires), controls=placed(one.controls))
            for one in circuit.operations
        ),
        measurements=tuple(
            replace(
                one,
                wires=placed(one.wires),
                other_wires=placed(one.other_wires),
                observable=tuple(map(term, one.observable)),
            )
            for one in circuit.measurements
        ),
    )


def _body(circuit: Circuit, numbers: Mapping[Expression, Any]) -> list[Any]:
    _queue_start(circuit, numbers)
    for operation in circuit.operations:
        if operation.gate != "StatePrep":
            parameters = [numbers[parameter] for parameter in operation.parameters]
            _queue(operation, parameters, _is_noisy(circuit))
    return [
        process for item in circuit.measurements for process in _processes(item, circuit, numbers)
    ]


def _evaluate(circuit: Circuit, tensors: Mapping[str, Any]) -> dict[Expression, Any]:
    flat = {name: anp.reshape(tensor, (-1,)) for name, tensor in tensors.items()}
    numbers: dict[Expression, Any] = {}
    for node in topological(circuit.expressions()):
        if isinstance(node, Constant):
            numbers[node] = node.value
        elif isinstance(node, Reference):
            numbers[node] = flat[node.source][node.index]
        elif isinstance(node, Call):
            function = _FUNCTIONS.get(node.function) or getattr(anp, node.function)
            numbers[node] = function(*(numbers[argument] for argument in node.arguments))
    return numbers


# ---------------------------------------------------------------------- operations


def _queue_start(circuit: Circuit, numbers: Mapping[Expression, Any]) -> None:
    """All start vectors as one: `default.qubit` takes one, before everything else."""
    found = [operation for operation in circuit.operations if operation.gate == "StatePrep"]
    if found:
        vectors = [_complex([numbers[p] for p in operation.parameters]) for operation in found]
        wires = [wire for operation in found for wire in operation.wires]
        qml.StatePrep(reduce(anp.kron, vectors), wires=wires)


def _queue(operation: Operation, parameters: list[Any], is_noisy: bool) -> None:
    with qml.QueuingManager.stop_recording():
        made = _uncontrolled(operation, parameters)
        if operation.controls:
            # Not `qml.ctrl`, which refuses a unitary that autograd traces.
            made = Controlled(made, operation.controls, operation.control_values)
        if operation.gate == "Evolution" and is_noisy:
            made = qml.QubitUnitary(made.matrix(), made.wires)  # the device has no `qml.exp`
    qml.apply(made)


def _uncontrolled(operation: Operation, parameters: list[Any]) -> Any:
    wires = operation.wires
    if operation.gate == "GlobalPhase":
        return qml.GlobalPhase(parameters[0])
    if operation.gate == "PauliRot":
        return qml.PauliRot(parameters[0], operation.pauli_word, wires=wires)
    if operation.gate == "DiagonalQubitUnitary":
        return qml.DiagonalQubitUnitary(_complex(parameters), wires=wires)
    if operation.gate == "QubitUnitary":
        return qml.QubitUnitary(_square(parameters), wires=wires)
    if operation.gate == "Evolution":
        generator = _square(parameters[1:])
        if all(isinstance(one, Constant) for one in operation.parameters[1:]):
            return qml.exp(qml.Hermitian(generator, wires=wires), 1j * parameters[0])
        return qml.QubitUnitary(_series(1j * parameters[0] * generator), wires=wires)
    if operation.gate == "PauliError":
        return qml.PauliError(operation.pauli_word, parameters[0], wires=wires)
    if operation.gate == "QubitChannel":
        side = 2 ** len(wires)
        return qml.QubitChannel(list(_complex(parameters).reshape(-1, side, side)), wires=wires)
    return getattr(qml, operation.gate)(*parameters, wires=wires)


def _complex(parameters: list[Any]) -> Any:
    half = len(parameters) // 2
    return anp.array(parameters[:half]) + 1j * anp.array(parameters[half:])


def _series(matrix: Any) -> Any:
    """exp(M) of a matrix of norm 10 or so; SciPy's has no gradient in autograd."""
    term = total = anp.eye(len(matrix))
    for order in range(1, 80):
        term = term @ matrix / order
        total = total + term
    return total


def _square(parameters: list[Any]) -> Any:
    entries = _complex(parameters)
    size = round(len(parameters) // 2) ** 0.5
    return anp.reshape(entries, (int(size), int(size)))


# ---------------------------------------------------------------------- measurements


def _processes(item: Measurement, circuit: Circuit, numbers: Mapping[Expression, Any]) -> list[Any]:
    if item.kind == "expval":
        return [qml.expval(_observable(item.observable, numbers))]
    if item.kind in ("var", "state"):
        return [qml.state()]
    if item.kind == "probs":
        if not item.basis:
            return [qml.probs(wires=item.wires)]
        basis = np.array(item.basis)
        levels = np.diag(np.arange(len(basis)))
        # An observable whose eigenvectors, in the order of the eigenvalues, are the basis.
        observable = qml.Hermitian(basis.conj().T @ levels @ basis, wires=item.wires)
        return [qml.measurements.ProbabilityMP(obs=observable)]
    if item.kind == "vn_entropy":
        return [qml.vn_entropy(wires=item.wires, log_base=item.log_base)]
    if item.kind == "mutual_info":
        return [qml.mutual_info(item.wires, item.other_wires, log_base=item.log_base)]
    return [getattr(qml, item.kind)(wires=item.wires)]


def _result(
    item: Measurement, circuit: Circuit, numbers: Mapping[Expression, Any], read: Any
) -> Any:
    result = next(read)
    if item.kind == "var":
        return _variance(item, circuit, numbers, result)
    if item.kind == "state":
        count = len(circuit.wires)
        axes = [circuit.wires.index(wire) for wire in item.wires]
        return anp.reshape(anp.transpose(anp.reshape(result, (2,) * count), axes), (-1,))
    return result


def _variance(
    item: Measurement, circuit: Circuit, numbers: Mapping[Expression, Any], state: Any
) -> Any:
    """By definition: `qml.var` of a sum has no derivative by its coefficients. The state may
    be a density matrix."""
    applied = sum(
        numbers[term.coefficient] * anp.dot(qml.matrix(_factor(term), circuit.wires), state)
        for term in item.observable
    )
    if state.ndim == 2:
        twice = sum(
            numbers[term.coefficient] * anp.dot(qml.matrix(_factor(term), circuit.wires), applied)
            for term in item.observable
        )
        return anp.real(anp.trace(twice)) - anp.real(anp.trace(applied)) ** 2
    mean = anp.real(anp.sum(anp.conj(state) * applied))
    return anp.sum(anp.real(anp.conj(applied) * applied)) - mean**2


def _observable(terms: Sequence[Term], numbers: Mapping[Expression, Any]) -> Any:
    return qml.dot([numbers[term.coefficient] for term in terms], [_factor(t) for t in terms])


def _factor(term: Term) -> Any:
    if isinstance(term, HermitianTerm):
        return qml.Hermitian(np.array(term.matrix), wires=term.wires)
    assert isinstance(term, PauliTerm)
    factors = [_PAULIS[letter](wire) for wire, letter in term.factors]
    return qml.prod(*factors) if factors else qml.Identity()
