"""Parameter expressions: real scalars made of constants, inputs and weights.

A gate's angle is an `Expression`. There are three kinds: a `Constant`, a
`Reference` to one entry of the flattened inputs of one sample or of a flattened
weight, and a `Call` of an allow-listed function on other expressions.

Expressions are interned: building the same expression twice gives the same
object, so they are compared and hashed by identity, whatever their depth.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any


class Expression:
    """A real scalar known when the circuit runs. Build one with `constant`,
    `reference` or `call`."""

    __slots__ = ("__weakref__",)

    def __copy__(self) -> Expression:
        return self

    def __deepcopy__(self, memo: Any) -> Expression:
        return self


class Constant(Expression):
    """A number."""

    __slots__ = ("value",)
    value: float

    def __repr__(self) -> str:
        return f"{self.value:.6g}"

    def __reduce__(self) -> Any:
        return constant, (self.value,)


class Reference(Expression):
    """Entry `index` of the flattened tensor named `source`."""

    __slots__ = ("index", "source")
    source: str
    index: int

    def __repr__(self) -> str:
        return f"{self.source}[{self.index}]"

    def __reduce__(self) -> Any:
        return reference, (self.source, self.index)


class Call(Expression):
    """The allow-listed `function` applied to `arguments`."""

    __slots__ = ("arguments", "function")
    function: str
    arguments: tuple[Expression, ...]

    def __repr__(self) -> str:
        return _shown(self, SHOWN_DEPTH)

    def __reduce__(self) -> Any:
        return call, (self.function, *self.arguments)


SHOWN_DEPTH = 6  # calls inside calls that are printed; shared ones would repeat without end


def _shown(node: Expression, depth: int) -> str:
    if not isinstance(node, Call):
        return repr(node)
    inside = (_shown(argument, depth - 1) for argument in node.arguments) if depth else ("...",)
    return f"{node.function}({', '.join(inside)})"


# name -> (number of arguments, value on Python floats, to fold constants)
FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "add": (2, lambda a, b: a + b),
    "subtract": (2, lambda a, b: a - b),
    "multiply": (2, lambda a, b: a * b),
    "divide": (2, lambda a, b: a / b),
    "power": (2, math.pow),
    "mod": (2, lambda a, b: a % b),
    "arctan2": (2, math.atan2),
    "minimum": (2, min),
    "maximum": (2, max),
    "negative": (1, lambda a: -a),
    "absolute": (1, abs),
    "sign": (1, lambda a: float((a > 0) - (a < 0))),
    "square": (1, lambda a: a * a),
    "sqrt": (1, math.sqrt),
    "exp": (1, math.exp),
    "log": (1, math.log),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tan": (1, math.tan),
    "arcsin": (1, math.asin),
    "arccos": (1, math.acos),
    "arctan": (1, math.atan),
    "sinh": (1, math.sinh),
    "cosh": (1, math.cosh),
    "tanh": (1, math.tanh),
    "arcsinh": (1, math.asinh),
    "arccosh": (1, math.acosh),
    "arctanh": (1, math.atanh),
    "floor": (1, lambda a: float(math.floor(a))),
    "ceil": (1, lambda a: float(math.ceil(a))),
    "round": (1, lambda a: float(round(a))),
    "erf": (1, math.erf),
    "sigmoid": (1, lambda a: 1 / (1 + math.exp(-a)) if a > -700 else 0.0),
    "relu": (1, lambda a: max(a, 0.0)),
    # Truth is 1.0 or 0.0.
    "greater": (2, lambda a, b: float(a > b)),
    "greater_equal": (2, lambda a, b: float(a >= b)),
    "less": (2, lambda a, b: float(a < b)),
    "less_equal": (2, lambda a, b: float(a <= b)),
    "equal": (2, lambda a, b: float(a == b)),
    "not_equal": (2, lambda a, b: float(a != b)),
    "where": (3, lambda condition, a, b: a if condition else b),
}

_interned: weakref.WeakValueDictionary[tuple, Expression] = weakref.WeakValueDictionary()


def constant(value: float) -> Constant:
    """The number `value` as an expression."""
    value = float(value)
    # repr keeps 0.0 and -0.0 apart and makes nan equal to itself.
    key = ("constant", repr(value))
    found = _interned.get(key)
    if found is None:
        found = Constant()
        found.value = value
        _interned[key] = found
    return found  # type: ignore[return-value]


def reference(source: str, index: int) -> Reference:
    """Entry `index` of the flattened tensor `source`."""
    key = ("reference", source, index)
    found = _interned.get(key)
    if found is None:
        found = Reference()
        found.source, found.index = source, int(index)
        _interned[key] = found
    return found  # type: ignore[return-value]


ZERO, ONE = constant(0.0), constant(1.0)


def call(function: str, *arguments: Expression) -> Expression:
    """`function` of `arguments`, with constants folded.

    Raises:
        ValueError: if `function` is not in `FUNCTIONS` or has another number of
            arguments.
    """
    if function not in FUNCTIONS:
        raise ValueError(
            f"Expected one of the functions {sorted(FUNCTIONS)}. Received: function={function!r}"
        )
    count, fold = FUNCTIONS[function]
    if len(arguments) != count:
        raise ValueError(
            f"Expected {count} arguments for {function!r}. Received: arguments={arguments}"
        )
    simpler = _simplify(function, arguments)
    if simpler is not None:
        return simpler
    if all(isinstance(a, Constant) for a in arguments):
        try:
            return constant(fold(*(a.value for a in arguments)))  # type: ignore[attr-defined]
        except (ArithmeticError, ValueError):
            return constant(math.nan)  # as the array libraries do: log(-1) is nan
    key = (function, *map(id, arguments))
    found = _interned.get(key)
    if found is None:
        found = Call()
        found.function, found.arguments = function, arguments
        _interned[key] = found
    return found


def _simplify(function: str, arguments: tuple[Expression, ...]) -> Expression | None:
    """Rules that hold for every finite value and keep nan and infinity visible."""
    if function == "add":
        if arguments[0] is ZERO:
            return arguments[1]
        if arguments[1] is ZERO:
            return arguments[0]
    elif function == "subtract" and arguments[1] is ZERO:
        return arguments[0]
    elif function in ("multiply", "divide") and arguments[1] is ONE:
        return arguments[0]
    elif function == "multiply" and arguments[0] is ONE:
        return arguments[1]
    elif function == "power" and arguments[1] is ONE:
        return arguments[0]
    elif function == "negative" and getattr(arguments[0], "function", None) == "negative":
        return arguments[0].arguments[0]  # type: ignore[attr-defined]
    return None


def topological(roots: Iterable[Expression]) -> Iterator[Expression]:
    """Every expression that `roots` are made of, once, arguments first."""
    seen: set[Expression] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, expanded = stack.pop()
        if node in seen:
            continue
        if expanded or not isinstance(node, Call):
            seen.add(node)
            yield node
        else:
            stack.append((node, True))
            stack.extend((argument, False) for argument in reversed(node.arguments))


def sources(roots: Iterable[Expression]) -> set[str]:
    """Names of the tensors that `roots` depend on."""
    return {node.source for node in topological(roots) if isinstance(node, Reference)}
