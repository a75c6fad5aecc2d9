"""Functions applied to each entry."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from qeras.capture import scalar as sc
from qeras.capture.arrays import FUNCTIONS, Array, define, elementwise, to_array
from qeras.capture.errors import value_is_read
from qeras.capture.scalar import Scalar, as_scalar, real_function

_REAL_UNARY = (
    "sign sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh "
    "floor ceil erf sigmoid relu"
).split()
_REAL_BINARY = (
    "mod arctan2 minimum maximum greater greater_equal less less_equal not_equal"
).split()
_ALIASES = {
    "remainder": "mod",
    "true_divide": "divide",
    "abs": "absolute",
    "fabs": "absolute",
    "pow": "power",
    "float_power": "power",
    "conj": "conjugate",
    "fmin": "minimum",
    "fmax": "maximum",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "round": "rint",
    "around": "rint",
    "fix": "trunc",
    "expit": "sigmoid",
}


def _elementwise_table() -> dict[str, Callable[..., Array]]:
    table = {name: elementwise(real_function(name), 1) for name in _REAL_UNARY}
    table |= {name: elementwise(real_function(name), 2) for name in _REAL_BINARY}
    unary = {
        "negative": Scalar.__neg__,
        "positive": lambda z: z,
        "absolute": sc.absolute,
        "square": sc.square,
        "sqrt": sc.sqrt,
        "exp": sc.exp,
        "log": sc.log,
        "conjugate": sc.conjugate,
        "real": sc.real,
        "imag": sc.imag,
        "angle": sc.angle,
        "reciprocal": lambda z: 1.0 / z,
        "exp2": lambda z: sc.exp(z * math.log(2)),
        "expm1": lambda z: sc.exp(z) - 1.0,
        "log1p": lambda z: sc.log(z + 1.0),
        "log2": lambda z: sc.log(z) / math.log(2),
        "log10": lambda z: sc.log(z) / math.log(10),
        "deg2rad": lambda z: z * (math.pi / 180),
        "radians": lambda z: z * (math.pi / 180),
        "rad2deg": lambda z: z * (180 / math.pi),
        "degrees": lambda z: z * (180 / math.pi),
        "logical_not": lambda z: sc.equal(z, as_scalar(0)),
    }
    binary = {
        "add": Scalar.__add__,
        "subtract": Scalar.__sub__,
        "multiply": Scalar.__mul__,
        "divide": Scalar.__truediv__,
        "power": sc.power,
        "equal": sc.equal,
        "logical_and": lambda a, b: sc.truth(a) * sc.truth(b),
    }
    table |= {name: elementwise(function, 1) for name, function in unary.items()}
    table |= {name: elementwise(function, 2) for name, function in binary.items()}
    return table


FUNCTIONS.update(_elementwise_table())
_round = elementwise(real_function("round"), 1)
_where = elementwise(sc.where, 3)


@define("rint")
def rint(array: Any, decimals: int = 0) -> Array:
    """Round half to even, to `decimals`."""
    scale = 10.0**decimals
    return _round(to_array(array) * scale) / scale if decimals else _round(array)


@define("trunc")
def trunc(array: Any) -> Array:
    """The integer part."""
    return FUNCTIONS["sign"](array) * FUNCTIONS["floor"](FUNCTIONS["absolute"](array))


@define("cast")
def cast(array: Any, dtype: Any) -> Array:
    """The entries as another type: expressions have none, but a real number loses its
    imaginary part and an integer its fraction."""
    name = dtype if isinstance(dtype, str) else np.dtype(dtype).name
    if "complex" in name:
        return to_array(array)
    if "int" in name:
        return trunc(array)
    if "bool" in name:
        return FUNCTIONS["not_equal"](array, 0.0)
    return FUNCTIONS["real"](array)


@define("floor_divide")
def floor_divide(a: Any, b: Any) -> Array:
    """The floor of the quotient."""
    return FUNCTIONS["floor"](to_array(a) / to_array(b))


@define("hypot")
def hypot(a: Any, b: Any) -> Array:
    """The length of the vectors (a, b)."""
    square = FUNCTIONS["square"]
    return FUNCTIONS["sqrt"](square(a) + square(b))


@define("logical_or")
def logical_or(a: Any, b: Any) -> Array:
    """1 where one of both is not zero, else 0."""
    either = np.frompyfunc(lambda x, y: sc.truth(sc.truth(x) + sc.truth(y)), 2, 1)
    return to_array(either(to_array(a), to_array(b)))


@define("logical_xor")
def logical_xor(a: Any, b: Any) -> Array:
    """1 where exactly one of both is not zero, else 0."""
    differ = np.frompyfunc(lambda x, y: sc.truth(sc.truth(x) - sc.truth(y)), 2, 1)
    return to_array(differ(to_array(a), to_array(b)))


@define("isclose")
def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Array:
    """1 where |a - b| <= atol + rtol |b|, else 0."""
    absolute = FUNCTIONS["absolute"]
    bound = absolute(b) * rtol + atol
    return FUNCTIONS["less_equal"](absolute(to_array(a) - to_array(b)), bound)


@define("where")
def where(condition: Any, x: Any = None, y: Any = None) -> Array:
    """`x` where the condition holds, else `y`."""
    if x is None or y is None:
        raise value_is_read("`where(condition)` without values, which finds the places,")
    return _where(condition, x, y)


@define("clip")
def clip(array: Any, a_min: Any = None, a_max: Any = None, **bounds: Any) -> Array:
    """Limit the values to [a_min, a_max]."""
    low, high = bounds.get("min", a_min), bounds.get("max", a_max)
    result = to_array(array)
    if low is not None:
        result = FUNCTIONS["maximum"](result, low)
    return result if high is None else FUNCTIONS["minimum"](result, high)


FUNCTIONS.update({alias: FUNCTIONS[name] for alias, name in _ALIASES.items()})
