"""Wrote the files of this folder, once, with version 1 of the circuit's format.

They stay as they are: every later version of Qeras loads them (`test_golden.py`). A new
version of the format gets files of its own beside them.
"""

from __future__ import annotations

import json
from pathlib import Path

import keras

from tests.portability.models import fit, inputs, predictions
from tests.portability.save import models

HERE = Path(__file__).parent


def main() -> None:
    keras.utils.set_random_seed(3)
    results = {"inputs": inputs().tolist()}
    for name, model in models().items():
        if name == "subclassed":
            continue
        model.compile(
            keras.optimizers.Adam(0.05), keras.losses.MeanSquaredError(), jit_compile=False
        )
        fit(model)
        model.save(HERE / f"{name}_1.keras")
        model.save(HERE / f"{name}_1.h5")
        results[name] = predictions(model).tolist()
        fit(model)
        results[f"{name} trained on"] = predictions(model).tolist()
        if name == "functional":
            (layer,) = (one for one in model.layers if hasattr(one, "circuit"))
            (HERE / "circuit_1.json").write_text(layer.circuit.to_json() + "\n")
    (HERE / "results_1.json").write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
