"""Capture: a QNode becomes a circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pennylane as qml

from qeras.capture import (  # noqa: F401  register their rules
    block_encodings,
    composites,
    exponentials,
    powers,
    unitaries,
)
from qeras.capture.autoray_backend import register
from qeras.capture.broadcasting import merged, probe_rows
from qeras.capture.dynamic_wires import labelled
from qeras.capture.errors import CaptureError, TooManyIndicesError
from qeras.capture.mid_circuit import deferred
from qeras.capture.operations import operations
from qeras.capture.record import check_device, record, symbol_class
from qeras.capture.results import exact_measurement, sampled_measurement
from qeras.capture.signature import name_of, shots_of
from qeras.capture.state_preparation import on_fresh_wires
from qeras.capture.symbol import Symbol, TransformedSymbol
from qeras.capture.wires import ordered, touched, wire_labels
from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import Circuit, Measurement, Operation, Wire, is_projector
from qeras.circuit.operation_checks import validate

register()

_ARITHMETIC = (
    " (functions of inputs and weights are written with Python arithmetic, `qml.math`, "
    "`keras.ops` or NumPy)"
)
# What PennyLane says where it asks if a symbol is trained; it knows that of arrays of NumPy,
# for which it takes the symbols of a QNode with transforms.
_ASKS_IF_TRAINED = "is an unknown object"


def capture(
    qnode: qml.QNode,
    weight_shapes: Mapping[str, tuple[int, ...]],
    features: int,
    input_name: str = "inputs",
) -> Circuit:
    """The circuit of a QNode for one sample.

    The QNode's function runs once, with symbols for the inputs, of shape
    `(features,)`, and for the weights.

    Args:
        qnode: a QNode on one of `qeras.capture.signature.DEVICES`.
        weight_shapes: shape of each weight, by argument name.
        features: length of the inputs' last axis.
        input_name: the argument that takes the inputs.

    Raises:
        CaptureError: for what cannot be captured, naming it and what to write instead.
    """
    check_device(qnode)
    attempt = partial(_attempt, qnode, weight_shapes, features, input_name)
    try:
        return attempt((features,))[0]
    except CaptureError as error:
        if not _asks_for_a_batch(error):
            raise
        rows = probe_rows(features, weight_shapes, len(qnode.device.wires or ()))
        try:
            return merged(attempt((rows, features)))
        except CaptureError as second:
            raise (error if _asks_for_a_batch(second) else second) from error.__cause__


def _attempt(
    qnode: qml.QNode,
    weight_shapes: Mapping[str, tuple[int, ...]],
    features: int,
    input_name: str,
    input_shape: tuple[int, ...],
    kind: type[Symbol] | None = None,
) -> list[Circuit]:
    """The circuits of a run on inputs of a shape: one, or one for each sample."""
    kind = kind or symbol_class(qnode)
    shapes = {input_name: input_shape, **weight_shapes}
    arguments = {name: kind.of(name, shape) for name, shape in shapes.items()}
    try:
        tape, returned = record(qnode, arguments)
        tapes = [tape] if len(input_shape) == 1 else qml.transforms.broadcast_expand(tape)[0]
        return [
            circuit_of(qnode, one, returned, weight_shapes, features, input_name) for one in tapes
        ]
    except CaptureError:
        raise
    except Exception as error:
        if kind is Symbol and _ASKS_IF_TRAINED in str(error):
            return _attempt(
                qnode, weight_shapes, features, input_name, input_shape, TransformedSymbol
            )
        raise CaptureError(
            f"Expected {name_of(qnode)!r} to run on {input_name!r} of {features} features, "
            f"as shape {input_shape}, and weights of shapes {dict(weight_shapes)}. "
            f"Received: {type(error).__name__}: {error}"
            + (_ARITHMETIC if isinstance(error, TypeError) else "")
        ) from error


def _asks_for_a_batch(error: CaptureError) -> bool:
    """Whether the function wants more axes than one sample has: `inputs[:, 0]`, or
    `inputs.shape[1]`, which is an ordinary IndexError of Python."""
    if isinstance(error, IndexError):
        return isinstance(error, TooManyIndicesError)
    return isinstance(error.__cause__, IndexError)


def circuit_of(
    qnode: qml.QNode,
    tape: qml.tape.QuantumScript,
    returned: Any,
    weight_shapes: Mapping[str, tuple[int, ...]],
    features: int,
    input_name: str,
) -> Circuit:
    """The tape as a circuit."""
    written = tape
    tape = labelled(qnode, deferred(qnode, tape))
    known = (*written.wires, *(qnode.device.wires or ()))
    held = [wire for wire in wire_labels(tape.wires) if wire not in known]
    parts = [(operator, operations(operator)) for operator in tape.operations]
    shots = shots_of(qnode)
    read = sampled_measurement if shots else exact_measurement
    measurements = [read(process) for process in tape.measurements]
    single = isinstance(returned, qml.measurements.MeasurementProcess)
    if len(shots) > 1 and not single:
        raise CaptureError(
            f"Expected one measurement with several numbers of shots. Received: shots={shots} and "
            f"{len(measurements)} measurements. Give one number, or make a layer for each."
        )
    wires = _wires(qnode, parts, tape.measurements, held)
    _check_noise(qnode, parts)
    first_as_given = bool(parts) and isinstance(parts[0][0], qml.operation.StatePrepBase)
    steps = [operation for _, part in parts for operation in part]
    body = tuple(on_fresh_wires(steps, first_as_given, bool(shots)))
    for operation in body:
        validate(operation)
    return Circuit(
        name=name_of(qnode),
        wires=wires,
        features=features,
        input_name=input_name,
        weight_shapes=dict(weight_shapes),
        operations=body,
        measurements=tuple(
            _on_all_wires(item, wires, qnode.device.name == "default.mixed")
            for item in measurements
        ),
        keys=tuple(returned) if isinstance(returned, Mapping) else (),
        single=single and len(shots) <= 1,
        shots=shots,
    )


def _check_noise(qnode: qml.QNode, parts: Sequence[tuple[Any, list[Operation]]]) -> None:
    """Channels are for the device of density matrices, and postselection is not."""
    for operator, operations_of_it in parts:
        for operation in operations_of_it:
            if is_channel(operation) and qnode.device.name != "default.mixed":
                raise CaptureError(
                    "Expected a QNode with channels on the device default.mixed. "
                    f"Received: {operator} on {qnode.device.name!r}"
                )
            if is_projector(operation) and qnode.device.name == "default.mixed":
                raise CaptureError(
                    "Expected postselection on default.qubit, as default.mixed has none. "
                    f"Received: {operator}"
                )


def _on_all_wires(item: Measurement, wires: tuple[Wire, ...], mixed: bool) -> Measurement:
    if item.kind == "state" and mixed:  # a density matrix on this device
        return Measurement("density_matrix", wires=wires)
    everywhere = item.kind in ("state", "probs", "sample", "counts")
    if everywhere and not (item.wires or item.observable):
        return Measurement(item.kind, wires=wires)
    return item


def _wires(
    qnode: qml.QNode,
    parts: Sequence[tuple[Any, list[Operation]]],
    processes: Sequence[Any],
    held: Sequence[Wire],
) -> tuple[Wire, ...]:
    """All wires; `held` are those that deferral added to the device's."""
    operated = [
        wire
        for operator, part in parts
        for wire in (wire_labels(operator.wires) if operator.has_matrix else touched(part))
    ]
    measured = [wire for process in processes for wire in wire_labels(process.wires)]
    if not qnode.device.wires:
        return ordered(operated, measured)
    wires = (*wire_labels(qnode.device.wires), *held)
    unknown = [wire for wire in (*operated, *measured) if wire not in wires]
    if unknown:
        raise CaptureError(
            f"Expected wires of the device, {list(wires)}. Received: wire {unknown[0]!r} in "
            f"{name_of(qnode)!r}. Give the device that wire, or make it without `wires`."
        )
    return wires
