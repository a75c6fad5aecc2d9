"""Files that an earlier version wrote load for ever."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from qeras import KerasLayer
from qeras.circuit.circuit import Circuit
from tests.portability.models import fit

GOLDEN = Path(__file__).parent / "golden"
RESULTS = json.loads((GOLDEN / "results_1.json").read_text())
X = np.array(RESULTS["inputs"], "float32")


@pytest.mark.parametrize("name", ["sequential", "functional"])
@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_predictions(name: str, kind: str) -> None:
    model = keras.saving.load_model(GOLDEN / f"{name}_1.{kind}")
    np.testing.assert_allclose(model.predict(X, verbose=0), RESULTS[name], atol=1e-5)


@pytest.mark.parametrize("name", ["sequential", "functional"])
def test_training_goes_on(name: str) -> None:
    model = keras.saving.load_model(GOLDEN / f"{name}_1.keras")
    fit(model)
    expected = RESULTS[f"{name} trained on"]
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, atol=1e-4)


def test_circuit() -> None:
    text = (GOLDEN / "circuit_1.json").read_text()
    circuit = Circuit.from_json(text)
    assert circuit.to_json() == text.strip()
    assert circuit.name == "dictionary"
    assert circuit.keys == ("z", "p")
    results = KerasLayer.from_circuit(circuit)(X)
    assert {key: value.shape for key, value in results.items()} == {"z": (12,), "p": (12, 2)}
