"""The symbols that stand for inputs and weights while a circuit is captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Number
from typing import Any, NoReturn

import keras
import numpy as np
import pennylane as qml
from pennylane.operation import Operator

from qeras.capture import activations, elementwise, reductions, shapes  # noqa: F401  fill the table
from qeras.capture.arrays import FUNCTIONS, Array, concrete, to_array
from qeras.capture.errors import (
    CaptureError,
    CaptureIndexError,
    TooManyIndicesError,
    value_is_read,
)
from qeras.capture.keras_graph import lift
from qeras.capture.questions import answer, asked_for_bits
from qeras.capture.scalar import Scalar
from qeras.circuit.expressions import reference


class Symbol(keras.KerasTensor):
    """A tensor of expressions that behaves as a NumPy array, and as a tensor in
    `qml.math` and `keras.ops`.

    Attributes:
        scalars: object array of `Scalar`, of the symbol's shape.
    """

    __array_priority__ = 1e6

    def __init__(self, scalars: Array, name: str = "symbol") -> None:
        is_real = all(item.is_real for item in scalars.flat)
        # Double precision, so that constants cast to a symbol's dtype lose nothing.
        super().__init__(scalars.shape, "float64" if is_real else "complex128", name=name)
        self.scalars = scalars

    @classmethod
    def of(cls, name: str, shape: tuple[int, ...], start: int = 0) -> Symbol:
        """The tensor `name`: entry i of the flattened tensor refers to `start + i`."""
        scalars = np.empty(shape, dtype=object)
        for position, index in enumerate(np.ndindex(shape)):
            scalars[index] = Scalar(reference(name, start + position))
        return cls(scalars, name=name)

    def __repr__(self) -> str:
        shown = repr(self.scalars.tolist())
        return f"Symbol({shown if len(shown) <= 80 else shown[:77] + '...'})"

    # --- NumPy's protocols --------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        name = ufunc.__name__
        if method == "reduce" and name in _REDUCTIONS:
            # ufunc.reduce's own default is the first axis
            return apply(_REDUCTIONS[name], *args, **{"axis": 0, **_stated(kwargs)})
        if method == "outer":
            left, right = (to_array(unwrap(arg)) for arg in args)
            return apply(name, left.reshape(left.shape + (1,) * right.ndim), right)
        if method != "__call__" or kwargs.get("out") is not None:
            raise CaptureError(
                f"Expected a NumPy function that makes a new array. Received: {name}.{method} "
                f"with {sorted(kwargs)}, which cannot be captured."
            )
        return apply(name, *args, **_stated(kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        module = function.__module__.removeprefix("numpy").strip(".")
        name = f"{module}.{function.__name__}" if module == "linalg" else function.__name__
        return apply(name, *args, **_stated(kwargs))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """An object array of symbols, as PennyLane makes of lists; never numbers."""
        if dtype is not None and np.dtype(dtype) != object:
            return self._numbers("the numbers (`np.asarray(..., dtype)`)").astype(dtype)
        result = np.empty(self.shape, dtype=object)
        for index in np.ndindex(self.shape):
            result[index] = self[index]
        return result

    def unwrap(self) -> np.ndarray:
        """An object array of symbols; `pennylane.numpy` asks for it in `tensor * symbol`."""
        return np.asarray(self)

    # --- what needs a value -------------------------------------------------------------------

    def _numbers(self, how: str) -> np.ndarray:
        values = concrete(self.scalars)
        if values is None:
            raise value_is_read(how)
        return values

    def __bool__(self) -> bool:
        known = answer()
        if known is not None:
            return known
        return bool(self._numbers("the truth (`if`, `while`, `and`, `or`, `not`, `in`, `max`)"))

    def __float__(self) -> float:
        return float(self._numbers("`float(...)`, which functions of `math` call too,"))

    def __int__(self) -> int:
        return int(self._numbers("`int(...)`"))

    def __complex__(self) -> complex:
        return complex(self._numbers("`complex(...)`"))

    def __index__(self) -> int:
        return int(self._numbers("the use as an index or a number of repetitions"))

    @property
    def __jax_array__(self) -> NoReturn:
        """Symbols are no JAX arrays, so that JAX leaves `array * symbol` to them."""
        raise AttributeError("__jax_array__")

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> NoReturn:
        raise value_is_read("a TensorFlow tensor")

    def item(self) -> float:
        """The value, of a constant."""
        return self._numbers("`.item()`").item()

    def numpy(self) -> np.ndarray:
        """The values, of constants."""
        return self._numbers("`.numpy()`")

    def tolist(self) -> list:
        """The entries as a nested list of symbols."""
        return [item.tolist() if item.ndim else item for item in self]

    # --- containers ---------------------------------------------------------------------------

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError("Expected a symbol with an axis for len(). Received: a scalar")
        return self.shape[0]

    def __iter__(self) -> Iterator[Symbol]:
        if not self.ndim:
            raise TypeError("Expected a symbol with an axis to iterate over. Received: a scalar")
        return (self[index] for index in range(self.shape[0]))

    def __getitem__(self, key: Any) -> Symbol:
        try:
            return wrap(self.scalars[_plain_key(key)], type(self))
        except IndexError as error:
            kind = TooManyIndicesError if _indices(key) > self.ndim else CaptureIndexError
            raise kind(
                f"Expected an index into {self.name!r} of shape {self.shape}, where inputs are one "
                f"sample, without a batch axis. Received: index {key!r} ({error})"
            ) from error

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise CaptureError(
            f"Expected inputs and weights to stay as they are. Received: an assignment to index "
            f"{key!r}. Write `qml.math.where(...)` or stack the entries to a new array."
        )

    def __contains__(self, value: Any) -> bool:
        raise value_is_read("the membership (`in`)")

    __hash__ = object.__hash__

    # --- arithmetic ---------------------------------------------------------------------------

    def __round__(self, ndigits: int | None = None) -> Symbol:
        return apply("rint", self, ndigits or 0)

    def __divmod__(self, other: Any) -> tuple[Symbol, Symbol]:
        return self // other, self % other

    # --- NumPy's attributes and methods -------------------------------------------------------

    @property
    def T(self) -> Symbol:  # noqa: N802  NumPy's name
        """The symbol with its axes reversed."""
        return apply("transpose", self)

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.scalars.size

    @property
    def real(self) -> Symbol:
        """The real parts."""
        return apply("real", self)

    @property
    def imag(self) -> Symbol:
        """The imaginary parts."""
        return apply("imag", self)

    def reshape(self, *shape: Any, **kwargs: Any) -> Symbol:
        """The entries in another shape."""
        return apply("reshape", self, shape[0] if len(shape) == 1 else shape, **kwargs)

    def transpose(self, *axes: Any) -> Symbol:
        """The symbol with its axes permuted."""
        return apply("transpose", self, (axes[0] if len(axes) == 1 else axes) or None)

    def astype(self, dtype: Any, **_: Any) -> Symbol:
        """The entries as another type; only integers and reals change values."""
        if asked_for_bits():
            return self
        return apply("cast", self, dtype)


class TransformedSymbol(Symbol):
    """A symbol in a tape that PennyLane transforms. Transforms ask whether a parameter is
    trainable, and know the answer for NumPy's backend only; so autoray takes this for a
    NumPy array."""


_REDUCTIONS = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}

_OPERATORS = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
_UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "logical_not"}
_METHODS = (
    "sum prod mean max min std var cumsum dot ravel flatten squeeze swapaxes repeat take "
    "clip conj conjugate trace diagonal copy "
    # NumPy looks for these on the entries of an object array
    "sqrt square exp log sin cos tan arcsin arccos arctan sinh cosh tanh "
    "arcsinh arccosh arctanh floor ceil rint trunc deg2rad rad2deg arctan2"
).split()


def _method(name: str) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: apply(name, self, *args, **_stated(kwargs))


def _operator(name: str) -> Callable[..., Any]:
    def apply_operator(self: Symbol, other: Any) -> Any:
        if isinstance(other, Operator):
            return qml.s_prod(self, other) if name == "multiply" else NotImplemented
        return apply(name, self, other) if _is_data(other) else NotImplemented

    return apply_operator


def _reflected(name: str) -> Callable[..., Any]:
    def apply_operator(self: Symbol, other: Any) -> Any:
        if isinstance(other, Operator):
            return _scaled(other, self, name)
        return apply(name, other, self) if _is_data(other) else NotImplemented

    return apply_operator


def _scaled(operator: Operator, factor: Symbol, name: str) -> Any:
    """`operator * factor` and `operator / factor`; PennyLane does not know symbols as numbers."""
    if name == "multiply":
        return qml.s_prod(factor, operator)
    return qml.s_prod(1 / factor, operator) if name == "divide" else NotImplemented


def _is_data(value: Any) -> bool:
    """Whether `value` can stand in arithmetic with symbols."""
    return isinstance(value, Number | list | tuple) or hasattr(value, "__array__")


for _key, _name in _UNARY.items():
    setattr(Symbol, f"__{_key}__", _method(_name))
for _key, _name in (_OPERATORS | _COMPARISONS).items():
    setattr(Symbol, f"__{_key}__", _operator(_name))
for _key, _name in _OPERATORS.items():
    setattr(Symbol, f"__r{_key}__", _reflected(_name))
for _name in _METHODS:
    setattr(Symbol, _name, _method(_name))


def _stated(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments that say something to a function of symbols."""
    ignored = ("dtype", "casting", "order", "subok", "like", "optimize")
    return {
        key: value
        for key, value in kwargs.items()
        if key not in ignored and value is not np._NoValue and (key, value) != ("out", None)
    }


