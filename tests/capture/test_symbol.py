"""Symbols as containers, and the errors of circuits that read a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError
from qeras.capture.keras_graph import lift
from qeras.capture.symbol import Symbol, as_symbol


@pytest.fixture
def x():
    return Symbol.of("x", (3,))


@pytest.fixture
def m():
    return Symbol.of("m", (2, 3))


def test_container(m):
    assert (len(m), m.ndim, m.shape, m.size, m.dtype) == (2, 2, (2, 3), 6, "float64")
    assert [row.shape for row in m] == [(3,), (3,)]
    assert repr(m[1, 2]) == "Symbol(m[5])"
    assert repr(m.T[2, 1]) == "Symbol(m[5])"
    assert m.reshape(3, 2).shape == m.reshape((3, 2)).shape == (3, 2)
    assert m.flatten().shape == m.ravel().shape == (6,)
    assert m.sum().shape == ()
    assert m.mean(axis=0).shape == (3,)
    assert m.transpose(1, 0).shape == m.transpose().shape == (3, 2)
    assert [[repr(item) for item in row] for row in m[:, :2].tolist()] == [
        ["Symbol(m[0])", "Symbol(m[1])"],
        ["Symbol(m[3])", "Symbol(m[4])"],
    ]
    assert m[..., 0].shape == (2,)
    assert m[None].shape == (1, 2, 3)
    assert repr(m[np.array([1]), np.int64(0)]) == "Symbol([m[3]])"
    assert len({m, m}) == 1


def test_type_of_the_entries(x):
    assert (x * 1j).dtype == "complex128"
    assert (x * 1j).real.dtype == "float64"
    assert qml.math.get_dtype_name(x) == "float64"
    assert x.astype("complex64").astype(np.float32).dtype == "float64"
    assert repr(x[0].astype(int)) == "Symbol(multiply(sign(x[0]), floor(absolute(x[0]))))"
    assert repr(x[0].astype(bool)) == "Symbol(not_equal(x[0], 0))"


def test_pennylane_asks_for_facts(x, m):
    assert qml.math.shape(m) == (2, 3)
    assert qml.math.ndim(m) == 2
    assert qml.math.size(m) == 6
    assert qml.math.shape([x[0], x[1]]) == (2,)
    assert not qml.math.allclose(x, 0)
    assert qml.math.allclose(x, x - 0)
    assert not qml.math.iscomplex(x).any()
    assert qml.math.iscomplex(x * 1j).all()
    assert np.isrealobj(x)
    assert np.iscomplexobj(x * 1j)
    assert not qml.math.is_abstract(x)
    assert qml.math.block_diag([m[:, :2], np.eye(2)]).shape == (4, 4)
    assert qml.math.unstack(x)[1].shape == ()
    assert qml.math.coerce([x, np.ones(2)], like="qeras")[1].shape == (2,)
    assert qml.math.convert_like(np.ones(2), x).shape == (2,)
    assert qml.math.detach(x) is x


def test_constants_have_values():
    two = as_symbol(2.0)
    assert float(two) == two.item() == two.numpy() == 2.0
    assert int(two) == 2
    assert complex(as_symbol(2j)) == 2j
    assert bool(two)
    assert not bool(as_symbol(0))
    assert list(range(two)) == [0, 1]
    np.testing.assert_array_equal(np.asarray(as_symbol([1, 2]), dtype=float), [1, 2])
    np.testing.assert_array_equal(qml.math.toarray(as_symbol([1, 2])), [1, 2])


READS: dict[str, list[Callable[[Any], Any]]] = {
    "the truth": [bool, lambda x: x > 0 or x, lambda x: max([x, x]), lambda x: [1] if x else []],
    r"`float\(": [float, lambda x: f"{float(x)}", lambda x: np.array([1.0]) + float(x)],
    r"`int\(": [int],
    r"`complex\(": [complex],
    "an index": [range, lambda x: [1, 2][x]],
    "the numbers": [lambda x: np.asarray(x, dtype=float)],
    r"`\.item\(": [lambda x: x.item()],
    r"`\.numpy\(": [lambda x: x.numpy()],
    "NumPy value": [qml.math.toarray, qml.math.unwrap],
    "closeness": [lambda x: np.allclose(x, 0)],
    "without values": [lambda x: np.where(x > 0)],
    "membership": [lambda x: 1 in x],
}


@pytest.mark.parametrize(
    ("match", "function"),
    [(match, function) for match, functions in READS.items() for function in functions],
)
def test_reading_a_value(x, match, function):
    with pytest.raises(CaptureError, match=f"{match}.*qml.math.where"):
        function(x[0])


def test_truth_of_a_scalar(x):
    assert bool(as_symbol(2.0).scalars.item())
    with pytest.raises(CaptureError, match=r"the truth of an input or a weight"):
        bool(x.scalars[0])


def test_symbol_as_an_index(x):
    with pytest.raises(CaptureError, match=r"the use as an index"):
        x[x[0]]
    with pytest.raises(CaptureError, match=r"the use as an index"):
        x[keras.ops.floor(x[0]),]


def test_tensors_of_backends(x):
    assert not hasattr(x, "__jax_array__")
    with pytest.raises(CaptureError, match=r"a TensorFlow tensor"):
        x.__tf_tensor__()


def test_assignment(x):
    with pytest.raises(CaptureError, match=r"assignment to index 0.*qml.math.where"):
        x[0] = 1.0
    with pytest.raises(CaptureError, match=r"makes a new array.*add"):
        np.add(x, 1, out=(np.ones(3),))


def test_index_out_of_range(x, m):
    with pytest.raises(IndexError, match=r"'x' of shape \(3,\).*index 3 .*out of bounds"):
        x[3]
    with pytest.raises(CaptureError, match=r"index \(0, 0\) \(too many indices"):
        x[0, 0]
    with pytest.raises(IndexError, match=r"too many"):
        m[..., 0, 0, 0]


def test_scalars_have_no_length(x):
    with pytest.raises(TypeError, match=r"axis for len\(\). Received: a scalar"):
        len(x[0])
    with pytest.raises(TypeError, match=r"axis to iterate over. Received: a scalar"):
        iter(x[0])


def test_functions_without_an_expression(x):
    with pytest.raises(
        CaptureError, match=r"captured as an expression. Received: 'sort'. Supported are: abs"
    ):
        np.sort(x)
    with pytest.raises(CaptureError, match=r"makes a new array. Received: add\.accumulate"):
        np.add.accumulate(x)
    with pytest.raises(CaptureError, match=r"Euclidean norm, .*ord=inf.*Received: ord=1"):
        np.linalg.norm(x, ord=1)
    with pytest.raises(CaptureError, match=r"Euclidean norm, .*ord=inf.*Received: ord=2"):
        np.linalg.norm(x[None], ord=2)
    with pytest.raises(CaptureError, match=r"mode='constant' for pad. Received: mode='edge'"):
        np.pad(x, 1, mode="edge")
    with pytest.raises(CaptureError, match=r"square matrix.*Received: shape \(3,\)"):
        np.linalg.det(x)
    with pytest.raises(CaptureError, match=r"arrays with axes for matmul"):
        np.matmul(x, x[0])
    with pytest.raises(CaptureError, match=r"a real number for sin"):
        np.sin(x * 1j)
    with pytest.raises(ValueError, match=r"axis 3 is out of bounds"):
        x.sum(axis=3)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'out'"):
        np.sum(x, out=np.ones(()))
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'where'"):
        np.sin(x, where=[True, False, True])


def test_what_is_no_number(x):
    with pytest.raises(TypeError, match=r"unsupported operand"):
        x + "a"
    with pytest.raises(TypeError, match=r"unsupported operand"):
        x + object()
    with pytest.raises(CaptureError, match=r"a number, an input or a weight.*Received: 'a'"):
        x * np.array(["a", "b", "c"])


def test_numpy_functions_on_ufunc_methods(m):
    assert repr(np.add.reduce(m)) == "Symbol([add(m[0], m[3]), add(m[1], m[4]), add(m[2], m[5])])"
    assert np.multiply.outer(m, np.ones(2)).shape == (2, 3, 2)
    assert np.pad(m, 1).shape == (4, 5)
    assert np.linalg.det(m[:, :2] + 0).shape == ()


def test_unknown_keras_operation(x):
    with pytest.raises(CaptureError, match=r"Received: Argmax. Supported are: Abs,"):
        lift(keras.ops.argmax(x))
    with pytest.raises(CaptureError, match=r"Received: Dense"):
        lift(keras.layers.Dense(2)(x[None]))
    with pytest.raises(CaptureError, match=r"stop_gradient.*trainable"):
        lift(keras.ops.stop_gradient(x))


def test_tensor_from_elsewhere():
    with pytest.raises(CaptureError, match=r"made of inputs and weights of the QNode"):
        lift(keras.KerasTensor((2,)))
    with pytest.raises(CaptureError, match=r"made of inputs and weights of the QNode"):
        lift(keras.ops.sin(keras.KerasTensor((2,))))


def test_arrays_of_the_backend(x):
    ones = keras.ops.ones(3)
    assert repr(x + keras.ops.convert_to_numpy(ones)).startswith("Symbol([add(x[0], 1)")
    assert repr(as_symbol(ones)) == "Symbol([1, 1, 1])"


def test_functions_and_methods_on_empty_and_whole_arrays(x):
    assert repr(as_symbol(x[:0].sum())) == "Symbol(0)"
    assert repr(x[:0].prod()) == "Symbol(1)"
    assert repr(x.dot([1.0, 0.0, 0.0])) == "Symbol(x[0])"
