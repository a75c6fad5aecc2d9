"""Shapes of results: of every container of measurements, for every batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of
from tests.differentiation import numbers

Z0, BOTH = qml.Z(0), [0, 1]

MEASUREMENTS: dict[str, tuple[Callable[[], Any], Any]] = {
    "expval": (lambda: qml.expval(Z0), ()),
    "list of one": (lambda: [qml.expval(Z0)], (1,)),
    "list": (lambda: [qml.expval(Z0), qml.expval(qml.X(1))], (2,)),
    "tuple": (lambda: (qml.expval(Z0), qml.var(qml.X(1))), (2,)),
    "probs": (lambda: qml.probs(wires=BOTH), (4,)),
    "list of probs": (lambda: [qml.probs(wires=BOTH)], (4,)),
    "expval and probs": (lambda: [qml.expval(Z0), qml.probs(wires=BOTH)], (5,)),
    "two probs": (lambda: (qml.probs(wires=0), qml.probs(wires=BOTH)), (6,)),
    "state": (qml.state, (4,)),
    "density matrix": (lambda: qml.density_matrix([0]), (2, 2)),
    "density matrix and expval": (lambda: [qml.density_matrix([0]), qml.expval(Z0)], (5,)),
    "dictionary": (
        lambda: {"z": qml.expval(Z0), "p": qml.probs(wires=BOTH), "rho": qml.density_matrix(0)},
        {"z": (), "p": (4,), "rho": (2, 2)},
    ),
}


def with_batch(batch: tuple[Any, ...], shape: Any) -> Any:
    if isinstance(shape, dict):
        return {key: (*batch, *value) for key, value in shape.items()}
    return (*batch, *shape)


def shapes_of(results: Any) -> Any:
    if isinstance(results, dict):
        return {key: tuple(value.shape) for key, value in results.items()}
    return tuple(results.shape)


@pytest.mark.parametrize("kind", MEASUREMENTS)
def test_results(kind: str) -> None:
    """Shape, symbolic shape and dtype, and the numbers of PennyLane."""
    measure, shape = MEASUREMENTS[kind]
    layer = entangler_layer(measure)
    assert layer.compute_output_shape((None, 2)) == with_batch((None,), shape)
    symbolic = layer(keras.Input((2,)))
    x = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    results = layer(x)
    assert shapes_of(results) == with_batch((5,), shape)
    assert shapes_of(symbolic) == with_batch((None,), shape)
    expected = entangler(measure)(x, *layer.get_weights())
    if not isinstance(results, dict):
        many = isinstance(expected, list | tuple)
        parts = [np.reshape(part, (5, -1)) for part in (expected if many else [expected])]
        expected = {"": np.reshape(np.concatenate(parts, axis=-1), with_batch((5,), shape))}
        results, symbolic = {"": results}, {"": symbolic}
    for key, value in results.items():
        assert keras.backend.standardize_dtype(value.dtype) == symbolic[key].dtype
        np.testing.assert_allclose(numbers(value), expected[key], atol=1e-6)


@pytest.mark.parametrize("kind", ["expval", "list", "density matrix", "dictionary"])
@pytest.mark.parametrize("batch", [(), (1,), (0,), (3, 2), (2, 0, 3)])
def test_leading_axes(kind: str, batch: tuple[int, ...]) -> None:
    measure, shape = MEASUREMENTS[kind]
    layer = entangler_layer(measure)
    assert shapes_of(layer(np.zeros((*batch, 2)))) == with_batch(batch, shape)
    assert layer.compute_output_shape((*batch, 2)) == with_batch(batch, shape)


def rows() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(6, 2)).astype("float32")


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_each_sample_by_itself(batch: int) -> None:
    """A batch as long as a sample has features means nothing else."""
    layer, x = entangler_layer(), rows()
    alone = np.stack([numbers(layer(row)) for row in x[:batch]])
    np.testing.assert_allclose(numbers(layer(x[:batch])), alone, atol=1e-6)


def test_extra_axes_are_more_samples() -> None:
    layer, x = entangler_layer(), rows()
    flat = numbers(layer(x))
    cube = numbers(layer(x.reshape(3, 2, 2)))
    np.testing.assert_allclose(cube, flat.reshape(3, 2, 2), atol=1e-6)


def test_permuted_batch() -> None:
    layer, x = entangler_layer(), rows()
    order = [3, 0, 5, 1, 4, 2]
    results = numbers(layer(x))
    np.testing.assert_allclose(numbers(layer(x[order])), results[order], atol=1e-6)


def test_smaller_last_batch() -> None:
    model = keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(2).normal(size=(7, 2)).astype("float32")
    model.fit(x, np.zeros((7, 1)), batch_size=4, verbose=0)
    whole = model.predict(x, batch_size=7, verbose=0)
    np.testing.assert_allclose(model.predict(x, batch_size=4, verbose=0), whole, atol=1e-6)
    assert model.evaluate(x, np.zeros((7, 1)), batch_size=4, verbose=0) > 0


def test_summary_before_data() -> None:
    lines: list[str] = []
    model = keras.Sequential([keras.Input((2,)), entangler_layer(name="quantum")])
    model.summary(print_fn=lambda line, **_: lines.append(line))
    row = next(line for line in "\n".join(lines).split("\n") if "quantum" in line)
    assert "(None, 2)" in row
    assert model.count_params() == 4


# -------------------------------------------------------------------- circuits for a batch


def per_sample(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[0] * weights[0], wires=0)
    qml.RY(inputs[1] + weights[1], wires=0)
    return qml.expval(qml.Z(0))


def last_axis(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[..., 0] * weights[0], wires=0)
    qml.RY(inputs[..., 1] + weights[1], wires=0)
    return qml.expval(qml.Z(0))


def broadcast(inputs: Any, weights: Any) -> Any:
    qml.RX(inputs[:, 0] * weights[0], wires=0)
    qml.RY(inputs[:, 1] + weights[1], wires=0)
    return qml.expval(qml.Z(0))


@pytest.mark.parametrize("function", [per_sample, last_axis, broadcast])
@pytest.mark.parametrize("batch", [(), (1,), (2,), (2, 3)])
def test_styles_of_indexing(function: Any, batch: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).normal(size=(*batch, 2)).astype("float32")
    layer = KerasLayer(qnode_of(function, 1), {"weights": 2})
    layer.set_weights([np.array([0.7, -0.4])])
    expected = np.cos(0.7 * x[..., 0]) * np.cos(x[..., 1] - 0.4)
    np.testing.assert_allclose(numbers(layer(x)), expected, atol=1e-6)
