"""Final state -> one result a measurement."""

from __future__ import annotations

from qeras.execution.context import Constants, State, Tensor
from qeras.execution.parameters import Coefficients
from qeras.measurements.expectations import expectations
from qeras.measurements.states import (
    density_matrix,
    entropy,
    mutual_information,
    probabilities,
    purity,
    state_vector,
)
from qeras.plan.readouts import Readout, Readouts


def read(
    readouts: Readouts, state: State, coefficients: Coefficients, constants: Constants
) -> list[Tensor]:
    """Results in the order of the measurements, each (batch, *readout.shape)."""
    width = readouts.width
    rows = None
    if readouts.expectations is not None:
        rows = expectations(readouts.expectations, width, state, coefficients, constants)
    return [_result(readout, width, rows, state, constants) for readout in readouts.readouts]


def _result(
    readout: Readout, width: int, rows: Tensor, state: State, constants: Constants
) -> Tensor:
    if readout.kind == "expval":
        return rows[readout.rows[0]]
    if readout.kind == "var":
        mean, square = (rows[row] for row in readout.rows)
        return square - mean * mean
    if readout.kind == "probs":
        return probabilities(readout, width, state, constants)
    if readout.kind == "state":
        return state_vector(state)
    if readout.kind == "density_matrix":
        return density_matrix(readout, width, state)
    if readout.kind == "purity":
        return purity(readout, width, state)
    if readout.kind == "vn_entropy":
        return entropy(readout.axes, width, state, readout.log_base)
    return mutual_information(readout, width, state)
