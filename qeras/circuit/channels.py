r"""The table of channels: noise on a few wires, in PennyLane's names and conventions.

A channel \(\rho \mapsto \sum_a K_a \rho K_a^\dagger\) is linear, so it is a matrix on the
entries of the density matrix, \(S = \sum_a K_a \otimes K_a^*\): row index first, the entries
of one wire in the order 00, 01, 10, 11. Here it is written as a sum of constant matrices
with coefficients, which keeps it smooth where square roots of probabilities are not.
Formulas: Nielsen & Chuang, chapter 8; of thermal relaxation, the populations relax with T1
and the coherences with T2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import ONE, Constant, Expression, call, constant
from qeras.circuit.pauli import PAULI

Terms = list[tuple[Expression, np.ndarray]]


@dataclass(frozen=True)
class Channel:
    """A record of the table.

    Attributes:
        name: PennyLane's name of the channel.
        num_wires: number of wires, None for any.
        num_parameters: number of parameters, None where it depends on the wires.
        terms: coefficients and matrices whose sum is S.
    """

    name: str
    num_wires: int | None
    num_parameters: int | None
    terms: Callable[[Operation], Terms]


def _both(kraus: np.ndarray) -> np.ndarray:
    """K x K*, on all rows, then all columns."""
    return np.kron(kraus, kraus.conj())


def _moves(*pairs: tuple[int, int]) -> np.ndarray:
    """Ones where entry `second` of a wire's density matrix adds to entry `first`."""
    matrix = np.zeros((4, 4), dtype=complex)
    for first, second in pairs:
        matrix[first, second] = 1
    return matrix


_ALL = np.eye(4, dtype=complex)
_POPULATIONS = _moves((0, 0), (3, 3))
_COHERENCES = _moves((1, 1), (2, 2))
_TO_ZERO = _moves((0, 0), (0, 3))  # whatever the state, all of it in |0>
_TO_ONE = _moves((3, 0), (3, 3))
_DECAY = _moves((0, 3)) - _moves((3, 3))  # what leaves |1> comes to |0>
_EXCITE = _moves((3, 0)) - _moves((0, 0))


def _minus(a: Expression, b: Expression) -> Expression:
    return call("subtract", a, b)


def _times(a: Expression, b: Expression) -> Expression:
    return call("multiply", a, b)


def _pauli(operation: Operation, word: str) -> Terms:
    """The word with probability p, else nothing."""
    (p,) = operation.parameters
    matrix = reduce(np.kron, [PAULI[letter] for letter in word])
    return [(_minus(ONE, p), np.eye(4 ** len(word), dtype=complex)), (p, _both(matrix))]


def _depolarizing(operation: Operation) -> Terms:
    (p,) = operation.parameters
    third = call("divide", p, constant(3.0))
    errors = sum((_both(PAULI[letter]) for letter in "XYZ"), np.zeros((4, 4), complex))
    return [(_minus(ONE, p), _ALL), (third, errors)]


def _amplitude_damping(operation: Operation) -> Terms:
    (gamma,) = operation.parameters
    kept = call("sqrt", _minus(ONE, gamma))
    return [(ONE, _POPULATIONS), (kept, _COHERENCES), (gamma, _DECAY)]


def _generalized_amplitude_damping(operation: Operation) -> Terms:
    gamma, p = operation.parameters
    kept = call("sqrt", _minus(ONE, gamma))
    down, up = _times(gamma, _minus(ONE, p)), _times(gamma, p)
    return [(ONE, _POPULATIONS), (kept, _COHERENCES), (down, _DECAY), (up, _EXCITE)]


def _phase_damping(operation: Operation) -> Terms:
    (gamma,) = operation.parameters
    return [(ONE, _POPULATIONS), (call("sqrt", _minus(ONE, gamma)), _COHERENCES)]


def _reset(operation: Operation) -> Terms:
    zero, one = operation.parameters
    return [(_minus(_minus(ONE, zero), one), _ALL), (zero, _TO_ZERO), (one, _TO_ONE)]


def _thermal_relaxation(operation: Operation) -> Terms:
    excited, t1, t2, time = operation.parameters
    kept = call("exp", call("negative", call("divide", time, t1)))
    coherent = call("exp", call("negative", call("divide", time, t2)))
    lost = _minus(ONE, kept)
    return [
        (kept, _POPULATIONS),
        (coherent, _COHERENCES),
        (_times(lost, _minus(ONE, excited)), _TO_ZERO),
        (_times(lost, excited), _TO_ONE),
    ]


def _kraus(operation: Operation) -> Terms:
    values = [one.value for one in operation.parameters if isinstance(one, Constant)]
    if len(values) != len(operation.parameters):
        raise ValueError(
            "Expected Kraus matrices that are constant. Received: QubitChannel on "
            f"{operation.wires} that depends on inputs or weights; write it as named channels."
        )
    half = len(values) // 2
    side = 2 ** len(operation.wires)
    matrices = (np.array(values[:half]) + 1j * np.array(values[half:])).reshape(-1, side, side)
    return [(ONE, sum((_both(matrix) for matrix in matrices), np.zeros((side**2,) * 2, complex)))]


CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel("BitFlip", 1, 1, lambda operation: _pauli(operation, "X")),
        Channel("PhaseFlip", 1, 1, lambda operation: _pauli(operation, "Z")),
        Channel("PauliError", None, 1, lambda operation: _pauli(operation, operation.pauli_word)),
        Channel("DepolarizingChannel", 1, 1, _depolarizing),
        Channel("AmplitudeDamping", 1, 1, _amplitude_damping),
        Channel("GeneralizedAmplitudeDamping", 1, 2, _generalized_amplitude_damping),
        Channel("PhaseDamping", 1, 1, _phase_damping),
        Channel("ResetError", 1, 2, _reset),
        Channel("ThermalRelaxationError", 1, 4, _thermal_relaxation),
        Channel("QubitChannel", None, None, _kraus),
    )
}


def is_channel(operation: Operation) -> bool:
    """Whether the operation is noise, so that the state is a density matrix."""
    return operation.gate in CHANNELS


def entries_of(operation: Operation) -> tuple[Expression, ...]:
    """S as a `QubitUnitary` holds a matrix: all real parts, then all imaginary parts; rows of
    all wires first, then columns of all wires."""
    terms = CHANNELS[operation.gate].terms(operation)
    real = [_entry([(c, value.real) for c, value in row]) for row in _rows(terms)]
    imaginary = [_entry([(c, value.imag) for c, value in row]) for row in _rows(terms)]
    return (*real, *imaginary)


def _rows(terms: Terms) -> list[list[tuple[Expression, complex]]]:
    flat = [(coefficient, matrix.reshape(-1)) for coefficient, matrix in terms]
    return [[(c, values[place]) for c, values in flat] for place in range(len(flat[0][1]))]


def _entry(terms: Sequence[tuple[Expression, float]]) -> Expression:
    total: Expression = constant(0.0)
    for coefficient, value in terms:
        if value:
            total = call("add", total, _times(constant(float(value)), coefficient))
    return total
