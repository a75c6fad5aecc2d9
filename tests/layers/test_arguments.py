"""What the constructor takes, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from tests.circuits import entangler, entangler_layer, qnode_of, rotation, rotation_layer
from tests.differentiation import numbers


def measured(*parameters: Any) -> Any:
    """<Z> after one RX for each parameter."""
    for parameter in parameters:
        qml.RX(parameter, wires=0)
    return qml.expval(qml.Z(0))


def of_inputs_first(inputs: Any, a: Any, b: Any) -> Any:
    return measured(inputs[0], a, 2 * b)


def of_inputs_last(b: Any, a: Any, inputs: Any = None) -> Any:
    return measured(inputs[0], a, 2 * b)


def with_defaults(inputs: Any, a: Any = 0.5, b: Any = None) -> Any:
    return measured(inputs[0], a, 2 * b)


def with_keywords(inputs: Any, **weights: Any) -> Any:
    return measured(inputs[0], weights["a"], 2 * weights["b"])


def keyword_only(*, a: Any, inputs: Any, b: Any) -> Any:
    return measured(inputs[0], a, 2 * b)


@pytest.mark.parametrize(
    "function", [of_inputs_first, of_inputs_last, with_defaults, with_keywords, keyword_only]
)
def test_arguments_are_passed_by_name(function: Any) -> None:
    layer = KerasLayer(qnode_of(function), {"b": 1, "a": 1})
    layer.qnode_weights["a"].assign(0.3)
    layer.qnode_weights["b"].assign(0.2)
    np.testing.assert_allclose(
        numbers(layer(np.array([[0.1]]))), [np.cos(0.1 + 0.3 + 0.4)], atol=1e-6
    )


def without_inputs(x: Any, a: Any) -> Any:
    return measured(x[0], a)


def variadic(inputs: Any, *weights: Any) -> Any:
    return measured(inputs[0], *weights)


def positional_only(inputs: Any, a: Any, /) -> Any:
    return measured(inputs[0], a)


@pytest.mark.parametrize(
    ("function", "shapes", "error", "match"),
    [
        (without_inputs, {"a": 1}, TypeError, r"argument named 'inputs'.*Received.*\['x', 'a'\]"),
        (variadic, {"weights": 3}, TypeError, r"that have names. Received: \*weights"),
        (positional_only, {"a": 1}, TypeError, r"Received: positional-only 'inputs'"),
        (of_inputs_first, {"a": 1}, ValueError, r"Received: .*without \['b'\]. Add 'b': shape"),
        (of_inputs_first, {"a": 1, "b": 1, "c": 2}, ValueError, r"with \['c'\]. Remove 'c'"),
        (
            of_inputs_first,
            {"a": 1, "b": 1, "inputs": 2},
            ValueError,
            r"weights only.*Received: weight_shapes\['inputs'\]=\(2,\)",
        ),
    ],
)
def test_arguments_that_do_not_fit(
    function: Any, shapes: Any, error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        KerasLayer(qnode_of(function), shapes)


@pytest.mark.parametrize("qnode", [None, len, qml.RX])
def test_only_qnodes(qnode: Any) -> None:
    with pytest.raises(TypeError, match=r"Expected a PennyLane QNode.*Received: qnode="):
        KerasLayer(qnode, {})


def test_no_weights() -> None:
    layer = KerasLayer(qnode_of(lambda inputs: measured(inputs[0])), {})
    assert layer.get_weights() == []
    np.testing.assert_allclose(numbers(layer(np.array([[0.1]]))), [np.cos(0.1)], atol=1e-6)


# -------------------------------------------------------------------- weights


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        (0, ()),
        (1, ()),
        (3, (3,)),
        (np.int64(3), (3,)),
        ((), ()),
        ([2], (2,)),
        ((1,), (1,)),
        ((3, 2, 3), (3, 2, 3)),
        ([3, np.int32(2)], (3, 2)),
        (np.array([3, 2]), (3, 2)),
    ],
)
def test_weight_shapes(given: Any, shape: tuple[int, ...]) -> None:
    def circuit(inputs: Any, w: Any) -> Any:
        return measured(inputs[0], qml.math.sum(w))

    layer = KerasLayer(qnode_of(circuit), {"w": given})
    assert layer.weight_shapes == {"w": shape}
    assert layer.qnode_weights["w"].shape == shape
    assert layer.get_weights()[0].shape == shape
    assert layer(np.zeros((2, 1))).shape == (2,)


@pytest.mark.parametrize(
    ("shapes", "error", "match"),
    [
        ([("weights", 3)], TypeError, "Expected weight_shapes to be a dictionary.*Received:"),
        ({"weights": "3"}, TypeError, r"int or a tuple.*Received: weight_shapes\['weights'\]='3'"),
        ({"weights": 2.0}, TypeError, r"int or a tuple.*Received: weight_shapes\['weights'\]=2.0"),
        ({"weights": (2, None)}, TypeError, r"Received: weight_shapes\['weights'\]=\(2, None\)"),
        ({"weights": (2, -1)}, ValueError, r"at least 0.*Received: weight_shapes\['weights'\]"),
        ({"weights": -3}, ValueError, r"at least 0.*Received: weight_shapes\['weights'\]=-3"),
    ],
)
def test_weight_shapes_that_are_none(shapes: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        KerasLayer(entangler(), shapes)


def test_weights_exist_from_construction() -> None:
    layer = entangler_layer()
    assert not layer.built
    assert list(layer.qnode_weights) == ["weights"]
    layer.set_weights([np.ones((2, 2))])
    np.testing.assert_array_equal(layer.get_weights()[0], np.ones((2, 2)))
    layer(np.zeros((1, 2)))
    np.testing.assert_array_equal(layer.get_weights()[0], np.ones((2, 2)))
    assert len(layer.weights) == 1


def test_weights_have_the_defaults_of_keras() -> None:
    layer = KerasLayer(qnode_of(lambda inputs, w: measured(qml.math.sum(w))), {"w": (50, 50)})
    limit = np.sqrt(6 / 100)  # of Glorot's uniform initializer
    values = layer.get_weights()[0]
    assert limit * 0.99 < np.abs(values).max() <= limit


def test_weight_specs() -> None:
    layer = entangler_layer(
        weight_specs={
            "weights": {
                "initializer": keras.initializers.Constant(-0.5),
                "regularizer": keras.regularizers.L2(0.1),
                "constraint": "non_neg",
            }
        }
    )
    variable = layer.qnode_weights["weights"]
    np.testing.assert_array_equal(layer.get_weights()[0], np.full((2, 2), -0.5))
    assert isinstance(variable.constraint, keras.constraints.NonNeg)
    layer(np.zeros((1, 2)))
    np.testing.assert_allclose(numbers(sum(layer.losses)), 0.1 * 4 * 0.25, rtol=1e-6)


def test_weights_that_are_not_trained() -> None:
    def circuit(inputs: Any, fixed: Any, free: Any) -> Any:
        return measured(inputs[0], fixed, free)

    specs = {"fixed": {"trainable": False, "initializer": "ones"}}
    layer = KerasLayer(qnode_of(circuit), {"fixed": 1, "free": 1}, weight_specs=specs)
    assert [variable.name for variable in layer.trainable_variables] == ["free"]
    model = keras.Sequential([layer, keras.layers.Reshape((1,))])
    model.compile("sgd", "mse")
    before = layer.qnode_weights["free"].numpy()
    model.fit(np.full((4, 1), 0.3), np.zeros((4, 1)), verbose=0)
    assert layer.qnode_weights["fixed"].numpy() == 1
    assert layer.qnode_weights["free"].numpy() != before


@pytest.mark.parametrize(
    ("specs", "match"),
    [
        ({"w": {}}, r"weight_specs of the weights \['weights'\]. Received: .* for \['w'\]"),
        ({"weights": {"name": "w"}}, r"other than name and shape.*Received: .*'name': 'w'"),
        ({"weights": {"autocast": True}}, r"and autocast, which would round.*'autocast': True"),
        ({"weights": {"shape": (2,)}}, r"other than name and shape.*Received: .*'shape': \(2,\)"),
    ],
)
def test_weight_specs_that_do_not_fit(specs: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        entangler_layer(weight_specs=specs)


# -------------------------------------------------------------------- output_dim


@pytest.mark.parametrize(
    ("given", "kept"), [(2, 2), ([2], 2), ((2,), 2), (np.int64(2), 2), (None, None)]
)
def test_output_dim(given: Any, kept: int | None) -> None:
    layer = entangler_layer(output_dim=given)
    assert layer.output_dim == kept
    assert layer(np.zeros((5, 2))).shape == (5, 2)


@pytest.mark.parametrize("given", [16, [16], (4, 4)])
def test_output_dim_is_a_number_of_values_or_a_shape(given: Any) -> None:
    layer = entangler_layer(lambda: qml.density_matrix([0, 1]), output_dim=given)
    assert layer(np.zeros((5, 2))).shape == (5, 4, 4)


@pytest.mark.parametrize("given", [3, (4,), (2, 1)])
def test_output_dim_that_does_not_match_the_circuit(given: Any) -> None:
    layer = entangler_layer(output_dim=given)
    with pytest.raises(ValueError, match=r"Expected output_dim=2.*Received: output_dim="):
        layer.build((None, 2))


def test_output_dim_of_a_dictionary() -> None:
    layer = entangler_layer(lambda: {"a": qml.expval(qml.Z(0))}, output_dim=3)
    with pytest.raises(ValueError, match=r"output_dim=1.*shape \{'a': \(\)\}.*Received: .*=3"):
        layer(np.zeros((5, 2)))


@pytest.mark.parametrize("given", ["2", 2.0, (), (2, None), {2}])
def test_output_dim_that_is_none(given: Any) -> None:
    with pytest.raises(TypeError, match=r"Expected output_dim to be.*Received: output_dim="):
        entangler_layer(output_dim=given)


# -------------------------------------------------------------------- name of the inputs


def test_input_arg() -> None:
    def circuit(weights: Any, x: Any) -> Any:
        return measured(x[0], weights)

    layer = KerasLayer(qnode_of(circuit), {"weights": 1}, input_arg="x")
    assert layer.input_arg == "x"
    layer.set_weights([np.array(0.5)])
    np.testing.assert_allclose(numbers(layer(np.array([[0.2]]))), [np.cos(0.7)], atol=1e-6)


@pytest.fixture
def inputs_named_x() -> Iterator[None]:
    KerasLayer.set_input_argument("x")
    yield
    KerasLayer.set_input_argument()


def test_set_input_argument(inputs_named_x: None) -> None:
    def circuit(weights: Any, x: Any) -> Any:
        return measured(x[0], weights)

    layer = KerasLayer(qnode_of(circuit), {"weights": 1})
    KerasLayer.set_input_argument("inputs")
    assert layer.input_arg == "x"  # layers that exist keep theirs
    assert layer(np.zeros((3, 1))).shape == (3,)
    assert KerasLayer(rotation(), {"weights": 1}).input_arg == "inputs"


# -------------------------------------------------------------------- what a layer says


def test_repr() -> None:
    layer = rotation_layer(name="spin")
    expected = "<KerasLayer name=spin, func=circuit, engine=qeras (default.qubit without shots"
    assert repr(layer).startswith(expected)
    assert str(layer) == repr(layer)
    assert layer.engine.endswith("adjoint gradient)")


def test_circuit() -> None:
    layer = rotation_layer()
    with pytest.raises(ValueError, match=r"Expected a built layer.*Received: <KerasLayer"):
        _ = layer.circuit
    layer.build((None, 1))
    assert [operation.gate for operation in layer.circuit.operations] == ["RX", "RX"]
    assert layer.circuit.features == 1


def test_keyword_arguments_of_keras() -> None:
    layer = rotation_layer(name="spin", trainable=False, dtype="float32")
    assert (layer.name, layer.trainable, layer.dtype) == ("spin", False, "float32")
    assert layer.trainable_variables == []
