"""Final state -> one result a measurement."""

from __future__ import annotations

import math

from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.parameters import Coefficients
from qeras.measurements.expectations import expectations
from qeras.measurements.final_state import FinalState
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
    readouts: Readouts, state: FinalState, coefficients: Coefficients, constants: Constants
) -> list[Tensor]:
    """Results in the order of the measurements, each (batch, *readout.shape)."""
    width = readouts.width
    rows = _rows(readouts, state, coefficients, constants)
    return [_result(readout, width, rows, state, constants) for readout in readouts.readouts]


def read_flat(
    readouts: Readouts, state: FinalState, coefficients: Coefficients, constants: Constants
) -> Tensor:
    """All results flattened and side by side, (batch, readouts.size); complex if one is."""
    width = readouts.width
    rows = _rows(readouts, state, coefficients, constants)
    parts = []
    for kind, members in readouts.by_kind:
        if kind == "expval":
            # Rows are numbered in the order of the measurements.
            first, last = members[0].rows[0], members[-1].rows[0]
            parts.append(arrays.transpose(rows[first : last + 1]))  # type: ignore[index]
            continue
        for readout in members:
            result = _result(readout, width, rows, state, constants)
            parts.append(arrays.reshape(result, (-1, math.prod(readout.shape))))
    return side_by_side(readouts, parts, constants)


def _rows(
    readouts: Readouts, state: FinalState, coefficients: Coefficients, constants: Constants
) -> Tensor | None:
    """Of expectation values, if there are any."""
    if state.rows is not None or readouts.expectations is None:
        return state.rows
    width = readouts.width
    return expectations(readouts.expectations, width, state, coefficients, constants)


def side_by_side(readouts: Readouts, parts: list[Tensor], constants: Constants) -> Tensor:
    """Parts (batch, any) as one (batch, readouts.size); complex if one result is."""
    if readouts.is_complex:
        dtype = "complex128" if constants.dtype == "float64" else "complex64"
        parts = [ops.cast(part, dtype) for part in parts]
    return parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=1)


def _result(
    readout: Readout, width: int, rows: Tensor, state: FinalState, constants: Constants
) -> Tensor:
    if readout.kind == "expval":
        return rows[readout.rows[0]]
    if readout.kind == "var":
        mean, square = (rows[row] for row in readout.rows)
        return square - mean * mean
    if readout.kind == "probs":
        return probabilities(readout, width, state, constants)
    if readout.kind == "state":
        return state_vector(state.amplitudes)
    if readout.kind == "density_matrix":
        return density_matrix(readout, width, state.amplitudes)
    if readout.kind == "purity":
        return purity(readout, width, state.amplitudes)
    if readout.kind == "vn_entropy":
        return entropy(readout.axes, width, state.amplitudes, readout.log_base)
    return mutual_information(readout, width, state.amplitudes)
