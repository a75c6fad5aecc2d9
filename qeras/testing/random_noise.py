"""Random noise: every channel of the table, with parameters of every kind.

Probabilities stay away from 0 and 1, where square roots of them have no derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qeras.circuit.channels import CHANNELS
from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import Expression, call, constant
from qeras.testing.random_circuits import Maker, constants, random_complex, sine

WORD_WIRES, MATRIX_WIRES = 3, 2  # the most of a PauliError and of a QubitChannel

# Lowest and highest value of each parameter. Two probabilities of a reset add up to less than
# one; T2 is at most twice T1.
RANGES = {
    "BitFlip": [(0.05, 0.95)],
    "PhaseFlip": [(0.05, 0.95)],
    "PauliError": [(0.05, 0.95)],
    "DepolarizingChannel": [(0.05, 0.95)],
    "AmplitudeDamping": [(0.05, 0.95)],
    "GeneralizedAmplitudeDamping": [(0.05, 0.95), (0.05, 0.95)],
    "PhaseDamping": [(0.05, 0.95)],
    "ResetError": [(0.05, 0.45), (0.05, 0.45)],
    "ThermalRelaxationError": [(0.05, 0.95), (0.8, 1.2), (0.5, 1.5), (0.2, 1.0)],
}


def with_channels(
    circuit: Circuit,
    seed: int,
    count: int | None = None,
    names: Sequence[str] = tuple(sorted(CHANNELS)),
) -> Circuit:
    """A `random_circuit` with channels at random places between its gates.

    A `state`, of which noise leaves none, becomes a `density_matrix` of up to three wires.

    Args:
        circuit: it is not changed.
        seed: equal seeds give equal channels.
        count: how many channels; by default 1 to 4.
        names: to choose from.
    """
    maker = Maker.of(circuit, seed)
    generator = maker.generator
    operations = list(circuit.operations)
    first = sum(operation.gate == "StatePrep" for operation in operations)
    for _ in range(int(generator.integers(1, 5)) if count is None else count):
        name = str(generator.choice(names))
        operations.insert(int(generator.integers(first, len(operations) + 1)), channel(maker, name))
    measurements = tuple(
        Measurement("density_matrix", wires=one.wires[:3]) if one.kind == "state" else one
        for one in circuit.measurements
    )
    return replace(circuit, operations=tuple(operations), measurements=measurements)


def channel(maker: Maker, name: str) -> Operation:
    """The channel of that name on random wires, with random parameters."""
    if name == "QubitChannel":
        wires = maker.some(MATRIX_WIRES)
        return Operation(name, wires, constants(_kraus(maker.generator, 2 ** len(wires))))
    wires = maker.some(WORD_WIRES if name == "PauliError" else 1)
    word = "".join(maker.generator.choice(list("IXYZ"), len(wires)))
    parameters = tuple(_between(maker, low, high) for low, high in RANGES[name])
    return Operation(name, wires, parameters, pauli_word=word if name == "PauliError" else "")


def _kraus(generator: np.random.Generator, side: int) -> np.ndarray:
    """One to three matrices that keep the trace: the blocks of an isometry's rows."""
    count = int(generator.integers(1, 4))
    columns = np.linalg.qr(random_complex(generator, (count * side, side)))[0]
    return columns.reshape(count, side, side)


def _between(maker: Maker, low: float, high: float) -> Expression:
    """A constant, or a function of inputs and weights, between two numbers."""
    if maker.generator.random() < 0.4:
        return constant(maker.generator.uniform(low, high))
    half = constant((high - low) / 2)
    swing = call("multiply", half, sine(maker.parameters.angle()))
    return call("add", constant((low + high) / 2), swing)
