"""Constants of a plan are made once, however often it runs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from qeras.execution.context import Constants

H = np.array([[1.0, 0.5 - 0.2j], [0.5 + 0.2j, -1.0]])

MEASUREMENTS: dict[str, Callable[[], Any]] = {
    "words": lambda: [qml.expval(qml.Z(0) @ qml.X(1)), qml.var(qml.Y(1) + qml.Z(0))],
    "matrix": lambda: qml.expval(qml.Hermitian(H, 1)),
    "probs": lambda: qml.probs(wires=[1]),
    "probs of an observable": lambda: qml.probs(op=qml.Y(0)),
    "density matrix": lambda: qml.density_matrix([1]),
    "entropies": lambda: [qml.vn_entropy([0]), qml.mutual_info([0], [1]), qml.purity([1])],
}
DRAWN: dict[str, Callable[[], Any]] = {
    "words": MEASUREMENTS["words"],
    "samples": lambda: qml.sample(wires=[1, 0]),
    "samples of a word": lambda: qml.sample(qml.Y(0)),
    "counts": lambda: qml.counts(wires=[0], all_outcomes=True),
    "probs": MEASUREMENTS["probs"],
}


def layer(measure: Callable[[], Any], noisy: bool, shots: int | None) -> KerasLayer:
    device = qml.device("default.mixed" if noisy else "default.qubit", wires=2)

    @qml.set_shots(shots)
    @qml.qnode(device)
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.BasicEntanglerLayers(weights, wires=range(2))
        qml.IsingXY(weights[0, 0] * inputs[1], wires=[0, 1])
        if noisy:
            qml.AmplitudeDamping(0.1, wires=0)
        return measure()

    return KerasLayer(circuit, {"weights": (2, 2)})


def every() -> list[Constants]:
    """Those of all programs."""
    return [one for one in gc.get_objects() if type(one) is Constants]


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize(
    ("name", "shots"), [*((name, None) for name in MEASUREMENTS), *((name, 5) for name in DRAWN)]
)
def test_none_is_added_by_later_calls(name: str, shots: int | None, noisy: bool) -> None:
    others = every()
    one = layer((MEASUREMENTS if shots is None else DRAWN)[name], noisy, shots)
    x = np.random.default_rng(0).normal(size=(3, 2)).astype("float32")
    one(x)
    own = [constants for constants in every() if all(constants is not other for other in others)]
    before = [len(constants._cast) for constants in own]
    assert sum(before) > 0
    for batch in (3, 1, 2):
        one(x[:batch])
    assert [len(constants._cast) for constants in own] == before
