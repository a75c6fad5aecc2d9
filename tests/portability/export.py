"""Run in a process of its own: export models in every format that Keras has for the backend.

Arguments: a folder. Beside the files goes `results.npz`, predictions by name of the model.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from qeras.backend import arrays

SUFFIX = {"tf_saved_model": "", "onnx": ".onnx", "openvino": ".xml", "litert": ".tflite"}
SUFFIX |= {"torch": ".pt2"}
FORMATS = {
    "jax": ["tf_saved_model", "onnx"],
    "tensorflow": ["tf_saved_model", "onnx", "openvino", "litert"],
    "torch": ["onnx", "openvino", "torch"],
}
FEATURES = 4
BATCHES = (1, 5, 64)


# backend, format, what Keras or its converter says about any model
IMPOSSIBLE = {
    "jax": {
        "openvino": "No conversion rule found for operations: XlaCallModule",
        "litert": "LiteRT export requires TensorFlow or PyTorch backend",
        "torch": "Torch export requires PyTorch backend",
    },
    "tensorflow": {"torch": "Torch export requires PyTorch backend"},
    "torch": {
        "tf_saved_model": "Detected mismatch between the structure of `inputs`",
        "litert": "you must install the `litert-torch` package",
    },
}


def inputs() -> np.ndarray:
    """The largest batch; the others are its first samples."""
    return np.random.default_rng(0).normal(size=(max(BATCHES), FEATURES)).astype("float32")


def _qnode(wires: int) -> Any:
    return qml.qnode(qml.device("default.qubit", wires=wires))


@_qnode(10)
def expval(inputs: Any, weights: Any) -> Any:
    qml.AngleEmbedding(inputs, wires=range(4))
    qml.StronglyEntanglingLayers(weights, wires=range(10))
    return [qml.expval(qml.Z(0) @ qml.Z(9)), qml.expval(qml.X(3)), qml.var(qml.Y(5))]


@_qnode(13)  # whose permutations are so large that TensorFlow has them beside its graphs
def probs(inputs: Any, weights: Any) -> Any:
    qml.AmplitudeEmbedding(inputs, wires=range(2), normalize=True)
    qml.BasicEntanglerLayers(weights, wires=range(13))
    return qml.probs(wires=[1, 3])


@_qnode(10)
def reuploading(inputs: Any, weights: Any) -> Any:
    for layer in weights:
        qml.AngleEmbedding(qml.math.tanh(inputs) * np.pi, wires=range(4), rotation="Y")
        qml.StronglyEntanglingLayers(layer, wires=range(10))
        qml.IsingZZ(inputs[0] * inputs[1], wires=[0, 5])
    return [qml.expval(qml.Z(wire)) for wire in range(10)]


def models() -> dict[str, keras.Model]:
    layers = {
        "expval": KerasLayer(expval, {"weights": (5, 10, 3)}),
        "probs": KerasLayer(probs, {"weights": (2, 13)}),
        "reuploading": KerasLayer(reuploading, {"weights": (3, 1, 10, 3)}),
    }
    return {
        name: keras.Sequential([keras.Input((FEATURES,)), layer, keras.layers.Dense(2)])
        for name, layer in layers.items()
    }


def options(kind: str) -> dict[str, Any]:
    """torch.export fixes the size of the batch unless it is told otherwise."""
    if kind != "torch":
        return {}
    import torch

    return {"dynamic_shapes": {0: torch.export.Dim("batch", min=1, max=4096)}}


def export(model: keras.Model, folder: Path, name: str, kind: str) -> None:
    file = folder / f"{name}_{kind}{SUFFIX[kind]}"
    model.export(str(file), format=kind, verbose=False, **options(kind))


def check_impossible(folder: Path) -> None:
    """What Keras cannot do with a model without a quantum layer either."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model(np.ones((1, 2)))
    for kind, message in IMPOSSIBLE[keras.backend.backend()].items():
        # Once one is possible, it belongs to FORMATS and the docs' table.
        with pytest.raises(Exception, match=message):
            export(model, folder, "impossible", kind)


def main(folder: Path) -> None:
    keras.utils.set_random_seed(7)
    if arrays.least_saved is not None:
        arrays.least_saved = 1  # so that loops are exported too
    results = {}
    for name, model in models().items():
        results[name] = keras.ops.convert_to_numpy(model(inputs()))
        for kind in FORMATS[keras.backend.backend()]:
            export(model, folder, name, kind)
    np.savez(folder / "results.npz", **results)
    check_impossible(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
