"""Gates and other operations on qubits, and operators made of operators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import named, preparing, qubit

ROTATION = np.array([[0.8, -0.6j], [-0.6j, 0.8]])


def unitary(x: Any) -> Any:
    """RY(2 x[0]), entry by entry."""
    c, s = qml.math.cos(x[0]), qml.math.sin(x[0])
    return qml.math.stack([qml.math.stack([c, -s]), qml.math.stack([s, c])])


def measured(x: Any) -> None:
    qml.cond(qml.measure(0), qml.RY)(x[0], wires=1)


def pauli_measured(x: Any) -> None:
    qml.cond(qml.pauli_measure("XZ", wires=[0, 1]), qml.RY)(x[0], wires=1)


def borrowed(x: Any) -> None:
    with qml.allocate(1) as wires:
        qml.CNOT([0, wires[0]])
        qml.CRX(x[0], [wires[0], 1])
        qml.CNOT([0, wires[0]])


def given_back(x: Any) -> None:
    wires = qml.allocate(1)
    qml.ctrl(qml.RX(x[0], 1), wires, control_values=[0])
    qml.deallocate(wires)


def pulse(x: Any) -> None:
    amplitude = lambda p, t: p * t  # noqa: E731  as pulses are written
    qml.evolve(amplitude * qml.X(0) + 0.5 * qml.Z(0))([0.7], t=1.0)


@qml.templates.Subroutine
def subroutine(angle: Any, wires: Any) -> None:
    qml.RX(angle, wires[0])
    qml.CNOT(wires)


GATES = [
    *named("Hadamard PauliX PauliY PauliZ S SX T Identity", 1),
    *named("SWAP ISWAP SISWAP ECR CNOT CY CZ CH", 2),
    *named("CSWAP CCZ Toffoli QubitSum", 3),
    *named("QubitCarry", 4),
    *named("RX RY RZ PhaseShift U1", 1, 1),
    *named("U2", 1, 2),
    *named("U3 Rot", 1, 3),
    *named("IsingXX IsingXY IsingYY IsingZZ PSWAP CPhaseShift00 CPhaseShift01", 2, 1),
    *named("CPhaseShift10 CRX CRY CRZ ControlledPhaseShift FermionicSWAP", 2, 1),
    *named("SingleExcitation SingleExcitationMinus SingleExcitationPlus", 2, 1),
    *named("CRot", 2, 3),
    *named("MultiRZ", 3, 1),
    *named("DoubleExcitation DoubleExcitationMinus DoubleExcitationPlus OrbitalRotation", 4, 1),
    *named("Barrier WireCut", 2),
    qubit(qml.GlobalPhase, lambda x: qml.ctrl(qml.GlobalPhase(x[0]), 0)),
    qubit(qml.PauliRot, lambda x: qml.PauliRot(x[0], "XYZ", wires=[0, 1, 2]), 3),
    qubit(qml.PCPhase, lambda x: qml.PCPhase(x[0], dim=3, wires=[0, 1])),
    qubit(qml.MultiControlledX, lambda x: qml.MultiControlledX([0, 1, 2], [0, 1]), 3),
    qubit(qml.IntegerComparator, lambda x: qml.IntegerComparator(2, wires=[0, 1, 2]), 3),
    qubit(qml.QubitUnitary, lambda x: qml.QubitUnitary(unitary(x), wires=0)),
    qubit(
        qml.ControlledQubitUnitary,
        lambda x: qml.ControlledQubitUnitary(unitary(x), wires=[0, 1]),
        gradient="differences",
    ),
    qubit(
        qml.DiagonalQubitUnitary,
        lambda x: qml.DiagonalQubitUnitary(qml.math.exp(1j * x), wires=[0, 1]),
        angles=4,
    ),
    qubit(
        qml.BlockEncode,
        lambda x: qml.BlockEncode(qml.math.reshape(x, (2, 2)) * 0.5, wires=[0, 1]),
        angles=4,
        gradient="differences",
    ),
    qubit(
        qml.SpecialUnitary,
        lambda x: qml.SpecialUnitary(x, wires=[0, 1]),
        angles=15,
        gradient="differences",
    ),
    qubit(
        qml.ops.qubit.special_unitary.TmpPauliRot,
        lambda x: qml.ops.qubit.special_unitary.TmpPauliRot(x[0], "XY", wires=[0, 1]),
    ),
    qubit(qml.Snapshot, lambda x: qml.Snapshot("here")),
    preparing(qml.BasisState, lambda x: qml.BasisState([1, 0], wires=[0, 1])),
    preparing(
        qml.StatePrep,
        lambda x: qml.StatePrep(x / qml.math.sqrt(qml.math.sum(x * x)), wires=[0, 1]),
        angles=4,
    ),
    preparing(
        qml.QubitDensityMatrix,
        lambda x: qml.QubitDensityMatrix(np.diag([0.1, 0.2, 0.3, 0.4]), wires=[0, 1]),
        device="default.mixed",
    ),
    qubit(qml.ops.MidMeasure, measured, largest=3),
    qubit(qml.ops.PauliMeasure, pauli_measured, largest=3),
    qubit(qml.allocation.Allocate, borrowed, largest=3),
    qubit(qml.allocation.Deallocate, given_back, largest=3),
]

OPERATORS = [
    qubit(qml.ops.op_math.Adjoint, lambda x: qml.adjoint(qml.Hermitian(np.eye(2), 0))),
    qubit(type(qml.adjoint(qml.X(0))), lambda x: qml.adjoint(qml.RX(x[0], 0))),
    qubit(qml.ops.op_math.Pow, lambda x: qml.pow(qml.prod(qml.X(0), qml.Y(1)), 3)),
    qubit(
        type(qml.pow(qml.X(0), 2)),
        lambda x: qml.pow(qml.Rot(x[0], x[1], x[2], wires=0), 1.7),
        angles=3,
        gradient="differences",
    ),
    qubit(
        qml.ops.op_math.Controlled,
        lambda x: qml.ctrl(qml.prod(qml.X(1), qml.Z(2)), 0, control_values=[0]),
        3,
    ),
    qubit(
        qml.ops.op_math.ControlledOp,
        lambda x: qml.ctrl(qml.IsingXY(x[0], [1, 2]), 0, control_values=[0]),
        3,
    ),
    qubit(qml.ops.op_math.Prod, lambda x: qml.prod(qml.RX(x[0], 0), qml.RY(x[1], 0)), angles=2),
    qubit(qml.ops.op_math.Sum, lambda x: qml.sum(qml.s_prod(0.6, qml.X(0)), 0.8 * qml.Z(0))),
    qubit(qml.ops.op_math.SProd, lambda x: qml.s_prod(1j, qml.X(0))),
    qubit(
        qml.ops.op_math.LinearCombination,
        lambda x: qml.ops.LinearCombination([0.6, 0.8], [qml.X(0), qml.Z(0)]),
    ),
    qubit(
        qml.ops.op_math.Exp,
        lambda x: qml.exp(qml.dot(x, [qml.X(0) @ qml.Y(1), qml.Z(0)]), 1j),
        angles=2,
        gradient="differences",
    ),
    qubit(
        qml.ops.op_math.Evolution,
        lambda x: qml.evolve(qml.dot(x[:2], [qml.X(0) @ qml.Z(1), qml.Z(0)]), x[2]),
        angles=3,
        gradient="differences",
    ),
    qubit(qml.ops.op_math.Conditional, measured, largest=3),
    qubit(
        qml.ops.op_math.ChangeOpBasis,
        lambda x: qml.change_op_basis(qml.RX(x[0], 0), qml.CNOT([0, 1])),
    ),
    # An equation that JAX solves, in its own precision.
    qubit(
        qml.pulse.ParametrizedEvolution,
        pulse,
        gradient="",
        tolerance=1e-6,
        note="of constant amplitudes",
    ),
    qubit(
        type(qml.drawer.label(qml.X(0), "x")),
        lambda x: qml.drawer.label(qml.RX(x[0], 0), "mine"),
    ),
    qubit(type(qml.fourier.mark(qml.X(0), "x")), lambda x: qml.fourier.mark(qml.RX(x[0], 0), "x")),
    qubit(qml.templates.core.SubroutineOp, lambda x: subroutine(x[0], wires=[0, 1])),
]
