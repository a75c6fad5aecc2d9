"""From a QNode to one tape: run its function on symbols and apply its transforms."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pennylane as qml

from qeras.capture.errors import CaptureError
from qeras.capture.signature import DEVICES, name_of
from qeras.capture.symbol import Symbol, TransformedSymbol, as_symbol


def check_device(qnode: qml.QNode) -> None:
    """Refuse devices that are no simulator of qubits, and errors of their readout."""
    if qnode.device.name not in DEVICES:
        raise CaptureError(
            f"Expected a QNode on one of the devices {', '.join(DEVICES)}. "
            f"Received: device={qnode.device.name!r}"
        )
    if getattr(qnode.device, "readout_err", None):
        raise CaptureError(
            "Expected a device without errors of readout. Received: readout_prob="
            f"{qnode.device.readout_err}; write qml.BitFlip before the measurements."
        )


def record(qnode: qml.QNode, arguments: Mapping[str, Symbol]) -> tuple[qml.tape.QuantumScript, Any]:
    """The tape of one run of the QNode's function, after its transforms, and what the
    function returned. The QNode is not changed.

    Raises:
        CaptureError: if the function returns no measurements, or the transforms give
            several tapes or change results.
    """
    with qml.queuing.AnnotatedQueue() as queue:
        returned = qnode.func(**arguments)
    tape = qml.tape.QuantumScript.from_queue(queue)
    check_returned(qnode, returned, tape.measurements)
    tape = _transformed(qnode, _lifted(tape, symbol_class(qnode)))
    return _lifted(tape, Symbol), returned


def symbol_class(qnode: qml.QNode) -> type[Symbol]:
    """The class of symbols to run the QNode's function on."""
    return TransformedSymbol if len(qnode.compile_pipeline) else Symbol


def _lifted(tape: qml.tape.QuantumScript, kind: type[Symbol]) -> qml.tape.QuantumScript:
    """The tape with symbols in the place of Keras tensors and lists of symbols."""
    tape = tape.copy(operations=[_lifted_operator(item, kind) for item in tape.operations])
    tape.trainable_params = []
    return tape


def _lifted_operator(operator: Any, kind: type[Symbol]) -> Any:
    """Operators made of operators keep their parameters; these are lifted where they are used."""
    inner = operator.hyperparameters.values()
    composite = isinstance(operator, qml.ops.CompositeOp | qml.ops.SymbolicOp) or any(
        isinstance(one, qml.operation.Operator) for one in inner
    )
    if composite or not any(map(_is_plain, operator.data)):
        return operator
    data = [
        kind(as_symbol(value).scalars) if _is_plain(value) else value for value in operator.data
    ]
    return qml.ops.functions.bind_new_parameters(operator, data)


def _is_plain(value: Any) -> bool:
    """Whether a parameter is symbolic, but no symbol."""
    if isinstance(value, np.ndarray):
        return value.dtype == object
    return isinstance(value, keras.KerasTensor) and not isinstance(value, Symbol)


def returned_measurements(returned: Any) -> list[Any]:
    """What a QNode's function returned, as a list."""
    if isinstance(returned, Mapping):
        return list(returned.values())
    return list(returned) if isinstance(returned, list | tuple) else [returned]


def check_returned(qnode: qml.QNode, returned: Any, measurements: list[Any]) -> None:
    found = returned_measurements(returned)
    wrong = [item for item in found if not isinstance(item, qml.measurements.MeasurementProcess)]
    if wrong or not found:
        raise CaptureError(
            f"Expected {name_of(qnode)!r} to return a measurement, or a list, tuple or dict "
            f"of measurements. Received: {returned!r}"
        )
    if len(found) != len(measurements) or any(
        a is not b for a, b in zip(found, measurements, strict=True)
    ):
        raise CaptureError(
            f"Expected {name_of(qnode)!r} to return all of its measurements in the order in "
            f"which they are made. Received: {found}, made as {measurements}"
        )


def _transformed(qnode: qml.QNode, tape: qml.tape.QuantumScript) -> qml.tape.QuantumScript:
    pipeline = qnode.compile_pipeline
    if not len(pipeline):
        return tape
    with warnings.catch_warnings():
        # autoray's, for arrays of symbols that PennyLane makes of lists
        warnings.filterwarnings("ignore", r"In the future `np\.object`", FutureWarning)
        tapes, post_processing = pipeline((tape,))
    if len(tapes) != 1 or len(tapes[0].measurements) != len(tape.measurements):
        raise CaptureError(
            f"Expected transforms of the QNode that give one circuit with the same number of "
            f"measurements. Received: {_names(pipeline)}, which give {len(tapes)} circuits"
        )
    if pipeline.is_informative or not _keeps_results(post_processing, len(tape.measurements)):
        raise CaptureError(
            f"Expected transforms of the QNode that change its circuit only. "
            f"Received: {_names(pipeline)}, which compute with the results"
        )
    return tapes[0]


def _names(pipeline: Any) -> str:
    return ", ".join(str(transform) for transform in pipeline)


class _Result:
    """Stands for a measured value; any arithmetic with it fails."""


def _keeps_results(post_processing: Any, count: int) -> bool:
    """Whether post-processing hands results on as they are."""
    results = _Result() if count == 1 else tuple(_Result() for _ in range(count))
    try:
        processed = post_processing((results,))
    except Exception:
        return False
    return len(processed) == 1 and processed[0] is results
