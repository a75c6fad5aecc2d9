"""Functions of inputs and weights in every spelling: Python, NumPy, qml.math, keras.ops."""

from __future__ import annotations

import keras
import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

from qeras.capture.symbol import Symbol, as_symbol
from qeras.testing.reference import evaluate

pytestmark = pytest.mark.every_backend  # each makes symbolic tensors of Keras in its own way

RNG = np.random.default_rng(5)
VALUES = {"x": RNG.uniform(0.1, 0.9, 4), "m": RNG.uniform(0.1, 0.9, (2, 2, 3))}


@pytest.fixture
def x():
    return Symbol.of("x", (4,))


@pytest.fixture
def m():
    return Symbol.of("m", (2, 2, 3))


def check(found, expected):
    """Compare a symbol, or what Keras made of symbols, with numbers."""
    symbol = as_symbol(found)
    expected = np.asarray(expected)
    assert symbol.shape == expected.shape
    re = evaluate([item.re for item in symbol.scalars.flat], VALUES)
    im = evaluate([item.im for item in symbol.scalars.flat], VALUES)
    values = (np.array(re) + 1j * np.array(im)).reshape(expected.shape)
    np.testing.assert_allclose(values, expected, atol=1e-12)


UNARY = (
    "negative absolute sign square sqrt exp log sin cos tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arctanh floor ceil round conj real imag log2 log10 log1p exp2 expm1 deg2rad "
    "reciprocal trunc"
).split()


@pytest.mark.parametrize("name", UNARY)
def test_unary(x, name):
    function = getattr(np, name)
    check(function(x), function(VALUES["x"]))
    check(getattr(qml.math, name)(x), function(VALUES["x"]))
    if name != "trunc" or hasattr(keras.ops, "trunc"):
        check(getattr(keras.ops, name)(x), function(VALUES["x"]))


def test_arccosh(x):
    for function in (np.arccosh, qml.math.arccosh, keras.ops.arccosh):
        check(function(x + 1.5), np.arccosh(VALUES["x"] + 1.5))


BINARY = (
    "add subtract multiply divide power mod arctan2 minimum maximum floor_divide hypot greater "
    "greater_equal less less_equal equal not_equal logical_and logical_or logical_xor"
).split()


@pytest.mark.parametrize("name", BINARY)
def test_binary(x, name):
    function, other = getattr(np, name), np.array([0.3, 0.9, 0.5, 0.2])
    expected = function(VALUES["x"], other)
    check(function(x, other), expected)
    check(function(other, x), function(other, VALUES["x"]))
    check(getattr(qml.math, name)(x, other), expected)
    check(function(x, x[::-1]), function(VALUES["x"], VALUES["x"][::-1]))
    if name != "floor_divide":
        check(getattr(keras.ops, name)(x, other), expected)


PYTHON = [
    lambda x: x + 1,
    lambda x: 1 - x,
    lambda x: 2 * x,
    lambda x: x / 3,
    lambda x: 1 / x,
    lambda x: x**2,
    lambda x: x**0.5,
    lambda x: 2**x,
    lambda x: x // 0.3,
    lambda x: 1 // x,
    lambda x: x % 0.3,
    lambda x: 1 % x,
    lambda x: divmod(x, 0.3)[1],
    lambda x: -x,
    lambda x: +x,
    lambda x: abs(x - 0.5),
    lambda x: round(x[0], 1),
    lambda x: (x > 0.5) * x,
    lambda x: (x >= 0.5) & (x < 0.8),
    lambda x: (x <= 0.3) | (x > 0.8),
    lambda x: (x <= 0.3) ^ (x > 0.8),
    lambda x: ~(x > 0.5),
    lambda x: (x == 0.5) + (x != 0.5),
    lambda x: np.pi * x,
    lambda x: np.float64(2.0) * x,
    lambda x: np.float32(2.0) + x,
    lambda x: np.ones(4) - x,
    lambda x: [1, 2, 3, 4] * x,
    lambda x: np.arange(8.0).reshape(2, 4) @ x,
    lambda x: x @ np.arange(8.0).reshape(4, 2),
    lambda x: np.array([x[0], x[1]]) * 2,
    lambda x: np.sin(np.array([x[0], x[1]])),
]


@pytest.mark.parametrize("function", PYTHON)
def test_python_and_numpy_constants(x, function):
    check(function(x), function(VALUES["x"]) * 1.0)


