"""PennyLane measurements as measurements of the circuit."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np
import pennylane as qml
from pennylane import measurements as mp

from qeras.capture.errors import CaptureError
from qeras.capture.observables import check_size, observable
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import MEASUREMENT_KINDS, Measurement


@singledispatch
def measurement(process: Any) -> Measurement:
    """The measurement process as data. `probs()` and `state()` without wires keep none.

    Raises:
        CaptureError: if it is not one of `MEASUREMENT_KINDS`, or measures what cannot be
            captured.
    """
    raise CaptureError(
        f"Expected one of the measurements {', '.join(MEASUREMENT_KINDS)}. Received: {process}"
    )


@measurement.register(mp.SampleMP)
def _(process: mp.SampleMP) -> Measurement:
    raise _without_shots("sample")


@measurement.register(mp.CountsMP)
def _(process: mp.CountsMP) -> Measurement:
    raise _without_shots("counts")


def _without_shots(kind: str) -> CaptureError:
    return CaptureError(
        f"Expected a number of shots for {kind}. Received: a QNode without shots. Write "
        "qml.set_shots(qnode, 1000)."
    )


@measurement.register(mp.ExpectationMP)
def _(process: mp.ExpectationMP) -> Measurement:
    return Measurement("expval", observable=observable(process.obs))


@measurement.register(mp.VarianceMP)
def _(process: mp.VarianceMP) -> Measurement:
    return Measurement("var", observable=observable(process.obs))


@measurement.register(mp.ProbabilityMP)
def _(process: mp.ProbabilityMP) -> Measurement:
    wires = wire_labels(process.wires)
    if process.obs is None:
        return Measurement("probs", wires=wires)
    return Measurement("probs", wires=wires, basis=_basis(process.obs))


def _basis(operator: Any) -> tuple[tuple[complex, ...], ...]:
    """The unitary that turns the eigenbasis of `operator` into the computational one."""
    check_size(operator, len(operator.wires))
    with qml.QueuingManager.stop_recording():
        gates = operator.diagonalizing_gates()
    matrix = np.eye(2 ** len(operator.wires))
    for gate in gates:
        numbers = qml.math.toarray(qml.matrix(gate, wire_order=operator.wires))
        matrix = numbers @ matrix
    return tuple(tuple(complex(entry) for entry in row) for row in matrix) if gates else ()


@measurement.register(mp.StateMP)
def _(process: mp.StateMP) -> Measurement:
    return Measurement("state", wires=wire_labels(process.wires))


@measurement.register(mp.DensityMatrixMP)
def _(process: mp.DensityMatrixMP) -> Measurement:
    return Measurement("density_matrix", wires=wire_labels(process.wires))


@measurement.register(mp.PurityMP)
def _(process: mp.PurityMP) -> Measurement:
    return Measurement("purity", wires=wire_labels(process.wires))


@measurement.register(mp.VnEntropyMP)
def _(process: mp.VnEntropyMP) -> Measurement:
    return Measurement(
        "vn_entropy", wires=wire_labels(process.wires), log_base=_base(process.log_base)
    )


@measurement.register(mp.MutualInfoMP)
def _(process: mp.MutualInfoMP) -> Measurement:
    first, second = process.raw_wires
    return Measurement(
        "mutual_info",
        wires=wire_labels(first),
        other_wires=wire_labels(second),
        log_base=_base(process.log_base),
    )


def _base(log_base: Any) -> float | None:
    return None if log_base is None else float(log_base)
