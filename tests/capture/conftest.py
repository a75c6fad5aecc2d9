"""Compare captured circuits with PennyLane."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import capture
from qeras.circuit.circuit import Circuit
from qeras.testing.reference import simulate

Agree = Callable[..., Circuit]


@pytest.fixture
def agree() -> Agree:
    """Capture a quantum function and compare its results with `default.qubit`'s.

    The function takes `inputs` and the weights named in `shapes`; without a return value
    its state is compared."""

    def compare(
        function: Callable[..., Any],
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        features: int = 3,
        wires: Any = 4,
        inputs: np.ndarray | None = None,
        transform: Callable[[Any], Any] = lambda qnode: qnode,
    ) -> Circuit:
        qnode = transform(qml.QNode(_with_state(function), qml.device("default.qubit", wires)))
        rng = np.random.default_rng(7)
        given = rng.uniform(0.1, 0.9, features) if inputs is None else np.asarray(inputs)
        weights = {name: rng.uniform(0.1, 0.9, shape) for name, shape in (shapes or {}).items()}
        circuit = capture(qnode, shapes or {}, features)
        expected = qnode(inputs=given, **weights)
        if isinstance(expected, dict):
            expected = list(expected.values())
        if circuit.single:
            expected = [expected]
        found = simulate(circuit, given, weights)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-10)
        return circuit

    return compare


def _with_state(function: Callable[..., Any]) -> Callable[..., Any]:
    def quantum_function(inputs: Any, **weights: Any) -> Any:
        returned = function(inputs, **weights)
        measured = isinstance(returned, list | tuple | dict) and returned
        if measured and isinstance(_first(returned), qml.measurements.MeasurementProcess):
            return returned
        if isinstance(returned, qml.measurements.MeasurementProcess):
            return returned
        return qml.state()

    return quantum_function


def _first(returned: Any) -> Any:
    return next(iter(returned.values() if isinstance(returned, dict) else returned))
