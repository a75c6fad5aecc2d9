"""Mid-circuit measurements equal those of `default.qubit`, values and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture
from qeras.pipeline import Program
from tests.backends import evaluate
from tests.contracts.like_qnode import assert_like_qnode

pytestmark = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")


def conditions(inputs: Any, w: Any) -> Any:
    qml.RX(inputs[0], 0)
    first = qml.measure(0)
    qml.cond(first, qml.RY)(w[0], 1)
    qml.RX(inputs[1], 0)
    second = qml.measure(0, reset=True)
    qml.cond(first & second, qml.RY, qml.RX)(w[1], wires=1)
    qml.RX(w[2], 0)
    return [
        qml.expval(first),
        qml.expval(first + 2 * second),
        qml.var(second),
        qml.probs(op=[second, first]),
        qml.probs(op=second),
        qml.expval(qml.Z(1)),
        qml.probs(wires=[0, 1]),
        qml.purity([0]),
    ]


def branches(inputs: Any, w: Any) -> Any:
    qml.RX(inputs[0], 0)
    first = qml.measure(0)

    def one(angle: Any) -> None:
        qml.RY(angle, 1)
        qml.CNOT([1, 2])

    def other(angle: Any) -> None:
        qml.RX(angle, 2)

    qml.cond(first == 1, one, other)(w[0])
    qml.cond(first, qml.QubitUnitary)(np.array([[0, 1], [1, 0]]), wires=1)
    qml.cond(first, qml.CRX)(inputs[1], [1, 2])
    qml.cond(~first, qml.BasicEntanglerLayers)(w[None, :], wires=range(1, 4))
    return [qml.expval(qml.Z(1) @ qml.Z(2)), qml.expval(qml.X(3))]


def selected(inputs: Any, w: Any) -> Any:
    qml.RX(inputs[0], 0)
    qml.CNOT([0, 1])
    qml.RY(w[0], 1)
    first = qml.measure(0, postselect=1)
    qml.cond(first, qml.RY)(w[1], 1)
    qml.RX(inputs[1], 1)
    second = qml.measure(1, reset=True, postselect=0)
    qml.RX(w[2], 1)
    return [qml.expval(qml.Z(1)), qml.probs(wires=[0, 1]), qml.probs(op=[first, second])]


def projected(inputs: Any, w: Any) -> Any:
    qml.RX(inputs[0], 0)
    qml.CRY(w[0], [0, 1])
    qml.RY(inputs[1] + w[1] * w[2], 1)
    qml.Projector([0, 1], wires=[0, 1])
    qml.CRX(w[1], [1, 2])
    return [qml.expval(qml.Z(2)), qml.var(qml.X(2))]


INPUTS = np.array([[0.4, -0.9], [1.3, 0.2], [-2.0, 0.5]])
WEIGHTS = np.array([0.3, 1.1, -0.7])


def captured(function: Callable[..., Any], wires: Any = None, **options: Any) -> Any:
    qnode = qml.QNode(function, qml.device("default.qubit", wires=wires), **options)
    return capture(qnode, {"w": (3,)}, 2)


@pytest.mark.parametrize("function", [conditions, branches, selected, projected])
def test_values_and_gradients(function: Callable[..., Any]) -> None:
    program = Program(captured(function))
    qnode = qml.QNode(function, qml.device("default.qubit"), diff_method="backprop")
    assert_like_qnode(program.run, qnode, INPUTS, WEIGHTS, 1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_impossible_outcome(dtype: str) -> None:
    """nan for those samples alone whose outcome has no probability, rounding or not."""

    def function(inputs: Any, w: Any) -> Any:
        qml.RX(inputs[0], 0)
        qml.measure(0, postselect=1)
        qml.RX(w[0], 1)
        return qml.expval(qml.Z(1))

    inputs = np.array([[0.0, 0], [2 * np.pi, 0], [0.01, 0]])
    (found,) = evaluate(Program(captured(function)).run, inputs, {"w": WEIGHTS}, dtype)
    np.testing.assert_allclose(found, [np.nan, np.nan, np.cos(0.3)], atol=1e-3)


def test_wires_of_the_device() -> None:
    """What deferral adds need not be among them."""
    circuit = captured(conditions, wires=2)
    assert circuit.wires == (0, 1, 2, 3)
    assert captured(branches, wires=4).wires == (0, 1, 2, 3)


def measured(measure: Callable[[], Any]) -> Callable[..., Any]:
    def function(inputs: Any, w: Any) -> Any:
        qml.measure(0, postselect=1)
        return measure()

    return function


@pytest.mark.parametrize(
    ("measure", "match"),
    [
        (qml.state, "to end in a mixed state"),
        (qml.probs, "that name their wires after mid-circuit measurements. Received: probs"),
        (
            lambda: qml.expval(sum(qml.measure(wire) for wire in range(11))),
            "at most 10 mid-circuit measurements in one value. Received: 11",
        ),
    ],
)
def test_what_cannot_be_deferred(measure: Callable[[], Any], match: str) -> None:
    with pytest.raises(CaptureError, match=match):
        captured(measured(measure))


def test_postselection_with_shots() -> None:
    function = measured(lambda: qml.expval(qml.Z(1)))
    lost = qml.set_shots(qml.QNode(function, qml.device("default.qubit")), 10)
    with pytest.raises(CaptureError, match="postselection with shots that keeps their number"):
        capture(lost, {"w": (3,)}, 2)
    kept = qml.QNode(
        function,
        qml.device("default.qubit"),
        postselect_mode="fill-shots",
        mcm_method="deferred",
    )
    assert capture(qml.set_shots(kept, 10), {"w": (3,)}, 2).postselects
