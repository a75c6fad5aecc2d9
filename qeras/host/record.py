"""From a QNode and numbers to tapes: its function runs once for each sample."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture.errors import CaptureError
from qeras.capture.record import check_returned


def record(qnode: qml.QNode, arguments: Mapping[str, Any]) -> tuple[qml.tape.QuantumScript, Any]:
    """The tape of one run of the QNode's function, with the QNode's shots, and what the
    function returned. The QNode is not changed.

    Raises:
        CaptureError: if the function returns no measurements.
    """
    with qml.queuing.AnnotatedQueue() as queue:
        returned = qnode.func(**arguments)
    tape = qml.tape.QuantumScript.from_queue(queue, shots=qnode.shots)
    check_returned(qnode, returned, tape.measurements)
    return tape, returned


class Recorder:
    """A QNode with the form of inputs that its function takes.

    Attributes:
        qnode: never changed.
        input_name: the argument that takes the inputs.
        batched: whether the function wants a batch axis (`inputs[:, 0]`), here of length 1.
    """

    def __init__(self, qnode: qml.QNode, input_name: str, batched: bool):
        self.qnode = qnode
        self.input_name = input_name
        self.batched = batched

    def tape(self, sample: Any, weights: Mapping[str, Any]) -> tuple[Any, Any]:
        """The tape of one sample (features,) and what the function returned."""
        if not self.batched:
            return record(self.qnode, {self.input_name: sample, **weights})
        row = qml.math.reshape(sample, (1, -1))
        tape, returned = record(self.qnode, {self.input_name: row, **weights})
        return _of_one_sample(tape), returned

    def tapes(self, inputs: Any, weights: Mapping[str, Any]) -> list[qml.tape.QuantumScript]:
        """The tapes of all samples of inputs (batch, features), trainable parameters set."""
        tapes = [self.tape(inputs[row], weights)[0] for row in range(len(inputs))]
        for tape in tapes:
            parameters = tape.get_parameters(trainable_only=False)
            tape.trainable_params = qml.math.get_trainable_indices(parameters)
        return tapes


def check_samples_stay_apart(
    qnode: qml.QNode, input_name: str, rows: np.ndarray, weights: Mapping[str, Any]
) -> None:
    """Check that a function with a batch axis runs each sample as if it were alone.

    Raises:
        CaptureError: if it does not.
    """
    together, _ = record(qnode, {input_name: rows, **weights})
    expanded, _ = qml.transforms.broadcast_expand(together)
    alone = [_of_one_sample(record(qnode, {input_name: row[None], **weights})[0]) for row in rows]
    if len(expanded) != len(alone) or not all(
        qml.equal(one, other) for one, other in zip(expanded, alone, strict=True)
    ):
        raise CaptureError(
            f"Expected a circuit that runs each sample alone. Received: one in which "
            f"{input_name!r} of several samples are mixed. Write `{input_name}[0]` for the first "
            "feature of a sample."
        )


def _of_one_sample(tape: qml.tape.QuantumScript) -> qml.tape.QuantumScript:
    """The tape of a batch of one sample without its batch axis."""
    return tape if tape.batch_size is None else qml.transforms.broadcast_expand(tape)[0][0]