def _plain_key(key: Any) -> Any:
    if isinstance(key, tuple):
        return tuple(_plain_key(item) for item in key)
    if isinstance(key, keras.KerasTensor):
        raise value_is_read("the use as an index")
    return key


def _indices(key: Any) -> int:
    """How many axes an index takes away or slices."""
    items = key if isinstance(key, tuple) else (key,)
    return sum(item is not None and item is not Ellipsis for item in items)


def unwrap(value: Any) -> Any:
    """Symbols and Keras tensors in a nest of lists as arrays of scalars."""
    if isinstance(value, keras.KerasTensor):
        return lift(value)
    if isinstance(value, list | tuple):
        return type(value)(unwrap(item) for item in value)
    return value


def wrap(value: Any, kind: type[Symbol] = Symbol) -> Any:
    """Arrays of scalars in a list or tuple as symbols."""
    if isinstance(value, Scalar) or (isinstance(value, np.ndarray) and value.dtype == object):
        return kind(to_array(value))
    if isinstance(value, list):
        return [wrap(item, kind) for item in value]
    return value


def _kind(args: Any) -> type[Symbol]:
    """The class of the results of a function of `args`."""
    leaves = keras.tree.flatten(args)
    transformed = any(isinstance(leaf, TransformedSymbol) for leaf in leaves)
    return TransformedSymbol if transformed else Symbol


