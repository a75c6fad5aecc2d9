"""The figure of `moons.py`: data, decision boundaries, learning curves, circuit."""

from __future__ import annotations

from pathlib import Path

import keras
import matplotlib as mpl

mpl.use("Agg")  # a file is all that is wanted, with or without a screen

import matplotlib.pyplot as plt
import numpy as np
import pennylane as qml
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from qeras import KerasLayer

CLASS_COLORS = ("#2f5d8a", "#d9822b")
MODEL_COLORS = ("#5b4b9a", "#2a9d78")
PROBABILITY = LinearSegmentedColormap.from_list("probability", ["#9db5cd", "#f7f7f5", "#efc79b"])

STYLE: dict[str, object] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "legend.frameon": False,
}


def draw(
    path: Path,
    x: np.ndarray,
    labels: np.ndarray,
    n_train: int,
    models: dict[str, keras.Model],
    histories: dict[str, dict[str, list[float]]],
    layer: KerasLayer,
) -> None:
    """Writes the figure to `path`.

    Args:
        x: samples, `(samples, 2)`; the first `n_train` are trained on.
        labels: classes 0 and 1, `(samples,)`.
        models: the two trained models by name.
        histories: what `fit` recorded of each.
        layer: the quantum layer to draw the circuit of.
    """
    with plt.style.context(STYLE):
        figure = plt.figure(figsize=(14, 8), layout="constrained")
        panels = figure.subplot_mosaic(
            [["data", *models], ["curves", "circuit", "circuit"]], height_ratios=[4, 3]
        )
        draw_data(panels["data"], x, labels, n_train)
        for name, model in models.items():
            draw_boundary(panels[name], model, x)
            draw_points(panels[name], x, labels, n_train, size=14)
            panels[name].set_title(f"Decision boundary, {name} model")
        draw_curves(panels["curves"], histories)
        draw_circuit(panels["circuit"], layer, x[0])
        figure.savefig(path, dpi=130)
        plt.close(figure)


def draw_points(
    axes: Axes, x: np.ndarray, labels: np.ndarray, n_train: int, size: float = 26
) -> None:
    """Dots are trained on, rings are held out."""
    held_out = np.arange(len(x)) >= n_train
    for label, color in enumerate(CLASS_COLORS):
        for mask, face, note in ((~held_out, color, ""), (held_out, "white", ", validation")):
            feature_0, feature_1 = x[mask & (labels == label)].T
            name = f"class {label}{note}"
            axes.scatter(feature_0, feature_1, size, face, edgecolors=color, label=name)


def draw_data(axes: Axes, x: np.ndarray, labels: np.ndarray, n_train: int) -> None:
    draw_points(axes, x, labels, n_train)
    axes.set(title=f"Two moons, {len(x)} samples", xlabel="feature 0", ylabel="feature 1")
    axes.legend(loc="upper right", fontsize=8, handletextpad=0.1)


def draw_boundary(axes: Axes, model: keras.Model, x: np.ndarray, points: int = 80) -> None:
    """The probability of class 1 over the plane, and the line where it is a half."""
    low, high = x.min(axis=0) - 0.3, x.max(axis=0) + 0.3
    grid = np.meshgrid(*np.linspace(low, high, points).T)
    samples = np.stack([axis.ravel() for axis in grid], axis=1)
    probability = model.predict(samples, batch_size=len(samples), verbose=0)[:, 1]
    probability = np.reshape(probability, (points, points))
    axes.imshow(
        probability,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=PROBABILITY,
        vmin=0,
        vmax=1,
    )
    axes.contour(*grid, probability, levels=[0.5], colors="#333333", linewidths=1.5)
    axes.set(xlabel="feature 0", ylabel="feature 1")


def draw_curves(axes: Axes, histories: dict[str, dict[str, list[float]]]) -> None:
    for (name, history), color in zip(histories.items(), MODEL_COLORS, strict=True):
        epochs = range(1, len(history["loss"]) + 1)
        axes.plot(epochs, history["accuracy"], color=color, marker="o", label=f"{name}: accuracy")
        axes.plot(epochs, history["val_accuracy"], color=color, linestyle="--", label="validation")
        axes.plot(epochs, history["loss"], color=color, linestyle=":", label="loss (MAE)")
    axes.set(title="Learning curves", xlabel="epoch", ylim=(0, 1))
    axes.legend(ncols=2, fontsize=8, loc="center")


def draw_circuit(axes: Axes, layer: KerasLayer, sample: np.ndarray) -> None:
    """PennyLane's drawing of the layer's circuit, set as a picture."""
    drawn, _ = qml.draw_mpl(layer, level="device", style="pennylane")(sample)
    drawn.set_dpi(150)
    drawn.canvas.draw()
    picture = np.asarray(drawn.canvas.buffer_rgba())
    plt.close(drawn)
    axes.imshow(picture, interpolation="antialiased")
    axes.set_axis_off()
    axes.set_title("The circuit of one sample: inputs first, then six layers of weights")
