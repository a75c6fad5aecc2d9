"""Run in a process of its own: load models without PennyLane and the code that made them.

Arguments: a folder for the results, the folder whose models are trained on, by name, then
folders with models.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import keras
import numpy as np

from tests.portability.models import FILES, Subclassed, predictions, trained_on


def main(results: Path, own: str, folders: list[Path]) -> None:
    sys.modules["pennylane"] = None  # type: ignore[assignment]  # importing it is an ImportError
    import_module("qeras")  # so that Keras knows the layer
    for folder in folders:
        found = {}
        for file in FILES:
            # .keras knows registered classes by themselves.
            custom = {"Subclassed": Subclassed} if file == "subclassed.h5" else None
            model = keras.saving.load_model(folder / file, custom_objects=custom, safe_mode=True)
            found[f"{file} saved"] = predictions(model)
            # Keras 3.15 loses the optimizer's state in .h5: see test_keras_itself.py.
            if folder.name == own and file.endswith(".keras"):
                found |= {f"{file} {what}": value for what, value in trained_on(model).items()}
        np.savez(results / f"{folder.name}.npz", **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(folder) for folder in sys.argv[3:]])
