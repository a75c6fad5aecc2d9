"""OpenQASM 3 of a circuit whose inputs and weights are numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.operation import Operator

from qeras.capture.restoring import restore
from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import Circuit, is_projector

# PennyLane's name -> that of stdgates.inc, for gates that have equal matrices in both.
GATES = {
    "Identity": "id",
    "PauliX": "x",
    "PauliY": "y",
    "PauliZ": "z",
    "Hadamard": "h",
    "S": "s",
    "Adjoint(S)": "sdg",
    "T": "t",
    "Adjoint(T)": "tdg",
    "SX": "sx",
    "RX": "rx",
    "RY": "ry",
    "RZ": "rz",
    "PhaseShift": "p",
    "CNOT": "cx",
    "CY": "cy",
    "CZ": "cz",
    "CH": "ch",
    "ControlledPhaseShift": "cp",
    "CRX": "crx",
    "CRY": "cry",
    "CRZ": "crz",
    "SWAP": "swap",
    "Toffoli": "ccx",
    "CSWAP": "cswap",
}


def to_openqasm(circuit: Circuit, values: Mapping[str, Any]) -> str:
    """The operations of a circuit as an OpenQASM 3 program on a register `q`.

    What the circuit measures is not part of it: OpenQASM knows no expectation values.
    Qubit i is the circuit's i-th wire. Gates that stdgates.inc lacks are decomposed by
    PennyLane, exactly and with their global phase.

    Args:
        circuit: on n wires.
        values: the inputs of one sample, (features,), and each weight, by name.

    Raises:
        ValueError: for values that lack a name or have another shape, and for a circuit
            with channels or postselection, which are no gates.
    """
    _check_gates(circuit)
    _check_values(circuit, values)
    arrays = {name: np.asarray(value, float) for name, value in values.items()}
    script = qml.tape.make_qscript(restore(circuit).func)(**arrays)
    place = {wire: f"q[{index}]" for index, wire in enumerate(circuit.wires)}
    lines = [line for operation in script.operations for line in _lines(operation, place)]
    labels = [f"// q[{index}] is wire {wire!r}" for index, wire in enumerate(circuit.wires)]
    head = ["OPENQASM 3.0;", 'include "stdgates.inc";', f"qubit[{len(circuit.wires)}] q;"]
    return "\n".join([*head, *labels, *lines]) + "\n"


def _check_gates(circuit: Circuit) -> None:
    others = [one for one in circuit.operations if is_channel(one) or is_projector(one)]
    if others:
        raise ValueError(
            "Expected a circuit of gates. Received: "
            f"{others[0]!r}, a channel or a projector, which OpenQASM does not have."
        )


def _check_values(circuit: Circuit, values: Mapping[str, Any]) -> None:
    expected = {circuit.input_name: (circuit.features,), **circuit.weight_shapes}
    received = {name: np.shape(value) for name, value in values.items()}
    if received != expected:
        raise ValueError(
            f"Expected values of the shapes {expected}: one sample and every weight. "
            f"Received: values of the shapes {received}"
        )


def _lines(operation: Operator, place: Mapping[Any, str]) -> Iterator[str]:
    if operation.name == "GlobalPhase":
        (angle,) = operation.parameters
        yield f"gphase({-float(angle)!r});"
    elif operation.name in GATES:
        angles = ", ".join(repr(float(angle)) for angle in operation.parameters)
        qubits = ", ".join(place[wire] for wire in operation.wires)
        yield f"{GATES[operation.name]}{f'({angles})' if angles else ''} {qubits};"
    else:
        for part in _parts(operation):
            yield from _lines(part, place)


def _parts(operation: Operator) -> list[Operator]:
    """What the operation is made of; of its matrix where it does not know that itself."""
    if operation.has_decomposition:
        return operation.decomposition()
    matrix = qml.matrix(operation, wire_order=operation.wires)
    return qml.QubitUnitary(matrix, wires=operation.wires).decomposition()
