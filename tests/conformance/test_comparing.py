"""The comparison itself finds what it is there to find."""

from __future__ import annotations

import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.conformance.comparing import (
    exact_outcome_of,
    layer_of,
    outcome_of,
    sampled_outcome_of,
)
from tests.conformance.example import Example, qubit
from tests.conformance.readings import Reading, mean_of_zz

pytestmark = pytest.mark.backend_independent


class Changing:
    """A body that is another one each time that it runs."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x) -> None:
        self.calls += 1
        qml.RX(x[0] + self.calls, 0)


def test_other_values_are_found() -> None:
    with pytest.raises(AssertionError, match="values, float64"):
        outcome_of(qubit(qml.RX, Changing()))


def test_other_gradients_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    example = qubit(qml.RX, lambda x: qml.RX(x[0], 0))
    monkeypatch.setattr(
        "tests.conformance.pennylane_itself.gradients_of",
        lambda qnode, inputs, weights, cotangents: (inputs, weights),
    )
    with pytest.raises(AssertionError, match="by inputs"):
        outcome_of(example)


def test_a_layer_that_runs_what_pennylane_cannot() -> None:
    def fails_once(x) -> None:
        if not calls:
            calls.append(x)
            raise ValueError("no such gate")

    calls: list = []
    with pytest.raises(AssertionError, match="PennyLane cannot run RX, but the layer did"):
        outcome_of(qubit(qml.RX, fails_once))


def test_a_crash_is_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: KerasLayer, inputs: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(KerasLayer, "call", broken)
    with pytest.raises(RuntimeError, match="broken"):
        outcome_of(qubit(qml.RX, lambda x: qml.RX(x[0], 0)))


def test_other_shapes_and_means_are_found() -> None:
    wrong_shape = Reading("expval", qml.measurements.ExpectationMP, mean_of_zz, (1,))
    for run in (exact_outcome_of, sampled_outcome_of):
        with pytest.raises(AssertionError, match="shape"):
            run(wrong_shape)
    wrong_mean = Reading(
        "expval",
        qml.measurements.ExpectationMP,
        mean_of_zz,
        (),
        reference=lambda: qml.expval(qml.X(0) @ qml.X(1)),
    )
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        sampled_outcome_of(wrong_mean)


@pytest.mark.filterwarnings("ignore::qeras.HostWarning")
def test_roads_are_those_of_the_layer() -> None:
    def example(method: str) -> Example:
        return qubit(qml.RX, lambda x: qml.RX(x[0], 0), options={"diff_method": method})

    assert outcome_of(example("best")).road == "native"
    found = outcome_of(example("finite-diff"))
    assert (found.road, found.why) == ("host", "its diff_method is 'finite-diff'")
    assert layer_of(example("finite-diff"), "float32").engine.startswith("pennylane")
