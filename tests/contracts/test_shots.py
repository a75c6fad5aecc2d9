"""Layers of QNodes with shots: shapes, seeds, training, files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
from sklearn.datasets import make_moons

from qeras import KerasLayer
from qeras.testing.layer import assert_layer_ok
from tests.circuits import entangler, qnode_of
from tests.differentiation import numbers

X = np.random.default_rng(0).uniform(-1, 1, (5, 2)).astype("float32")
SHOTS = 100

SHAPES: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "expval": (lambda: qml.expval(qml.Z(0)), ()),
    "var": (lambda: qml.var(qml.X(0) @ qml.Z(1)), ()),
    "probs": (lambda: qml.probs(wires=[0, 1]), (4,)),
    "probs of an observable": (lambda: qml.probs(op=qml.Y(1)), (2,)),
    "sample": (lambda: qml.sample(wires=[0, 1]), (SHOTS, 2)),
    "sample of all": (lambda: qml.sample(), (SHOTS, 2)),
    "sample of one": (lambda: qml.sample(wires=1), (SHOTS, 1)),
    "sample of an observable": (lambda: qml.sample(qml.Z(0) @ qml.X(1)), (SHOTS,)),
    "counts": (lambda: qml.counts(wires=[0, 1]), (4,)),
    "counts of an observable": (lambda: qml.counts(qml.X(0)), (2,)),
}
LISTS: dict[str, tuple[Callable[[], Any], int]] = {
    "expval + probs": (lambda: [qml.expval(qml.Z(0)), qml.probs(wires=[0, 1])], 5),
    "probs + sample": (lambda: (qml.probs(wires=[0, 1]), qml.sample(wires=[0, 1])), 204),
    "one in a list": (lambda: [qml.sample(wires=[0, 1])], 200),
}


def layer_of(measure: Callable[[], Any], shots: Any = SHOTS, **options: Any) -> KerasLayer:
    return KerasLayer(qml.set_shots(entangler(measure), shots), {"weights": (2, 2)}, **options)


def assert_shape(layer: KerasLayer, expected: tuple[int, ...]) -> None:
    """Real results, symbolic ones and what is said before any data was seen."""
    assert layer.compute_output_shape((5, 2)) == (5, *expected)
    assert layer(keras.Input((2,))).shape == (None, *expected)
    assert numbers(layer(X)).shape == (5, *expected)
    assert numbers(layer(X[0])).shape == expected
    assert numbers(layer(X.reshape(1, 5, 2))).shape == (1, 5, *expected)


@pytest.mark.parametrize("kind", SHAPES)
def test_shapes(kind: str) -> None:
    measure, shape = SHAPES[kind]
    assert_shape(layer_of(measure), shape)


@pytest.mark.parametrize("kind", ["expval", "var", "probs", "probs of an observable"])
def test_shapes_without_shots(kind: str) -> None:
    measure, shape = SHAPES[kind]
    assert_shape(layer_of(measure, None), shape)


@pytest.mark.parametrize("kind", LISTS)
def test_shapes_of_lists(kind: str) -> None:
    measure, size = LISTS[kind]
    assert_shape(layer_of(measure), (size,))


@pytest.mark.parametrize("kind", ["sample", "counts"])
def test_samples_need_shots(kind: str) -> None:
    with pytest.raises(ValueError, match=rf"Expected a number of shots for {kind}"):
        layer_of(SHAPES[kind][0], None)(X)


def test_dictionary() -> None:
    layer = layer_of(lambda: {"a": qml.sample(wires=[1]), "b": qml.expval(qml.Z(0))})
    assert {key: value.shape for key, value in layer(X).items()} == {"a": (5, 100, 1), "b": (5,)}


@pytest.mark.parametrize("kind", ["state", "density_matrix", "purity", "vn_entropy"])
def test_states_have_no_shots(kind: str) -> None:
    measure = qml.state if kind == "state" else lambda: getattr(qml, kind)(wires=[0])
    with pytest.raises(ValueError, match="Expected with shots one of the measurements expval"):
        layer_of(measure)(X)


def test_shots_of_the_device() -> None:
    with pytest.warns(qml.exceptions.PennyLaneDeprecationWarning):
        device = qml.device("default.qubit", wires=1, shots=7)

    @qml.qnode(device)
    def circuit(inputs: Any) -> Any:
        qml.RX(inputs[0], 0)
        return qml.sample()

    layer = KerasLayer(circuit, {})
    assert numbers(layer(X)).shape == (5, 7, 1)
    assert layer.engine.startswith("qeras (default.qubit is simulated, 7 shots are drawn")


def test_calls_differ_and_seeds_repeat() -> None:
    first, same, other = (
        layer_of(lambda: qml.expval(qml.Z(0)), seed=seed) for seed in (1, 1, 2)
    )  # fmt: skip
    x = np.zeros((50, 2), "float32") + 0.7
    for layer in (first, same, other):
        layer(x[:1])
        layer.set_weights([np.full((2, 2), 0.3)])
    results = [numbers(layer(x)) for layer in (first, same, other)]
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()
    assert (numbers(first(x)) != results[0]).any()
    assert len(np.unique(results[0])) > 5  # samples of a batch differ


def test_seed_of_keras() -> None:
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(17)
        found.append(numbers(layer_of(lambda: qml.sample(wires=[0, 1]))(X)))
    np.testing.assert_array_equal(found[0], found[1])


def test_life_of_a_layer() -> None:
    """Where every shot is the same, the layer is one like any other."""

    def circuit(inputs: Any, weights: Any) -> Any:
        qml.RZ(inputs[0] + inputs[1] * weights[0, 0], 0)
        qml.X(0)
        return [qml.expval(qml.Z(0)), qml.probs(wires=[1])]

    layer = KerasLayer(qml.set_shots(qnode_of(circuit), 20), {"weights": (1, 1)})
    assert_layer_ok(layer, X)


def test_saved(tmp_path: Path) -> None:
    """With its shots and its seed, which starts anew, as that of Dropout does."""
    layer = layer_of(lambda: qml.sample(wires=[1, 0]), seed=3)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.layers[0].circuit.shots == (SHOTS,)
    np.testing.assert_array_equal(numbers(again(X)), numbers(model(X)))
    assert again.layers[0].qnode.shots.total_shots == SHOTS
    assert "Sample" in qml.draw(again.layers[0])(X[0])


def moons_accuracy(circuit: qml.QNode, weights: dict[str, Any]) -> float:
    """Of the tutorial's model after a few epochs."""
    keras.utils.set_random_seed(42)
    x, y = make_moons(n_samples=200, noise=0.1, random_state=42)
    model = keras.Sequential(
        [
            keras.layers.Dense(2),
            KerasLayer(circuit, weights),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(x, y, epochs=6, batch_size=10, verbose=0)
    return float(model.evaluate(x, y, verbose=0)[1])


def test_moons() -> None:
    circuit = qml.set_shots(entangler(), 1000)
    assert moons_accuracy(circuit, {"weights": (2, 2)}) > 0.8


@pytest.mark.parametrize("shots", [None, 1000])
def test_moons_with_a_mid_circuit_measurement(shots: int | None) -> None:
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(2), rotation="Y")
        qml.BasicEntanglerLayers(weights[:2], wires=range(2), rotation=qml.RY)
        first = qml.measure(1)
        qml.cond(first, qml.RY)(weights[2, 0], wires=0)
        return [qml.expval(qml.Z(0)), qml.expval(first)]

    qnode = qml.set_shots(qnode_of(circuit), shots)
    assert moons_accuracy(qnode, {"weights": (3, 2)}) > 0.8
