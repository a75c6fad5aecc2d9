"""A layer beside its QNode: which road it takes, and that it gives the same."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pennylane as qml

from qeras import HostWarning, KerasLayer
from tests import backends
from tests.conformance import pennylane_itself
from tests.conformance.example import Example
from tests.conformance.readings import BATCH, SHOTS, Reading

IN_SINGLE = 2e-5  # of values in float32
OF_DIFFERENCES = 1e-7  # what central differences are good for


@dataclass(frozen=True)
class Outcome:
    """How a class fares.

    Attributes:
        road: "native", "host" or "not possible".
        why: the reason for the two others, in PennyLane's or the layer's words.
    """

    road: str
    why: str = ""


def outcome_of(example: Example) -> Outcome:
    """Runs the example.

    Raises:
        AssertionError: if the layer gives other values or gradients than the QNode, or runs
            what PennyLane cannot.
    """
    with decomposed_by_graph(example.graph):
        return _outcome_of(example)


@contextmanager
def decomposed_by_graph(wanted: bool) -> Iterator[None]:
    """Where PennyLane decomposes by its graph of rules."""
    if not wanted:
        yield
        return
    qml.decomposition.enable_graph()
    try:
        yield
    finally:
        qml.decomposition.disable_graph()


def _outcome_of(example: Example) -> Outcome:
    inputs, weights = example.values()
    qnode = example.qnode()
    try:
        expected = pennylane_itself.values_of(qnode, inputs, weights)
    except Exception as error:
        _assert_layer_refuses(example, inputs)
        return Outcome("not possible", one_line(error))
    layer = layer_of(example, "float64")
    if example.gradient:
        _compare_gradients(example, layer, expected)
    else:
        _compare_values(layer, inputs, weights, expected, example.tolerance, "float64")
    single = layer_of(example, "float32")
    _compare_values(single, inputs, weights, expected, IN_SINGLE, "float32")
    return _road_of(layer)


def layer_of(example: Example, dtype: str) -> KerasLayer:
    """A layer of the example that is built."""
    with backends.precision(dtype), warnings.catch_warnings():
        warnings.simplefilter("ignore", HostWarning)
        layer = KerasLayer(example.qnode(), {"weights": (example.angles,)}, dtype=dtype, seed=5)
        layer.build((None, example.angles))
    return layer


def function_of(layer: KerasLayer) -> backends.Function:
    """The layer as a function of inputs and weights."""

    def function(inputs: Any, weights: Any) -> list[Any]:
        given = [(layer.qnode_weights[name], value) for name, value in weights.items()]
        with keras.StatelessScope(state_mapping=given):
            results = layer(inputs)
        return list(results.values()) if isinstance(results, dict) else [results]

    return function


def joined(values: list[np.ndarray], single: bool) -> list[np.ndarray]:
    """As the layer gives them: one measurement as it is, several flat and side by side."""
    if single:
        return values
    return [np.concatenate([value.reshape(len(value), -1) for value in values], axis=1)]


def one_line(error: Exception) -> str:
    """An error as a line of the table."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"


def _compare_values(
    layer: KerasLayer,
    inputs: np.ndarray,
    weights: np.ndarray,
    expected: list[np.ndarray],
    atol: float,
    dtype: str,
) -> None:
    found = backends.evaluate(function_of(layer), inputs, {"weights": weights}, dtype)
    wanted = joined(expected, len(expected) == 1)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=atol, err_msg=f"values, {dtype}")


def _compare_gradients(example: Example, layer: KerasLayer, expected: list[np.ndarray]) -> None:
    inputs, weights = example.values()
    generator = np.random.default_rng(3)
    cotangents = [generator.normal(size=value.shape) for value in expected]
    exact = example.gradient == "qnode"
    differentiate = pennylane_itself.gradients_of if exact else pennylane_itself.differences_of
    to_inputs, to_weights = differentiate(example.qnode(), inputs, weights, cotangents)
    single = len(expected) == 1
    found, found_inputs, found_weights = backends.differentiate(
        function_of(layer), inputs, {"weights": weights}, joined(cotangents, single), "float64"
    )
    for one, other in zip(found, joined(expected, single), strict=True):
        np.testing.assert_allclose(one, other, atol=example.tolerance, err_msg="values, float64")
    atol = example.tolerance if exact else OF_DIFFERENCES
    np.testing.assert_allclose(found_inputs, to_inputs, atol=atol, err_msg="by inputs")
    np.testing.assert_allclose(
        found_weights["weights"], to_weights, atol=atol, err_msg="by weights"
    )


def _assert_layer_refuses(example: Example, inputs: np.ndarray) -> None:
    try:
        layer_of(example, "float32")(inputs)
    except Exception:
        return
    raise AssertionError(f"PennyLane cannot run {example.kind.__name__}, but the layer did")


def _road_of(layer: KerasLayer) -> Outcome:
    reason = layer._source.reason
    return Outcome("host", reason.why) if reason else Outcome("native")


def sampled_outcome_of(reading: Reading) -> Outcome:
    """Runs a measurement with shots, and checks its shape and its mean.

    Raises:
        AssertionError: for another shape than the contract's, or a mean too far from the exact one.
    """
    example = reading.example(SHOTS)
    inputs, weights = example.values(BATCH)
    refused = ""
    try:
        pennylane_itself.values_of(example.qnode(), inputs[:1], weights)
    except Exception as error:
        refused = one_line(error)
    try:
        layer = layer_of(example, "float32")
    except Exception:
        if refused:
            return Outcome("not possible", refused)
        raise
    layer.qnode_weights["weights"].assign(weights)
    found = keras.ops.convert_to_numpy(layer(inputs.astype("float32")))
    assert found.shape == (BATCH, *reading.shape), f"shape {found.shape}"
    assert layer.compute_output_shape((BATCH, example.angles)) == found.shape
    qnode = reading.example(make=reading.reference or reading.make).qnode()
    (values,) = pennylane_itself.values_of(qnode, inputs, weights)
    wanted = reading.exact(values)
    np.testing.assert_allclose(reading.mean(found), wanted, atol=reading.width / SHOTS**0.5)
    return Outcome("native", f"PennyLane: {refused}") if refused else _road_of(layer)


def exact_outcome_of(reading: Reading) -> Outcome:
    """Runs a measurement without shots: values, gradients and shape.

    Raises:
        AssertionError: if any is not what PennyLane or the contract says.
    """
    example = reading.example()
    outcome = outcome_of(example)
    if outcome.road != "not possible":
        layer = layer_of(example, "float32")
        found = tuple(layer(example.values(BATCH)[0].astype("float32")).shape)
        assert found == (BATCH, *reading.shape), f"shape {found}"
        assert layer.compute_output_shape((BATCH, example.angles)) == found
    return outcome