def as_symbol(value: Any) -> Symbol:
    """A number, an array, a Keras tensor or a nested list of these as a symbol."""
    return value if isinstance(value, Symbol) else Symbol(to_array(unwrap(value)))


def numbers(value: Any) -> np.ndarray | None:
    """The numbers of an array; None where it depends on inputs or weights."""
    value = unwrap(value)
    is_plain = isinstance(value, np.ndarray) and value.dtype != object
    return value if is_plain else concrete(to_array(value))


def one_scalar(value: Any, what: str) -> Scalar:
    """A number, or a symbol or array of one entry without axes, as a scalar.

    Raises:
        CaptureError: if it has axes; `what` says what must be one number.
    """
    array = to_array(unwrap(value))
    if array.ndim:
        raise CaptureError(
            f"Expected one number for {what}. Received: shape {array.shape}. A circuit is written "
            "for one sample: `inputs` has its features as its only axis, so `inputs[0]` is one "
            "number."
        )
    return array.item()


def apply(name: str, *args: Any, **kwargs: Any) -> Any:
    """The table's function `name` on symbols.

    Raises:
        CaptureError: if the table has no such function.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise CaptureError(
            f"Expected a function that can be captured as an expression. Received: {name!r}. "
            f"Supported are: {', '.join(sorted(FUNCTIONS))}"
        )
    result = function(*map(unwrap, args), **{key: unwrap(v) for key, v in kwargs.items()})
    return wrap(result, _kind(args))
