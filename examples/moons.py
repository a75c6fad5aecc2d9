"""Two moons: two hybrid models learn with `model.fit`, on any Keras backend.

    KERAS_BACKEND=jax python examples/moons.py

Trains a sequential and a functional model with quantum layers inside, prints a table
and draws `moons.png`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pennylane as qml
from moons_figure import draw
from sklearn.datasets import make_moons

from qeras import KerasLayer

N_QUBITS, N_LAYERS = 2, 6
EPOCHS, BATCH_SIZE, VALIDATION_SPLIT = 6, 5, 0.25


@qml.qnode(qml.device("default.qubit", wires=N_QUBITS))
def circuit(inputs, weights):
    qml.AngleEmbedding(inputs, wires=range(N_QUBITS))
    qml.BasicEntanglerLayers(weights, wires=range(N_QUBITS))
    return [qml.expval(qml.Z(i)) for i in range(N_QUBITS)]


def quantum_layer() -> KerasLayer:
    return KerasLayer(circuit, {"weights": (N_LAYERS, N_QUBITS)}, output_dim=N_QUBITS)


def sequential_model() -> keras.Model:
    return keras.Sequential(
        [
            keras.layers.Dense(2),
            quantum_layer(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )


def functional_model() -> keras.Model:
    """Four features, two for each of two quantum layers side by side."""
    inputs = keras.Input((2,))
    left, right = keras.ops.split(keras.layers.Dense(4)(inputs), 2, axis=1)
    joined = keras.layers.concatenate([quantum_layer()(left), quantum_layer()(right)])
    outputs = keras.layers.Dense(2, activation="softmax")(joined)
    return keras.Model(inputs, outputs)


@dataclass(frozen=True)
class Original:
    """What the tutorial of `pennylane.qnn.KerasLayer` printed after the last epoch."""

    seconds: int
    accuracy: float
    val_accuracy: float


@dataclass(frozen=True)
class Run:
    """A trained model, Keras's history of it and the seconds that each epoch took."""

    name: str
    model: keras.Model
    history: dict[str, list[float]]
    seconds: list[float]
    original: Original


class EpochClock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        self.seconds.append(time.perf_counter() - self._start)


def train(name: str, model: keras.Model, x: np.ndarray, y: np.ndarray, original: Original) -> Run:
    print(f"\n{name} model")
    model.compile(keras.optimizers.SGD(0.2), loss="mae", metrics=["accuracy"])
    clock = EpochClock()
    fitted = model.fit(
        x,
        y,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        validation_split=VALIDATION_SPLIT,
        callbacks=[clock],
    )
    return Run(name, model, fitted.history, clock.seconds, original)


HEADER = f"{'loss':>7}{'accuracy':>10}{'validation':>12}{'s/epoch':>9}{'first epoch':>13}"
ORIGINAL_HEADER = f"{'accuracy':>10}{'validation':>12}{'s/epoch':>9}"


def table(runs: list[Run]) -> str:
    """The last epoch of each model beside the original layer's. The first epoch, which
    compiles, stands apart; `s/epoch` is the median of the others."""
    ours = f"Qeras on {keras.backend.backend()}"
    rows = [
        f"{'':12}{ours:^{len(HEADER)}} |{'original layer *':^{len(ORIGINAL_HEADER)}}",
        f"{'':12}{HEADER} |{ORIGINAL_HEADER}",
    ]
    for run in runs:
        last = {name: values[-1] for name, values in run.history.items()}
        rows.append(
            f"{run.name:12}{last['loss']:7.3f}{last['accuracy']:10.2f}{last['val_accuracy']:12.2f}"
            f"{statistics.median(run.seconds[1:]):9.3f}{run.seconds[0]:11.1f} s |"
            f"{run.original.accuracy:10.2f}{run.original.val_accuracy:12.2f}"
            f"{run.original.seconds:9d}"
        )
    return "\n".join([*rows, "* as printed in its own tutorial, on another machine"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("moons.png"), help="the figure")
    output = parser.parse_args().output

    keras.utils.set_random_seed(42)
    x, labels = make_moons(200, noise=0.1, random_state=42)
    y = keras.utils.to_categorical(labels, 2)
    runs = [
        train("sequential", sequential_model(), x, y, Original(19, 0.88, 0.82)),
        train("functional", functional_model(), x, y, Original(39, 0.86, 0.84)),
    ]
    print(f"\n{table(runs)}")

    n_train = int(len(x) * (1 - VALIDATION_SPLIT))
    histories = {run.name: run.history for run in runs}
    models = {run.name: run.model for run in runs}
    draw(output, x, labels, n_train, models, histories, quantum_layer())
    print(f"\nDrew {output}")


if __name__ == "__main__":
    main()
