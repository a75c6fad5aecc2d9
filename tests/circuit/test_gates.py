"""The gate table."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import reference
from qeras.circuit.gates import GATES, decomposed

X = reference("inputs", 0)


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.matrix is not None])
def test_matrices_are_unitary(name: str) -> None:
    matrix = GATES[name].matrix
    assert matrix is not None
    np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-15)


@pytest.mark.parametrize("name", [name for name, gate in GATES.items() if gate.rotation])
def test_bases_are_unitary_and_cannot_be_written(name: str) -> None:
    gate = GATES[name]
    wires = tuple(range(gate.num_wires if gate.num_wires is not None else 3))
    assert gate.rotation is not None
    operation = Operation(name, wires, (X,), pauli_word="XYZ" if name == "PauliRot" else "")
    rotation = gate.rotation(operation)
    assert rotation.diagonal.shape == (2 ** len(wires),)
    for _, matrix in rotation.basis:
        np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-15)
        assert not matrix.flags.writeable


def test_every_gate_is_of_one_kind() -> None:
    for gate in GATES.values():
        kinds = [gate.matrix is not None, gate.rotation is not None, gate.decomposition is not None]
        assert sum(kinds) <= 1, gate.name


def test_decomposed_of_a_simple_gate_is_itself() -> None:
    operation = Operation("RX", (0,), (X,))
    assert decomposed(operation) == [operation]