STRUCTURE = [
    lambda m, lib: lib.reshape(m, (4, 3)),
    lambda m, lib: lib.transpose(m, (2, 0, 1)),
    lambda m, lib: lib.transpose(m),
    lambda m, lib: lib.moveaxis(m, 0, 2),
    lambda m, lib: lib.swapaxes(m, 0, 2),
    lambda m, lib: lib.expand_dims(m, 1),
    lambda m, lib: lib.squeeze(lib.expand_dims(m, 1), 1),
    lambda m, lib: lib.stack([m[0], m[1]], 1),
    lambda m, lib: lib.concatenate([m, m], 1),
    lambda m, lib: lib.hstack([m[0], m[1]]),
    lambda m, lib: lib.vstack([m[0], m[1]]),
    lambda m, lib: lib.ravel(m),
    lambda m, lib: lib.flip(m, 1),
    lambda m, lib: lib.roll(m, 1, 1),
    lambda m, lib: lib.tile(m[0, 0], 2),
    lambda m, lib: lib.repeat(m, 2, 1),
    lambda m, lib: lib.take(m, np.array([1, 0]), 1),
    lambda m, lib: lib.diag(m[0, 0]),
    lambda m, lib: lib.diagonal(m, 0, 0, 1),
    lambda m, lib: lib.tril(m[0]),
    lambda m, lib: lib.triu(m[0]),
    lambda m, lib: lib.broadcast_to(m[0], (2, 2, 3)),
    lambda m, lib: lib.split(m, 3, 2)[1],
    lambda m, lib: lib.cumsum(m, 1),
    lambda m, lib: lib.diff(m),
    lambda m, lib: lib.sum(m),
    lambda m, lib: lib.sum(m, 1),
    lambda m, lib: lib.sum(m, axis=(0, 2), keepdims=True),
    lambda m, lib: lib.prod(m, 0),
    lambda m, lib: lib.mean(m, -1),
    lambda m, lib: lib.max(m, 1),
    lambda m, lib: lib.min(m),
    lambda m, lib: lib.std(m, 1),
    lambda m, lib: lib.var(m),
    lambda m, lib: lib.average(m, 0),
    lambda m, lib: lib.dot(m[0, 0], m[1, 0]),
    lambda m, lib: lib.dot(m[0], m[1, 0]),
    lambda m, lib: lib.vdot(m[0, 0], m[1, 0]),
    lambda m, lib: lib.inner(m[0], m[1]),
    lambda m, lib: lib.outer(m[0, 0], m[1, 0]),
    lambda m, lib: lib.kron(m[0], m[1]),
    lambda m, lib: lib.kron(m[0], np.eye(2)),
    lambda m, lib: lib.matmul(m, lib.transpose(m, (0, 2, 1))),
    lambda m, lib: lib.matmul(m, np.arange(3.0)),
    lambda m, lib: lib.matmul(m[0], np.arange(6.0).reshape(3, 2)),
    lambda m, lib: lib.tensordot(m, m, [[0, 2], [0, 2]]),
    lambda m, lib: lib.tensordot(m[0], m[0], 2),
    lambda m, lib: lib.einsum("ijk,ilk->jl", m, m),
    lambda m, lib: lib.einsum("...k,k->...", m, np.arange(3.0)),
    lambda m, lib: lib.einsum("iij->j", m),
    lambda m, lib: lib.trace(m, 0, 0, 1),
    lambda m, lib: lib.where(m > 0.5, m, 0.1),
    lambda m, lib: lib.clip(m, 0.3, 0.6),
    lambda m, lib: lib.linalg.norm(m[0, 0]),
    lambda m, lib: lib.linalg.norm(m, axis=-1),
    lambda m, lib: lib.ones_like(m) * m,
    lambda m, lib: lib.zeros_like(m) + m,
    lambda m, lib: lib.full_like(m, 2.0) + m,
    lambda m, lib: lib.append(m, m, 1),
    lambda m, lib: lib.average(m[0], axis=0, weights=np.array([[1.0, 2, 3]] * 2)),
    lambda m, lib: lib.einsum("ijk,ilk", m, m),
    lambda m, lib: lib.where(np.array([True, False, True]), m, 0.0),
    lambda m, lib: 1.0 * lib.isclose(m, 0.5, rtol=0.1),
]


@pytest.mark.parametrize("index", range(len(STRUCTURE)))
@pytest.mark.parametrize("library", [np, qml.math, keras.ops], ids=["numpy", "qml.math", "keras"])
def test_shapes_and_reductions(m, index, library):
    function = STRUCTURE[index]
    check(function(m, library), function(VALUES["m"], np))


COMPLEX = [
    lambda x, lib: lib.exp(1j * x),
    lambda x, lib: lib.real(lib.exp(1j * x) * (1 + 2j)),
    lambda x, lib: lib.imag((x[0] + 2j) ** 3),
    lambda x, lib: (x[0] + 2j) ** -2,
    lambda x, lib: (x[0] + 2j) ** x[1],
    lambda x, lib: lib.conj(lib.exp(-1j * x)) / lib.exp(2j * x[0]),
    lambda x, lib: 1 / (x + 1j),
    lambda x, lib: lib.abs(x + 1j),
    lambda x, lib: lib.angle(x + 1j),
    lambda x, lib: lib.log(x + 1j),
    lambda x, lib: lib.sqrt(x + 1j),
    lambda x, lib: lib.square(x + 1j),
    lambda x, lib: lib.where(x > 0.5, x * 1j, x),
    lambda x, lib: lib.linalg.norm(lib.exp(1j * x)),
    lambda x, lib: 1.0 * (x * 1j == x[0] * 1j),
    lambda x, lib: (1j * x - 1j * x) + x,
]


