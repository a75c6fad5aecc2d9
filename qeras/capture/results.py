"""PennyLane measurements, with shots and without, as measurements of the circuit."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from pennylane import measurements as mp

from qeras.capture.errors import CaptureError
from qeras.capture.measurements import measurement
from qeras.capture.mid_circuit import has_mid_circuit_values, mid_circuit_statistics
from qeras.capture.observables import constant_term, one_sampled_term, sampled_observable
from qeras.capture.wires import wire_labels
from qeras.circuit.circuit import SAMPLED_KINDS, Measurement


def sampled_measurement(process: Any) -> Measurement:
    """The measurement process as data. `probs`, `sample` and `counts` without wires keep none.

    Raises:
        CaptureError: if it is not one of `SAMPLED_KINDS`, or measures what cannot be
            captured.
    """
    if has_mid_circuit_values(process):
        return mid_circuit_statistics(process)
    return _sampled(process)


def exact_measurement(process: Any) -> Measurement:
    """The measurement process without shots as data; see `qeras.capture.measurements`.

    Raises:
        CaptureError: if it cannot be captured, or needs shots.
    """
    if has_mid_circuit_values(process) and not isinstance(process, mp.SampleMP | mp.CountsMP):
        return mid_circuit_statistics(process)
    return measurement(process)


@singledispatch
def _sampled(process: Any) -> Measurement:
    raise CaptureError(
        f"Expected with shots one of the measurements {', '.join(SAMPLED_KINDS)}. "
        f"Received: {process}"
    )


@_sampled.register(mp.ExpectationMP)
def _(process: mp.ExpectationMP) -> Measurement:
    return Measurement("expval", observable=sampled_observable(process.obs))


@_sampled.register(mp.VarianceMP)
def _(process: mp.VarianceMP) -> Measurement:
    return Measurement("var", observable=one_sampled_term(process.obs))


@_sampled.register(mp.ProbabilityMP)
def _(process: mp.ProbabilityMP) -> Measurement:
    return measurement(process)


@_sampled.register(mp.SampleMP)
def _(process: mp.SampleMP) -> Measurement:
    return _outcomes("sample", process)


@_sampled.register(mp.CountsMP)
def _(process: mp.CountsMP) -> Measurement:
    return _outcomes("counts", process)


def _outcomes(kind: str, process: Any) -> Measurement:
    if process.obs is None:
        return Measurement(kind, wires=wire_labels(process.wires))
    return Measurement(kind, observable=constant_term(process.obs))
