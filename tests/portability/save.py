"""Run in a process of its own: train models, save them in a folder, and train them on.

Beside them goes `results.npz`: predictions at the time of saving, and all numbers after more
epochs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml

from qeras import KerasLayer
from tests.portability.models import FILES, Subclassed, fit, inputs, predictions, trained_on


@qml.qnode(qml.device("default.qubit", wires=["a", "b"]))
def labelled(inputs: Any, kernel: Any, name: Any) -> Any:
    qml.AngleEmbedding(inputs, wires=["a", "b"])
    qml.StronglyEntanglingLayers(kernel, wires=["a", "b"])
    qml.RY(np.pi * qml.math.tanh(inputs[0]) * name, wires="b")
    qml.QubitUnitary(np.array([[0.6, 0.8j], [0.8j, 0.6]]), wires="a")
    hamiltonian = name * qml.Z("a") @ qml.X("b") + 0.5 * qml.Hermitian(np.diag([1.0, 3.0]), "a")
    return [qml.expval(hamiltonian), qml.probs(wires=["b", "a"])]


@qml.qnode(qml.device("default.qubit", wires=3))
def dictionary(inputs: Any, weights: Any) -> Any:
    for layer in range(2):
        qml.AngleEmbedding(inputs, wires=range(3))
        qml.BasicEntanglerLayers(weights[layer], wires=range(3))
    return {"z": qml.expval(qml.Z(0)), "p": qml.probs(wires=[2])}


def labelled_layer() -> KerasLayer:
    specs = {
        "kernel": {
            "initializer": keras.initializers.RandomUniform(0, 6, seed=1),
            "regularizer": keras.regularizers.L2(0.01),
            "constraint": keras.constraints.NonNeg(),
        },
        "name": {"initializer": "ones", "trainable": False},
    }
    return KerasLayer(labelled, {"kernel": (2, 2, 3), "name": 1}, weight_specs=specs)


def dictionary_layer() -> KerasLayer:
    return KerasLayer(dictionary, {"weights": (2, 2, 3)})


def models() -> dict[str, keras.Model]:
    sequential = keras.Sequential([keras.Input((2,)), labelled_layer(), keras.layers.Dense(1)])
    given, shared = keras.Input((2,)), dictionary_layer()
    first = shared(given)
    second = shared(keras.layers.Dense(2, activation="tanh")(given))
    joined = keras.layers.Concatenate()(
        [keras.layers.Reshape((1,))(first["z"]), first["p"], second["p"]]
    )
    functional = keras.Model(given, keras.layers.Dense(1)(joined))
    subclassed = Subclassed([labelled_layer(), keras.layers.Dense(1)])
    subclassed(inputs())
    return {"sequential": sequential, "functional": functional, "subclassed": subclassed}


def main(folder: Path) -> None:
    keras.utils.set_random_seed(3)
    results = {}
    for name, model in models().items():
        model.compile(keras.optimizers.Adam(0.05), keras.losses.MeanSquaredError())
        fit(model)
        for file in FILES:
            if file.startswith(name):
                model.save(folder / file)
        results[f"{name} saved"] = predictions(model)
        results |= {f"{name} {what}": value for what, value in trained_on(model).items()}
    np.savez(folder / "results.npz", **results)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
