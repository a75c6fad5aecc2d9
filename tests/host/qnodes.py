"""What PennyLane itself says of a QNode: values and gradients, one sample at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml

from qeras.host import HostProgram, Reason


class PluginDevice(qml.devices.DefaultMixed):
    """A device that the engine does not know."""

    @property
    def name(self) -> str:
        return "plugin.mixed"


Weights = Mapping[str, np.ndarray]
REASON = Reason("the test says so", "nothing")


def program(qnode: qml.QNode, weights: Weights, features: int) -> HostProgram:
    shapes = {name: value.shape for name, value in weights.items()}
    return HostProgram(qnode, shapes, features, "inputs", REASON)


def values_of(qnode: qml.QNode, inputs: np.ndarray, weights: Weights) -> np.ndarray:
    """All results (batch, total), from a call for each sample."""
    return np.stack([np.asarray(_flat(qnode(inputs=row, **weights))) for row in inputs])


def gradients_of(
    qnode: qml.QNode, inputs: np.ndarray, weights: Weights, cotangent: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Gradients of `sum(cotangent * results)` by inputs and weights, through PennyLane's own
    interface to autograd."""
    names = list(weights)

    def total(arguments: Any) -> Any:
        rows, *others = arguments
        named = dict(zip(names, others, strict=True))
        results = [_flat(qnode(inputs=rows[i], **named)) for i in range(len(inputs))]
        return anp.sum(anp.stack(results) * cotangent)

    pull_back, _ = autograd.core.make_vjp(total, (inputs, *weights.values()))
    to_inputs, *to_weights = pull_back(np.array(1.0))
    return to_inputs, dict(zip(names, to_weights, strict=True))


def _flat(result: Any) -> Any:
    parts = list(result.values()) if isinstance(result, dict) else result
    if not isinstance(parts, list | tuple | autograd.builtins.SequenceBox):
        parts = [parts]
    return anp.concatenate([anp.reshape(part, (-1,)) for part in parts])
