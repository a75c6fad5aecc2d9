"""Operations on qutrits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pennylane as qml

from tests.conformance.example import Body, Example

SHIFT = np.roll(np.eye(3), 1, axis=0)
HERMITIAN = np.array([[0.3, 0.2j, 0.0], [-0.2j, -0.5, 0.1], [0.0, 0.1, 1.0]])


def rotations(x: Any, wires: int, start: float) -> None:
    for wire in range(wires):
        qml.TRY(start + 0.3 * wire, wires=wire, subspace=(0, 1))
        qml.TRX(start + (x[0] if wire == 0 else 0.0), wires=wire, subspace=(1, 2))


def qutrit(kind: type, body: Body, wires: int = 2, angles: int = 1, **changes: Any) -> Example:
    given = {"device": "default.qutrit", "spread": rotations, **changes}
    return Example(kind, body, wires, angles, **given)


def noisy(kind: type, body: Body, angles: int) -> Example:
    return qutrit(kind, body, 1, angles, device="default.qutrit.mixed", scale=0.3)


def three(x: Any) -> tuple[Any, Any, Any]:
    return x[0], x[1], x[2]


def read(kind: type, observable: Any) -> Example:
    """An observable."""
    return qutrit(kind, lambda x: None, returned=lambda wires: qml.expval(observable()))


QUTRITS = [
    qutrit(qml.TAdd, lambda x: qml.TAdd([0, 1])),
    # PennyLane's backprop of this gate fails in autograd.
    qutrit(qml.TClock, lambda x: qml.TClock(0), options={"diff_method": "parameter-shift"}),
    qutrit(qml.THadamard, lambda x: qml.THadamard(0)),
    qutrit(qml.TShift, lambda x: qml.TShift(0)),
    qutrit(qml.TSWAP, lambda x: qml.TSWAP([0, 1])),
    qutrit(qml.TRX, lambda x: qml.TRX(x[0], 0)),
    qutrit(qml.TRY, lambda x: qml.TRY(x[0], 0)),
    qutrit(qml.TRZ, lambda x: qml.TRZ(x[0], 0)),
    qutrit(qml.QutritUnitary, lambda x: qml.QutritUnitary(SHIFT, wires=0)),
    qutrit(
        qml.ControlledQutritUnitary,
        lambda x: qml.ControlledQutritUnitary(SHIFT, control_wires=[0], wires=[1]),
    ),
    qutrit(qml.QutritBasisState, lambda x: qml.QutritBasisState([2, 1], [0, 1]), prepares=True),
    qutrit(
        qml.QutritBasisStatePreparation,
        lambda x: qml.QutritBasisStatePreparation([2, 1], [0, 1]),
        prepares=True,
    ),
    noisy(qml.QutritAmplitudeDamping, lambda x: qml.QutritAmplitudeDamping(*three(x), wires=0), 3),
    noisy(qml.QutritDepolarizingChannel, lambda x: qml.QutritDepolarizingChannel(x[0], 0), 1),
    noisy(qml.TritFlip, lambda x: qml.TritFlip(*three(x), wires=0), 3),
    noisy(
        qml.QutritChannel,
        lambda x: qml.QutritChannel([0.8 * np.eye(3), 0.6 * SHIFT], wires=0),
        1,
    ),
]

QUTRIT_OBSERVABLES = [
    read(qml.GellMann, lambda: qml.GellMann(0, 4)),
    read(qml.THermitian, lambda: qml.THermitian(HERMITIAN, wires=1)),
]
