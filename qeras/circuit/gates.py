r"""The gate table: one record a gate, in PennyLane's names and conventions.

A gate is one of

* a constant unitary `matrix`;
* a `rotation`: \(U(\theta) = V\,e^{i\theta d}\,V^\dagger\) with a real diagonal \(d\)
  and a constant \(V\) that is a product of small unitaries;
* a `decomposition` into other gates of the table, exact with its phase;
* data: the parameters are the entries of a matrix, a diagonal or a state
  (`DATA_GATES`).

Wires are most significant first: on wires (a, b) the basis is |00>, |01>, |10>, |11>
with a's bit first. Matrices follow Nielsen & Chuang and PennyLane's documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import call, constant

Basis = tuple[tuple[tuple[int, ...], np.ndarray], ...]


@dataclass(frozen=True)
class Rotation:
    """`V exp(i theta d) V^-1`.

    Attributes:
        diagonal: d, real, one entry a basis state of the gate's wires.
        basis: V as (positions, unitary) pairs, the first applied first.
    """

    diagonal: np.ndarray
    basis: Basis = ()


@dataclass(frozen=True)
class Gate:
    """A record of the table; exactly one of the last three is set, or none for data.

    Attributes:
        name: PennyLane's name of the operation.
        num_wires: number of target wires, None for any.
        num_parameters: number of parameters, None where it depends on the wires.
        matrix: the unitary of a gate without parameters.
        rotation: of a gate with one angle; a function of the operation.
        decomposition: the operation's equal as a list of others, first one first.
    """

    name: str
    num_wires: int | None
    num_parameters: int | None
    matrix: np.ndarray | None = None
    rotation: Callable[[Operation], Rotation] | None = None
    decomposition: Callable[[Operation], list[Operation]] | None = None


def _array(rows: list) -> np.ndarray:
    result = np.array(rows, dtype=complex)
    result.setflags(write=False)
    return result


_r = 1 / np.sqrt(2)
HADAMARD = _array([[_r, _r], [_r, -_r]])
# Columns are the eigenvectors of Y for +1 and -1.
Y_BASIS = _array([[_r, _r], [1j * _r, -1j * _r]])
_Z = np.array([1.0, -1.0])
_PAULI_BASIS = {"X": HADAMARD, "Y": Y_BASIS}


def parity(count: int) -> np.ndarray:
    """Eigenvalues of Z on each of `count` wires: (-1) to the number of ones."""
    signs: np.ndarray = np.ones(1)
    for _ in range(count):
        signs = np.kron(signs, _Z)
    return signs


def _pauli_rotation(word: str) -> Rotation:
    """exp(-i theta/2 P) of the Pauli word P."""
    letters = [_Z if letter != "I" else np.ones(2) for letter in word]
    diagonal = -0.5 * reduce(np.kron, letters)
    basis = tuple(
        ((position,), _PAULI_BASIS[letter])
        for position, letter in enumerate(word)
        if letter in _PAULI_BASIS
    )
    return Rotation(diagonal, basis)


def _fixed(rotation: Rotation) -> Callable[[Operation], Rotation]:
    return lambda operation: rotation


def _planes(size: int, pairs: list[tuple[int, int]], kind: str) -> np.ndarray:
    """Basis change that diagonalises X ("real" mixing i sin) or Y (real rotation) in planes."""
    block = HADAMARD if kind == "X" else Y_BASIS
    result = np.eye(size, dtype=complex)
    for i, j in pairs:
        result[np.ix_([i, j], [i, j])] = block
    result.setflags(write=False)
    return result


def _plane_rotation(
    num_wires: int, pair: tuple[int, int], half_angle: float, kind: str, outside: float = 0.0
) -> Rotation:
    """exp(i theta h P) with P = X or Y in the plane of two basis states, and
    exp(i theta `outside`) on the others."""
    size = 2**num_wires
    diagonal = np.full(size, outside)
    diagonal[list(pair)] = half_angle, -half_angle
    return Rotation(diagonal, ((tuple(range(num_wires)), _planes(size, [pair], kind)),))


def _rot(operation: Operation) -> list[Operation]:
    phi, theta, omega = operation.parameters
    return [
        Operation("RZ", operation.wires, (phi,)),
        Operation("RY", operation.wires, (theta,)),
        Operation("RZ", operation.wires, (omega,)),
    ]


def _u2(operation: Operation) -> list[Operation]:
    phi, delta = operation.parameters
    return [
        Operation("Rot", operation.wires, (delta, constant(np.pi / 2), call("negative", delta))),
        Operation("PhaseShift", operation.wires, (call("add", phi, delta),)),
    ]


def _u3(operation: Operation) -> list[Operation]:
    theta, phi, delta = operation.parameters
    return [
        Operation("Rot", operation.wires, (delta, theta, call("negative", delta))),
        Operation("PhaseShift", operation.wires, (call("add", phi, delta),)),
    ]


def _records() -> list[Gate]:
    swap = _array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    sx = 0.5 * _array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]])
    iswap = _array([[1, 0, 0, 0], [0, 0, 1j, 0], [0, 1j, 0, 0], [0, 0, 0, 1]])
    siswap = _array([[1, 0, 0, 0], [0, _r, 1j * _r, 0], [0, 1j * _r, _r, 0], [0, 0, 0, 1]])
    ecr = _r * _array([[0, 0, 1, 1j], [0, 0, 1j, 1], [1, -1j, 0, 0], [-1j, 1, 0, 0]])
    constants = [
        ("Identity", 1, np.eye(2)),
        ("PauliX", 1, [[0, 1], [1, 0]]),
        ("PauliY", 1, [[0, -1j], [1j, 0]]),
        ("PauliZ", 1, [[1, 0], [0, -1]]),
        ("Hadamard", 1, HADAMARD),
        ("S", 1, [[1, 0], [0, 1j]]),
        ("T", 1, [[1, 0], [0, np.exp(0.25j * np.pi)]]),
        ("SX", 1, sx),
        ("SWAP", 2, swap),
        ("ISWAP", 2, iswap),
        ("SISWAP", 2, siswap),
        ("ECR", 2, ecr),
    ]
    rotations: list[tuple[str, int | None, Callable[[Operation], Rotation]]] = [
        ("RX", 1, _fixed(_pauli_rotation("X"))),
        ("RY", 1, _fixed(_pauli_rotation("Y"))),
        ("RZ", 1, _fixed(_pauli_rotation("Z"))),
        ("PhaseShift", 1, _fixed(Rotation(np.array([0.0, 1.0])))),
        ("GlobalPhase", 0, _fixed(Rotation(np.array([-1.0])))),
        ("IsingXX", 2, _fixed(_pauli_rotation("XX"))),
        ("IsingYY", 2, _fixed(_pauli_rotation("YY"))),
        ("IsingZZ", 2, _fixed(_pauli_rotation("ZZ"))),
        ("IsingXY", 2, _fixed(_plane_rotation(2, (1, 2), 0.5, "X"))),
        ("MultiRZ", None, lambda operation: Rotation(-0.5 * parity(len(operation.wires)))),
        ("PauliRot", None, lambda operation: _pauli_rotation(operation.pauli_word)),
        ("SingleExcitation", 2, _fixed(_plane_rotation(2, (1, 2), -0.5, "Y"))),
        ("SingleExcitationPlus", 2, _fixed(_plane_rotation(2, (1, 2), -0.5, "Y", 0.5))),
        ("SingleExcitationMinus", 2, _fixed(_plane_rotation(2, (1, 2), -0.5, "Y", -0.5))),
        ("DoubleExcitation", 4, _fixed(_plane_rotation(4, (3, 12), -0.5, "Y"))),
        ("DoubleExcitationPlus", 4, _fixed(_plane_rotation(4, (3, 12), -0.5, "Y", 0.5))),
        ("DoubleExcitationMinus", 4, _fixed(_plane_rotation(4, (3, 12), -0.5, "Y", -0.5))),
    ]
    composites = [("Rot", 1, 3, _rot), ("U2", 1, 2, _u2), ("U3", 1, 3, _u3)]
    return [
        *(Gate(name, wires, 0, matrix=_array(matrix)) for name, wires, matrix in constants),
        *(Gate(name, wires, 1, rotation=rule) for name, wires, rule in rotations),
        *(Gate(name, w, p, decomposition=rule) for name, w, p, rule in composites),
        # data: parameters are all real parts, then all imaginary parts, row by row
        Gate("QubitUnitary", None, None),
        Gate("DiagonalQubitUnitary", None, None),
        Gate("StatePrep", None, None),
        # exp(i theta G): the parameters are theta, then G as for QubitUnitary, constants
        Gate("Evolution", None, None),
    ]


GATES: dict[str, Gate] = {gate.name: gate for gate in _records()}
DATA_GATES = ("QubitUnitary", "DiagonalQubitUnitary", "StatePrep", "Evolution")


def decomposed(operation: Operation) -> list[Operation]:
    """The operation as operations whose gates have no decomposition, controls included."""
    gate = GATES.get(operation.gate)
    if gate is None or gate.decomposition is None:  # channels have none
        return [operation]
    parts = [
        replace(
            part,
            controls=(*operation.controls, *part.controls),
            control_values=(*operation.control_values, *part.control_values),
        )
        for part in gate.decomposition(operation)
    ]
    return [step for part in parts for step in decomposed(part)]


def is_rotation(operation: Operation) -> bool:
    """Whether the operation is a rotation of the table, by one angle."""
    gate = GATES.get(operation.gate)
    return gate is not None and gate.rotation is not None