@pytest.mark.parametrize("index", range(len(COMPLEX)))
@pytest.mark.parametrize("library", [np, qml.math], ids=["numpy", "qml.math"])
def test_complex_arithmetic(x, index, library):
    check(COMPLEX[index](x, library), COMPLEX[index](VALUES["x"], np))


def test_activations(x):
    for name in (
        "sigmoid relu softplus softsign silu relu6 leaky_relu elu gelu softmax logsumexp erf rsqrt"
    ).split():
        function = getattr(keras.ops, name)
        expected = keras.ops.convert_to_numpy(function(VALUES["x"].astype("float32") - 0.5))
        symbol = as_symbol(function(x - 0.5))
        found = evaluate([item.re for item in symbol.scalars.flat], VALUES)
        np.testing.assert_allclose(np.reshape(found, symbol.shape), expected, atol=1e-5)
    exact = as_symbol(keras.ops.gelu(x, approximate=False))
    assert "erf" in repr(exact.scalars[0])


def test_long_keras_graphs_and_shared_parts(x):
    """No recursion, and no repetition of parts used twice."""
    total = keras.ops.sin(x)
    for _ in range(1500):
        total = total + keras.ops.cast(total, "float32") * 0.0
    check(total, np.sin(VALUES["x"]))


def test_keras_tensors_mix_with_symbols_and_numpy(x):
    check(x * keras.ops.sin(x), VALUES["x"] * np.sin(VALUES["x"]))
    check(keras.ops.sin(x) * x, VALUES["x"] * np.sin(VALUES["x"]))
    check(keras.ops.sin(x)[..., 1], np.sin(VALUES["x"])[1])
    check(keras.ops.unstack(x)[2], VALUES["x"][2])
    check(qml.math.sqrt(keras.ops.square(x)), VALUES["x"])
    check(np.stack([x, keras.ops.sin(x)]), np.stack([VALUES["x"], np.sin(VALUES["x"])]))
    check(keras.ops.cast(x, "float16"), VALUES["x"])
    check(keras.ops.convert_to_tensor(x), VALUES["x"])


def test_sums_are_shallow():
    symbol = Symbol.of("x", (1024,)).sum().scalars.item().re

    def depth(node):
        return 1 + max(map(depth, getattr(node, "arguments", ())), default=0)

    assert depth(symbol) == 11


def test_nothing_of_a_float64_constant_is_lost(x):
    third = 1 / 3
    assert as_symbol(qml.math.cast_like(third, x)).scalars.item().value == third
    assert as_symbol(keras.ops.multiply(x, 0) + third).scalars[0].re.arguments[1].value == third


def test_arrays_of_pennylane_numpy(x):
    constants = pnp.array([0.3, 0.1, 0.2, 0.5])
    check(constants * x, constants * VALUES["x"])
    check(x * constants, constants * VALUES["x"])
    check(constants @ x, constants @ VALUES["x"])
    check(pnp.tensor(0.3) * x[0], 0.3 * VALUES["x"][0])
    check(pnp.sin(x) * pnp.pi, np.sin(VALUES["x"]) * np.pi)
    check(pnp.stack([x[0], x[1]]), VALUES["x"][:2])
    check(pnp.dot(constants, x), constants @ VALUES["x"])


def test_tensors_of_the_backend(x):
    ones = keras.ops.ones(4)
    check(ones * x, VALUES["x"])
    check(ones + x, 1 + VALUES["x"])
    check(x - ones, VALUES["x"] - 1)
    check(ones / x, 1 / VALUES["x"])
    check(keras.ops.matmul(keras.ops.ones((2, 4)), x), [np.sum(VALUES["x"])] * 2)
    check(keras.ops.multiply(ones, x), VALUES["x"])


def test_numpy_alone(m):
    values = VALUES["m"]
    check(np.insert(m, 1, 0.0, axis=0), np.insert(values, 1, 0.0, axis=0))
    check(np.broadcast_arrays(m, m[0])[1], np.broadcast_arrays(values, values[0])[1])
    check(np.real_if_close(m), values)
    check((m * 1j).imag, values)
    check(np.linalg.norm(m[0, 0], ord=2), np.linalg.norm(values[0, 0], ord=2))
    check(np.linalg.det(m[:, :, 0]), np.linalg.det(values[:, :, 0]))
    check(qml.math.block_diag([m[0], np.eye(2)])[:2, :3], values[0])
