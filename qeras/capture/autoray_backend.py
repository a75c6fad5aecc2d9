"""`qml.math` on symbols: the table of array functions under autoray's backend `qeras`.

autoray finds a backend by the top-level module of an array's class, which is
`qeras` for `Symbol`. Plain Keras tensors are the only class registered by name.
"""

from __future__ import annotations

from typing import Any

import autoray
import keras
import numpy as np

from qeras.capture.arrays import FUNCTIONS, concrete
from qeras.capture.errors import value_is_read
from qeras.capture.questions import asked_for_bits
from qeras.capture.symbol import Symbol, TransformedSymbol, apply, as_symbol, unwrap


def _table_function(name: str) -> Any:
    return lambda *args, **kwargs: apply(name, *args, **kwargs)


def asarray(value: Any, dtype: Any = None, **_: Any) -> Symbol:
    """A tensor of symbols."""
    return as_symbol(value) if dtype is None else apply("cast", value, dtype)


def to_numpy(value: Any) -> np.ndarray:
    """The numbers of a symbol that is constant."""
    if asked_for_bits():
        return np.zeros(value.shape)
    values = concrete(unwrap(value))
    if values is None:
        raise value_is_read("the NumPy value (`qml.math.toarray`, `qml.math.unwrap`)")
    return values


def einsum(subscripts: str, *operands: Any, **_: Any) -> Any:
    """The sum of products, whatever order of contraction is asked for."""
    return apply("einsum", subscripts, *operands)


def coerce(values: Any) -> list[Symbol]:
    """All values as symbols."""
    return [as_symbol(value) for value in values]


def dtype_name(value: Any) -> str:
    """`float64` or `complex128`."""
    return as_symbol(value).dtype


_NOT_IN_THE_TABLE = {
    "asarray": asarray,
    "array": asarray,
    "astype": _table_function("cast"),
    "to_numpy": to_numpy,
    "einsum": einsum,
    "coerce": coerce,
    "get_dtype_name": dtype_name,
    "detach": as_symbol,
    "eye": np.eye,
    "zeros": np.zeros,
    "ones": np.ones,
    "full": np.full,
    "identity": np.identity,
    "arange": np.arange,
    "linspace": np.linspace,
}


def register() -> None:
    """Tell autoray about symbols and, once, about plain Keras tensors."""
    autoray.register_backend(Symbol, "qeras")
    autoray.register_backend(TransformedSymbol, "numpy")
    autoray.register_backend(keras.KerasTensor, "qeras")
    for name in FUNCTIONS:
        autoray.register_function("qeras", name, _table_function(name))
    for name, function in _NOT_IN_THE_TABLE.items():
        autoray.register_function("qeras", name, function)
