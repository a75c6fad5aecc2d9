"""Graphs of Keras operations as arrays of scalars.

`keras.ops.f(symbol)` gives a plain `keras.KerasTensor` that remembers how it was
made. Walking back that history gives its expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from qeras.capture.arrays import FUNCTIONS, Array, to_array
from qeras.capture.errors import CaptureError

# Keras class -> function of the table, for operations without settings.
_PLAIN = {
    "Absolute": "absolute",
    "Abs": "absolute",
    "Fabs": "absolute",
    "Add": "add",
    "Angle": "angle",
    "Arccos": "arccos",
    "Arccosh": "arccosh",
    "Arcsin": "arcsin",
    "Arcsinh": "arcsinh",
    "Arctan": "arctan",
    "Arctan2": "arctan2",
    "Arctanh": "arctanh",
    "Ceil": "ceil",
    "Conj": "conjugate",
    "Conjugate": "conjugate",
    "Copy": "copy",
    "Cos": "cos",
    "Cosh": "cosh",
    "Deg2rad": "deg2rad",
    "Divide": "divide",
    "Dot": "dot",
    "Equal": "equal",
    "Erf": "erf",
    "Exp": "exp",
    "Exp2": "exp2",
    "Expm1": "expm1",
    "Floor": "floor",
    "FloorDivide": "floor_divide",
    "Greater": "greater",
    "GreaterEqual": "greater_equal",
    "Hypot": "hypot",
    "Imag": "imag",
    "Inner": "inner",
    "Kron": "kron",
    "Less": "less",
    "LessEqual": "less_equal",
    "Log": "log",
    "Log10": "log10",
    "Log1p": "log1p",
    "Log2": "log2",
    "LogicalAnd": "logical_and",
    "LogicalNot": "logical_not",
    "LogicalOr": "logical_or",
    "LogicalXor": "logical_xor",
    "Matmul": "matmul",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Mod": "mod",
    "Multiply": "multiply",
    "Negative": "negative",
    "NotEqual": "not_equal",
    "OnesLike": "ones_like",
    "Outer": "outer",
    "Power": "power",
    "Rad2deg": "rad2deg",
    "Ravel": "ravel",
    "Real": "real",
    "Reciprocal": "reciprocal",
    "Relu": "relu",
    "Relu6": "relu6",
    "Rsqrt": "rsqrt",
    "Sigmoid": "sigmoid",
    "Sign": "sign",
    "Silu": "silu",
    "Sin": "sin",
    "Sinh": "sinh",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Sqrt": "sqrt",
    "Square": "square",
    "Subtract": "subtract",
    "Tan": "tan",
    "Tanh": "tanh",
    "TrueDivide": "divide",
    "Trunc": "trunc",
    "Vdot": "vdot",
    "Where": "where",
    "ZerosLike": "zeros_like",
}

# Keras class -> function of the table, and its settings as {attribute: keyword}.
_axis = {"axis": "axis"}
_reduce = {"axis": "axis", "keepdims": "keepdims"}
_WITH_SETTINGS: dict[str, tuple[str, Mapping[str, str]]] = {
    "Amax": ("max", _reduce),
    "Amin": ("min", _reduce),
    "Append": ("append", _axis),
    "Average": ("average", _axis),
    "BroadcastTo": ("broadcast_to", {"shape": "shape"}),
    "Clip": ("clip", {"x_min": "a_min", "x_max": "a_max"}),
    "Cumsum": ("cumsum", _axis),
    "Diag": ("diag", {"k": "k"}),
    "Diagonal": ("diagonal", {"offset": "offset", "axis1": "axis1", "axis2": "axis2"}),
    "Diff": ("diff", {"n": "n", "axis": "axis"}),
    "Elu": ("elu", {"alpha": "alpha"}),
    "ExpandDims": ("expand_dims", _axis),
    "Flip": ("flip", _axis),
    "Gelu": ("gelu", {"approximate": "approximate"}),
    "Isclose": ("isclose", {}),
    "LeakyRelu": ("leaky_relu", {"negative_slope": "negative_slope"}),
    "Logsumexp": ("logsumexp", _reduce),
    "Max": ("max", _reduce),
    "Mean": ("mean", _reduce),
    "Min": ("min", _reduce),
    "Moveaxis": ("moveaxis", {"source": "source", "destination": "destination"}),
    "Norm": ("norm", {"ord": "ord", **_reduce}),
    "Prod": ("prod", _reduce),
    "Repeat": ("repeat", {"repeats": "repeats", "axis": "axis"}),
    "Reshape": ("reshape", {"newshape": "shape"}),
    "Roll": ("roll", {"shift": "shift", "axis": "axis"}),
    "Round": ("round", {"decimals": "decimals"}),
    "Softmax": ("softmax", _axis),
    "Split": ("split", {"indices_or_sections": "indices_or_sections", "axis": "axis"}),
    "Squeeze": ("squeeze", _axis),
    "Std": ("std", _reduce),
    "Sum": ("sum", _reduce),
    "Swapaxes": ("swapaxes", {"axis1": "axis1", "axis2": "axis2"}),
    "Take": ("take", _axis),
    "Tensordot": ("tensordot", {"axes": "axes"}),
    "Tile": ("tile", {"repeats": "reps"}),
    "Trace": ("trace", {"offset": "offset", "axis1": "axis1", "axis2": "axis2"}),
    "Transpose": ("transpose", {"axes": "axes"}),
    "Tril": ("tril", {"k": "k"}),
    "Triu": ("triu", {"k": "k"}),
    "Unstack": ("unstack", {"num": "num", "axis": "axis"}),
    "Var": ("var", _reduce),
    # of a list of tensors
    "Concatenate": ("concatenate", _axis),
    "Hstack": ("hstack", {}),
    "Stack": ("stack", _axis),
    "Vstack": ("vstack", {}),
}

# Keras class -> function of the operation and its arguments.
_SPECIAL: dict[str, Callable[..., Any]] = {
    "Cast": lambda operation, x: FUNCTIONS["cast"](x, operation.dtype),
    "ConvertToTensor": lambda operation, x: to_array(x),
    "Einsum": lambda operation, *xs: FUNCTIONS["einsum"](operation.subscripts, *xs),
    "FullLike": lambda operation, x, value: FUNCTIONS["full_like"](x, value),
    "GetItem": lambda operation, x, key: x[tuple(key) if isinstance(key, list) else key],
    "StopGradient": lambda operation, x: _no_gradient(),
}


def _no_gradient() -> Array:
    raise CaptureError(
        "Expected parameters that gradients flow through. Received: `keras.ops.stop_gradient`. "
        "Freeze a weight by `weight_specs={name: {'trainable': False}}`."
    )


def lift(tensor: keras.KerasTensor) -> Array:
    """The entries of a symbol, or of what Keras operations made of symbols.

    Raises:
        CaptureError: for a Keras operation or layer that is not in the tables above.
    """
    known: dict[int, Array] = {}
    pending = [tensor]
    while pending:
        current = pending[-1]
        if id(current) in known or hasattr(current, "scalars"):
            pending.pop()
            continue
        node = _origin(current)
        missing = [
            source
            for source in node.arguments.keras_tensors
            if id(source) not in known and not hasattr(source, "scalars")
        ]
        if missing:
            pending.extend(missing)
            continue
        _evaluate(node, known)
    return _entries(tensor, known)


def _origin(tensor: keras.KerasTensor) -> Any:
    history = getattr(tensor, "_keras_history", None)
    if history is None or history.operation is None:
        raise CaptureError(
            f"Expected a tensor made of inputs and weights of the QNode. Received: {tensor!r}"
        )
    return history.operation._inbound_nodes[history.node_index]


def _entries(value: Any, known: Mapping[int, Array]) -> Any:
    if isinstance(value, keras.KerasTensor):
        return value.scalars if hasattr(value, "scalars") else known[id(value)]
    if isinstance(value, list | tuple):
        return type(value)(_entries(item, known) for item in value)
    return value


def _evaluate(node: Any, known: dict[int, Array]) -> None:
    """Put the outputs of one operation into `known`."""
    args = [_entries(arg, known) for arg in node.arguments.args]
    kwargs = {key: _entries(value, known) for key, value in node.arguments.kwargs.items()}
    result = _function(node.operation)(*args, **kwargs)
    results = result if isinstance(result, list) else [result]
    for output, entries in zip(node.outputs, results, strict=True):
        known[id(output)] = to_array(entries)


def _function(operation: Any) -> Callable[..., Any]:
    name = type(operation).__name__
    if type(operation).__module__.startswith("keras."):
        if name in _PLAIN:
            return FUNCTIONS[_PLAIN[name]]
        if name in _WITH_SETTINGS:
            function, settings = _WITH_SETTINGS[name]
            given = {key: getattr(operation, attribute) for attribute, key in settings.items()}
            return lambda *args, **kwargs: FUNCTIONS[function](*args, **kwargs, **given)
        if name in _SPECIAL:
            return lambda *args, **kwargs: _SPECIAL[name](operation, *args, **kwargs)
    supported = sorted({*_PLAIN, *_WITH_SETTINGS, *_SPECIAL} - {"StopGradient"})
    raise CaptureError(
        f"Expected a Keras operation that can be captured. Received: {name}. "
        f"Supported are: {', '.join(supported)}"
    )
