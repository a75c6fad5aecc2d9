"""Subroutines of `qml.templates`: arithmetic, chemistry, transforms, block encodings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import qubit
from tests.conformance.templates import HALF_FILLED, shaped

HAMILTONIAN = qml.Hamiltonian([1.0, 0.5], [qml.X(0), qml.Z(0) @ qml.Z(1)])
WORDS = ["00", "01", "11", "10"]
ORTHOGONAL = np.array([[0.6, 0.8], [-0.8, 0.6]])


def phase_estimation(x: Any) -> None:
    qml.QuantumPhaseEstimation(qml.RZ(x[0], 2), estimation_wires=[0, 1])


def monte_carlo(x: Any) -> None:
    qml.QuantumMonteCarlo([0.25, 0.75], lambda i: 0.3 + 0.4 * i, [0, 1], [2, 3])


def hamiltonian(x: Any) -> Any:
    """Of the coefficients x[0] and x[1]."""
    return qml.dot(x[:2], [qml.X(0), qml.Z(0) @ qml.Z(1)])


def combination(x: Any) -> Any:
    """A linear combination of unitaries."""
    return qml.dot(x, [qml.X(1), -qml.Z(1)])


def trotterized(time: Any, angle: Any, wires: Any, **_: Any) -> None:
    qml.RX(time * angle, wires[0])
    qml.CRY(time * angle, wires)


def singular_values(x: Any) -> None:
    encoding = qml.BlockEncode(shaped(x, 2, 2) * 0.4, wires=[0, 1])
    qml.QSVT(encoding, [qml.PCPhase(x[i], 2, wires=[0, 1]) for i in range(3)])


ARITHMETIC = [
    qubit(qml.Adder, lambda x: qml.Adder(3, [0, 1], mod=3, work_wires=[2, 3]), 4),
    qubit(qml.ModExp, lambda x: qml.ModExp([0], [1, 2], 3, 4, work_wires=[3, 4]), 5),
    qubit(qml.Multiplier, lambda x: qml.Multiplier(3, [0, 1], work_wires=[2, 3]), 4),
    qubit(qml.OutAdder, lambda x: qml.OutAdder([0], [1], [2, 3]), 4),
    qubit(qml.OutMultiplier, lambda x: qml.OutMultiplier([0], [1], [2, 3]), 4),
    qubit(qml.OutPoly, lambda x: qml.OutPoly(lambda a, b: a + 2 * b, [[0], [1]], [2, 3]), 4),
    qubit(qml.PhaseAdder, lambda x: qml.PhaseAdder(3, [0, 1, 2], 5, work_wire=[3]), 4),
    qubit(qml.SemiAdder, lambda x: qml.SemiAdder([0, 1], [2, 3], work_wires=[4]), 5),
    qubit(
        qml.TemporaryAND,
        lambda x: [
            qml.TemporaryAND([0, 1, 2]),
            qml.CRX(x[0], [2, 0]),
            qml.adjoint(qml.TemporaryAND([0, 1, 2])),
        ],
        3,
    ),
]

CHEMISTRY = [
    qubit(
        qml.AllSinglesDoubles,
        lambda x: qml.AllSinglesDoubles(x, range(4), HALF_FILLED, [[0, 2], [1, 3]], [[0, 1, 2, 3]]),
        4,
        3,
        prepares=True,
    ),
    qubit(qml.BasisRotation, lambda x: qml.BasisRotation([0, 1], ORTHOGONAL)),
    qubit(
        qml.FermionicDoubleExcitation,
        lambda x: qml.FermionicDoubleExcitation(x[0], [0, 1], [2, 3]),
        4,
    ),
    qubit(
        qml.FermionicSingleExcitation,
        lambda x: qml.FermionicSingleExcitation(x[0], wires=[0, 1, 2]),
        3,
    ),
    qubit(
        qml.kUpCCGSD,
        lambda x: qml.kUpCCGSD(shaped(x, 1, 6), range(4), 1, 0, HALF_FILLED),
        4,
        6,
        prepares=True,
    ),
    qubit(
        qml.UCCSD,
        lambda x: qml.UCCSD(x, range(4), [[0, 1, 2]], [[[0, 1], [2, 3]]], HALF_FILLED),
        4,
        2,
        prepares=True,
    ),
]

EVOLUTIONS = [
    qubit(
        qml.ApproxTimeEvolution,
        lambda x: qml.ApproxTimeEvolution(hamiltonian(x), x[2], 2),
        angles=3,
    ),
    qubit(
        qml.CommutingEvolution,
        lambda x: qml.CommutingEvolution(
            qml.Hamiltonian(x[:2], [qml.X(0), qml.X(0) @ qml.X(1)]), x[2]
        ),
        angles=3,
        gradient="differences",
    ),
    qubit(qml.QDrift, lambda x: qml.QDrift(HAMILTONIAN, x[0], n=3, seed=3)),
    qubit(
        qml.TrotterProduct,
        lambda x: qml.TrotterProduct(hamiltonian(x), x[2], n=2, order=2),
        angles=3,
    ),
    qubit(
        qml.templates.TrotterizedQfunc,
        lambda x: qml.trotterize(trotterized, n=2, order=2)(x[0], x[1], wires=[0, 1]),
        angles=2,
    ),
]

SEARCHES = [
    qubit(
        qml.AmplitudeAmplification,
        lambda x: qml.AmplitudeAmplification(
            qml.prod(qml.H(0), qml.H(1)), qml.FlipSign(2, [0, 1]), iters=2
        ),
    ),
    qubit(qml.FlipSign, lambda x: qml.FlipSign(1, [0, 1])),
    qubit(qml.GroverOperator, lambda x: qml.GroverOperator([0, 1, 2]), 3),
    qubit(
        qml.Reflection,
        lambda x: qml.Reflection(qml.prod(qml.RX(x[0], 0), qml.H(1)), x[1]),
        angles=2,
    ),
]

TRANSFORMS = [
    qubit(qml.AQFT, lambda x: qml.AQFT(1, wires=range(3)), 3),
    qubit(qml.QFT, lambda x: qml.QFT(range(3)), 3),
    qubit(qml.QuantumPhaseEstimation, phase_estimation, 3, gradient="differences"),
    qubit(qml.QuantumMonteCarlo, monte_carlo, 4),
    qubit(
        qml.ControlledSequence,
        lambda x: qml.ControlledSequence(qml.RX(x[0], 2), control=[0, 1]),
        3,
    ),
    qubit(
        qml.HilbertSchmidt,
        lambda x: qml.HilbertSchmidt(qml.RX(x[0], 1), qml.Hadamard(0)),
        gradient="differences",
    ),
    qubit(
        qml.LocalHilbertSchmidt,
        lambda x: qml.LocalHilbertSchmidt(qml.RX(x[0], 1), qml.Hadamard(0)),
        gradient="differences",
    ),
    qubit(qml.Permute, lambda x: qml.Permute([2, 0, 1], range(3)), 3),
]

ENCODINGS = [
    qubit(
        qml.FABLE,
        lambda x: qml.FABLE(shaped(x, 2, 2), range(3)),
        3,
        4,
        gradient="differences",
    ),
    qubit(qml.GQSP, lambda x: qml.GQSP(qml.RX(0.3, 1), shaped(x, 3, 3), control=0), 2, 9),
    qubit(
        qml.PrepSelPrep,
        lambda x: qml.PrepSelPrep(combination(x), control=[0]),
        angles=2,
        gradient="differences",
    ),
    qubit(
        qml.Qubitization,
        lambda x: qml.Qubitization(combination(x), control=[0]),
        angles=2,
        gradient="differences",
    ),
    qubit(qml.QSVT, singular_values, angles=4, gradient="differences"),
    qubit(qml.QROM, lambda x: qml.QROM(WORDS, [0, 1], [2, 3], work_wires=[4, 5]), 6),
    qubit(
        qml.BBQRAM,
        lambda x: qml.BBQRAM(["0", "1"], [0], [1], work_wires=[2, 3, 4, 5]),
        6,
    ),
    qubit(
        qml.HybridQRAM,
        lambda x: qml.HybridQRAM(WORDS, [0, 1], [2, 3], work_wires=[4, 5, 6, 7, 8], k=1),
        9,
    ),
    qubit(qml.SelectOnlyQRAM, lambda x: qml.SelectOnlyQRAM(WORDS, [0, 1], [2, 3]), 4),
    qubit(
        qml.Select,
        lambda x: qml.Select([qml.RX(x[0], 1), qml.RY(x[1], 1)], control=[0]),
        angles=2,
    ),
    qubit(
        qml.SelectPauliRot,
        lambda x: qml.SelectPauliRot(x, [0, 1], 2, rot_axis="Y"),
        3,
        4,
    ),
    qubit(qml.ArbitraryUnitary, lambda x: qml.ArbitraryUnitary(x, wires=[0, 1]), 2, 15),
    qubit(qml.IQP, lambda x: qml.IQP(x, 2, [[[0]], [[1]], [[0, 1]]]), 2, 3, gradient="differences"),
]
SUBROUTINES = [
    *ARITHMETIC, *CHEMISTRY, *EVOLUTIONS, *SEARCHES, *TRANSFORMS, *ENCODINGS
]  # fmt: skip
