"""`assert_gate_ok` over the whole gate table, and what it does not let pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import constant, reference
from qeras.circuit.gates import GATES
from qeras.testing.gates import assert_gate_ok
from qeras.testing.random_circuits import constants

X, W = reference("inputs", 1), reference("weights", 2)


@pytest.mark.parametrize("wires", [("b", 0, "a"), tuple(range(6))])
@pytest.mark.parametrize("gate", ["RX", "Rot", "SX", "GlobalPhase"])
def test_gates_of_the_table(gate: str, wires: tuple) -> None:
    record = GATES[gate]
    parameters = (X, W, constant(0.3))[: record.num_parameters]
    operation = Operation(gate, wires[: record.num_wires], parameters)
    assert_gate_ok(operation, wires)
    assert_gate_ok(
        replace(operation, controls=wires[2:], control_values=(False,) * (len(wires) - 2)), wires
    )


def test_in_double_precision(float64: None) -> None:
    assert_gate_ok(Operation("RX", (0,), (X,)), (0, 1))


def test_an_operation_that_is_not_of_the_table() -> None:
    with pytest.raises(ValueError, match="Expected 1 wires for RX"):
        assert_gate_ok(Operation("RX", (0, 1), (X,)), (0, 1))


def test_a_matrix_that_is_not_unitary() -> None:
    operation = Operation("QubitUnitary", (0,), constants(np.array([[1, 1], [0, 1]])))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_gate_ok(operation, (0, 1))


def test_another_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qeras.testing.gates.simulate", lambda *_: [np.zeros(4)])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_gate_ok(Operation("RX", (0,), (X,)), (0, 1))
