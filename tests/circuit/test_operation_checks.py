"""What is no operation of a gate or a channel."""

from __future__ import annotations

import pytest

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import constant, reference
from qeras.circuit.operation_checks import validate

X, ONE = reference("inputs", 0), constant(1.0)

BAD = {
    r"Expected one of the gates .*gate='Fly'": Operation("Fly", (0,)),
    r"Expected 1 wires for RX. Received: wires=\(0, 1\)": Operation("RX", (0, 1), (X,)),
    "Expected 1 parameters for RX on 1 wires. Received: 2": Operation("RX", (0,), (X, X)),
    "Expected 8 parameters for QubitUnitary on 1 wires": Operation("QubitUnitary", (0,), (X,)),
    "Expected one control value a control wire": Operation("RX", (0,), (X,), controls=(1,)),
    "Expected StatePrep without controls": Operation(
        "StatePrep", (0,), (ONE,) * 4, controls=(1,), control_values=(True,)
    ),
    "Expected 2 letters out of IXYZ for PauliRot. Received: pauli_word='XQ'": Operation(
        "PauliRot", (0, 1), (X,), pauli_word="XQ"
    ),
    r"Expected wires that differ. Received: wires=\(0, 0\)": Operation("SWAP", (0, 0)),
    r"Expected BitFlip without controls. Received: controls=\(1,\)": Operation(
        "BitFlip", (0,), (ONE,), (1,), (True,)
    ),
    "Expected 1 wires for BitFlip": Operation("BitFlip", (0, 1), (ONE,)),
    "Expected some wires for PauliError": Operation("PauliError", (), (ONE,)),
    "at most 4 wires for PauliError. Received: 5 wires, whose matrix has 1,048,576": Operation(
        "PauliError", (0, 1, 2, 3, 4), (ONE,), pauli_word="XXXXX"
    ),
    "Expected 2 parameters for ResetError. Received: 1": Operation("ResetError", (0,), (ONE,)),
    "Expected 1 letters out of IXYZ for PauliError. Received: pauli_word='A'": Operation(
        "PauliError", (0,), (ONE,), pauli_word="A"
    ),
    r"Expected wires that differ. Received: wires=\(1, 1\)": Operation(
        "PauliError", (1, 1), (ONE,), pauli_word="XX"
    ),
    "matrices of 2 rows for QubitChannel on 1 wires. Received: 1": Operation(
        "QubitChannel", (0,), (ONE,)
    ),
    "Kraus matrices that keep the trace. Received: QubitChannel whose": Operation(
        "QubitChannel", (0,), (ONE,) * 8
    ),
    "Kraus matrices that are constant. Received: QubitChannel on": Operation(
        "QubitChannel", (0,), (X,) * 8
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_errors(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        validate(BAD[message])
