"""OpenQASM programs, read back by PennyLane, are the circuits that they were made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras.capture.openqasm import to_openqasm
from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import Expression, constant, reference
from qeras.circuit.gates import DATA_GATES, GATES
from qeras.testing.random_circuits import (
    constants,
    random_circuit,
    random_hermitian,
    random_unitary,
    random_values,
)
from qeras.testing.reference import final_state
from tests.circuits import entangler_layer

INCLUDE = 'include "stdgates.inc";\n'


def assert_same_state(circuit: Circuit, seed: int = 0) -> None:
    """Up to a global phase, whose sign PennyLane reads the other way round."""
    inputs, weights = random_values(circuit, seed, batch=1)
    values = {circuit.input_name: inputs[0], **weights}
    found = state_of(to_openqasm(circuit, values), len(circuit.wires))
    expected = final_state(circuit, values).ravel()
    assert abs(np.vdot(expected, expected)) == pytest.approx(1, abs=1e-10)
    assert abs(np.vdot(expected, found)) == pytest.approx(1, abs=1e-8)


def state_of(program: str, wires: int) -> np.ndarray:
    """The state that a program prepares, by PennyLane's reader of OpenQASM 3.

    It knows the standard gates without the line that includes them, and not that line."""
    assert INCLUDE in program

    @qml.qnode(qml.device("default.qubit", wires=[f"q[{index}]" for index in range(wires)]))
    def run() -> Any:
        qml.from_qasm3(program.replace(INCLUDE, ""))()
        return qml.state()

    return np.asarray(run())


def between_rotations(*operations: Operation) -> Circuit:
    """On five wires in a state without zeros."""
    start = [Operation("RY", (wire,), (constant(0.4 + 0.3 * wire),)) for wire in range(5)]
    return Circuit(
        "gates", tuple(range(5)), 2, "inputs", {"w": (2,)}, (*start, *operations),
        (Measurement("state"),), single=True,
    )  # fmt: skip


ANGLES: tuple[Expression, ...] = (reference("inputs", 0), reference("w", 1), constant(0.3))


@pytest.mark.parametrize("controls", [(), (4,), (4, 0)])
@pytest.mark.parametrize("name", sorted(set(GATES) - set(DATA_GATES)))
def test_gate(name: str, controls: tuple[int, ...]) -> None:
    gate = GATES[name]
    wires = (2, 1, 3, 0)[: 3 if gate.num_wires is None else gate.num_wires]
    controls = tuple(wire for wire in controls if wire not in wires)
    word = "XYZ" if name == "PauliRot" else ""
    operation = Operation(
        name, wires, ANGLES[: gate.num_parameters], controls, (False, True)[: len(controls)], word
    )
    assert_same_state(between_rotations(operation))


def test_data() -> None:
    generator = np.random.default_rng(1)
    matrix = constants(random_unitary(generator, 4))
    diagonal = constants(np.exp(1j * generator.normal(size=8)))
    generated = (ANGLES[0], *constants(random_hermitian(generator, 4)))
    for control in ((), (4,)):
        values = (True,) * len(control)
        assert_same_state(
            between_rotations(
                Operation("QubitUnitary", (1, 0), matrix, control, values),
                Operation("DiagonalQubitUnitary", (0, 3, 2), diagonal, control, values),
                Operation("Evolution", (2, 1), generated, control, values),
            )
        )


@pytest.mark.parametrize("seed", range(20))
def test_random_circuits(seed: int) -> None:
    assert_same_state(random_circuit(seed, wires=4, operations=6), seed)


def test_a_layer() -> None:
    layer = entangler_layer(name="quantum")
    layer.build((None, 2))
    layer.set_weights([np.array([[0.1, 0.2], [0.3, 0.4]])])
    assert layer.to_openqasm([0.5, -1.5]).splitlines() == [
        "OPENQASM 3.0;",
        'include "stdgates.inc";',
        "qubit[2] q;",
        "// q[0] is wire 0",
        "// q[1] is wire 1",
        "rx(0.5) q[0];",
        "rx(-1.5) q[1];",
        f"rx({float(np.float32(0.1))}) q[0];",
        f"rx({float(np.float32(0.2))}) q[1];",
        "cx q[0], q[1];",
        f"rx({float(np.float32(0.3))}) q[0];",
        f"rx({float(np.float32(0.4))}) q[1];",
        "cx q[0], q[1];",
    ]


def test_values_of_another_shape() -> None:
    layer = entangler_layer()
    layer.build((None, 2))
    with pytest.raises(ValueError, match=r"Expected values of the shapes .*Received: .*\(3,\)"):
        layer.to_openqasm([0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    "operation",
    [
        Operation("BitFlip", (0,), (constant(0.1),)),
        Operation("DiagonalQubitUnitary", (0,), tuple(map(constant, [1, 0, 0, 0.0]))),
    ],
)
def test_what_is_no_gate(operation: Operation) -> None:
    measurements = (Measurement("probs", (0,)),)
    circuit = Circuit("circuit", (0,), 1, "inputs", {}, (operation,), measurements)
    with pytest.raises(ValueError, match=r"a circuit of gates. Received: .* OpenQASM does not"):
        to_openqasm(circuit, {"inputs": np.zeros(1)})
