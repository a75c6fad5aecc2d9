"""Check single operations against the tables of gates and of channels."""

from __future__ import annotations

import numpy as np

from qeras.circuit.channels import CHANNELS, Channel, is_channel
from qeras.circuit.circuit import Operation
from qeras.circuit.gates import GATES, Gate

MAX_CHANNEL_WIRES = 4  # its matrix has 16 entries to the power of their number
WITH_WORD = ("PauliRot", "PauliError")


def validate(operation: Operation) -> None:
    """Check an operation against its record, that of a gate or of a channel.

    Raises:
        ValueError: for an unknown gate, a wrong number of wires, parameters, control values
            or letters, for controls of what has none, and for Kraus matrices that are not
            constant or do not keep the trace.
    """
    if is_channel(operation):
        _check_channel(operation, CHANNELS[operation.gate])
    elif operation.gate in GATES:
        _check_gate(operation, GATES[operation.gate])
    else:
        raise ValueError(
            f"Expected one of the gates {sorted({*GATES, *CHANNELS})}. "
            f"Received: gate={operation.gate!r}"
        )
    touched = (*operation.wires, *operation.controls)
    if len(set(touched)) != len(touched):
        raise ValueError(f"Expected wires that differ. Received: wires={touched}")


def _check_gate(operation: Operation, gate: Gate) -> None:
    wires = len(operation.wires)
    if gate.num_wires is not None and wires != gate.num_wires:
        raise ValueError(
            f"Expected {gate.num_wires} wires for {gate.name}. Received: wires={operation.wires}"
        )
    expected = {
        "QubitUnitary": 2 * 4**wires,
        "Evolution": 1 + 2 * 4**wires,
        "DiagonalQubitUnitary": 2 * 2**wires,
        "StatePrep": 2 * 2**wires,
    }.get(gate.name, gate.num_parameters)
    if len(operation.parameters) != expected:
        raise ValueError(
            f"Expected {expected} parameters for {gate.name} on {wires} wires. "
            f"Received: {len(operation.parameters)} parameters"
        )
    _check_word(operation)
    _check_controls(operation)


def _check_controls(operation: Operation) -> None:
    if len(operation.controls) != len(operation.control_values):
        raise ValueError(
            f"Expected one control value a control wire. Received: controls="
            f"{operation.controls}, control_values={operation.control_values}"
        )
    if operation.gate == "StatePrep" and operation.controls:
        raise ValueError(
            f"Expected StatePrep without controls. Received: controls={operation.controls}"
        )


def _check_channel(operation: Operation, channel: Channel) -> None:
    wires = len(operation.wires)
    if operation.controls:
        raise ValueError(
            f"Expected {channel.name} without controls. Received: controls={operation.controls}"
        )
    if not wires or (channel.num_wires is not None and wires != channel.num_wires):
        raise ValueError(
            f"Expected {channel.num_wires or 'some'} wires for {channel.name}. "
            f"Received: wires={operation.wires}"
        )
    if wires > MAX_CHANNEL_WIRES:
        raise ValueError(
            f"Expected at most {MAX_CHANNEL_WIRES} wires for {channel.name}. "
            f"Received: {wires} wires, whose matrix has {16**wires:,} entries"
        )
    count = len(operation.parameters)
    if channel.num_parameters is not None and count != channel.num_parameters:
        raise ValueError(
            f"Expected {channel.num_parameters} parameters for {channel.name}. "
            f"Received: {count} parameters"
        )
    _check_word(operation)
    if channel.name == "QubitChannel":
        _check_kraus(operation, channel)


def _check_word(operation: Operation) -> None:
    """One letter a wire."""
    word, wires = operation.pauli_word, len(operation.wires)
    if operation.gate in WITH_WORD and (len(word) != wires or set(word) - set("IXYZ")):
        raise ValueError(
            f"Expected {wires} letters out of IXYZ for {operation.gate}. "
            f"Received: pauli_word={word!r}"
        )


def _check_kraus(operation: Operation, channel: Channel) -> None:
    wires, count = len(operation.wires), len(operation.parameters)
    if not count or count % (2 * 4**wires):
        raise ValueError(
            f"Expected matrices of {2**wires} rows for QubitChannel on {wires} wires. "
            f"Received: {count} parameters"
        )
    ((_, matrix),) = channel.terms(operation)
    traces = np.eye(2**wires).reshape(-1)
    if not np.allclose(traces @ matrix, traces, atol=1e-6):
        raise ValueError(
            "Expected Kraus matrices that keep the trace. Received: QubitChannel whose "
            f"traces of basis matrices are {np.round(traces @ matrix, 6).tolist()}"
        )
