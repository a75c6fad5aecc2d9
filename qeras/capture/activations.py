"""Activation functions, made of the functions of the table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from qeras.capture.arrays import FUNCTIONS, Array, define, to_array


def _of(name: str, *args: Any, **kwargs: Any) -> Any:
    return FUNCTIONS[name](*args, **kwargs)


@define("softplus")
def softplus(x: Any) -> Array:
    """log(1 + exp(x)), without overflow."""
    return _of("relu", x) + _of("log1p", _of("exp", -_of("absolute", x)))


@define("softsign")
def softsign(x: Any) -> Array:
    """x / (1 + |x|)."""
    return to_array(x) / (_of("absolute", x) + 1.0)


@define("silu", "swish")
def silu(x: Any) -> Array:
    """x sigmoid(x)."""
    return to_array(x) * _of("sigmoid", x)


@define("relu6")
def relu6(x: Any) -> Array:
    """x limited to [0, 6]."""
    return _of("clip", x, 0.0, 6.0)


@define("leaky_relu")
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Array:
    """x where it is positive, else `negative_slope` x."""
    return _of("relu", x) - _of("relu", -to_array(x)) * negative_slope


@define("elu")
def elu(x: Any, alpha: float = 1.0) -> Array:
    """x where it is positive, else `alpha` (exp(x) - 1)."""
    below = _of("expm1", _of("minimum", x, 0.0)) * alpha
    return _of("where", _of("greater", x, 0.0), x, below)


@define("gelu")
def gelu(x: Any, approximate: bool = True) -> Array:
    """x times the normal distribution function of x."""
    x = to_array(x)
    if approximate:
        inner = (x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)
        return x * (_of("tanh", inner) + 1.0) * 0.5
    return x * (_of("erf", x / math.sqrt(2)) + 1.0) * 0.5


@define("logsumexp")
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Array:
    """log(sum(exp(x))), without overflow."""
    peak = _of("max", x, axis=axis, keepdims=True)
    total = _of("sum", _of("exp", to_array(x) - peak), axis=axis, keepdims=True)
    result = _of("log", total) + peak
    return result if keepdims else np.squeeze(to_array(result), axis=axis)


@define("softmax")
def softmax(x: Any, axis: int = -1) -> Array:
    """exp(x) divided by its sum along an axis."""
    powers = _of("exp", to_array(x) - _of("max", x, axis=axis, keepdims=True))
    return powers / _of("sum", powers, axis=axis, keepdims=True)


@define("rsqrt")
def rsqrt(x: Any) -> Array:
    """1 / sqrt(x)."""
    return _of("reciprocal", _of("sqrt", x))
