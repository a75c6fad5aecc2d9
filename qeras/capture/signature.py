"""The rules of a QNode's arguments: one takes the inputs, the others are weights."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

# Simulators of qubits, whose results the engine computes.
DEVICES = ("default.qubit", "lightning.qubit", "reference.qubit", "default.mixed")


def name_of(qnode: Any) -> str:
    """The name of the user's function."""
    return getattr(qnode.func, "__name__", type(qnode.func).__name__)


def shots_of(qnode: Any) -> tuple[int, ...]:
    """The QNode's numbers of shots; none for exact results."""
    return tuple(map(int, qnode.shots)) if qnode.shots else ()


def check_signature(
    qnode: Any, weight_shapes: Mapping[str, tuple[int, ...]], input_name: str = "inputs"
) -> None:
    """Check that the QNode's arguments are `input_name` and the keys of `weight_shapes`.

    A weight may have a default or come through `**kwargs`.

    Raises:
        TypeError: if the QNode has no argument for the inputs, or takes `*args` or
            positional-only arguments.
        ValueError: if a weight has no shape, a shape has no weight, or a shape is given
            for the inputs.
    """
    name = name_of(qnode)
    arguments = inspect.signature(qnode.func).parameters
    _check_kinds(name, arguments)
    takes_any = any(item.kind is item.VAR_KEYWORD for item in arguments.values())
    named = [key for key, item in arguments.items() if item.kind is not item.VAR_KEYWORD]
    if input_name not in named:
        raise TypeError(
            f"Expected {name!r} to have an argument named {input_name!r} for its inputs. "
            f"Received: arguments {named}. Rename one of them to {input_name!r}, or say which "
            "one takes the inputs by `input_arg=`."
        )
    if input_name in weight_shapes:
        raise ValueError(
            f"Expected weight_shapes of weights only; the shape of {input_name!r} comes from the "
            f"data. Received: weight_shapes[{input_name!r}]={weight_shapes[input_name]!r}. "
            "Remove it."
        )
    missing = [key for key in named if key not in weight_shapes and key != input_name]
    if missing:
        raise ValueError(
            f"Expected a shape for every argument of {name!r} but {input_name!r}. "
            f"Received: weight_shapes={dict(weight_shapes)}, without {missing}. "
            f"Add {', '.join(f'{key!r}: shape' for key in missing)}."
        )
    extra = [key for key in weight_shapes if key not in named]
    if extra and not takes_any:
        raise ValueError(
            f"Expected shapes of arguments of {name!r} only, which has {named}. "
            f"Received: weight_shapes={dict(weight_shapes)}, with {extra}. "
            f"Remove {', '.join(map(repr, extra))} or add an argument of that name."
        )


def _check_kinds(name: str, arguments: Mapping[str, inspect.Parameter]) -> None:
    for key, item in arguments.items():
        if item.kind is item.VAR_POSITIONAL:
            raise TypeError(
                f"Expected arguments of {name!r} that have names. Received: *{key}. "
                "Write one argument for each weight."
            )
        if item.kind is item.POSITIONAL_ONLY:
            raise TypeError(
                f"Expected arguments of {name!r} that can be passed by name. "
                f"Received: positional-only {key!r}. Remove the `/` of the signature."
            )
