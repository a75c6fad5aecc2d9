"""Expressions: interned, folded, of any depth."""

from __future__ import annotations

import copy
import math
import pickle

import pytest

from qeras.circuit.expressions import (
    FUNCTIONS,
    ONE,
    ZERO,
    Constant,
    Expression,
    call,
    constant,
    reference,
    sources,
    topological,
)

X, W = reference("inputs", 0), reference("weights", 3)


def test_equal_expressions_are_one_object() -> None:
    assert call("sin", call("add", X, W)) is call("sin", call("add", X, W))
    assert constant(2) is constant(2.0)
    assert constant(0.0) is not constant(-0.0)
    assert constant(math.nan) is constant(math.nan)
    assert reference("inputs", 1) is not X


def test_copies_and_pickles_are_the_same_object() -> None:
    expression = call("multiply", X, call("cos", W))
    assert copy.deepcopy(expression) is expression
    assert copy.copy(expression) is expression
    assert pickle.loads(pickle.dumps(expression)) is expression


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_constants_fold(function: str) -> None:
    count, fold = FUNCTIONS[function]
    values = [1.5, 0.5, 2.0][:count] if function != "arctanh" else [0.5]
    if function in ("arcsin", "arccos"):
        values = [0.5]
    found = call(function, *map(constant, values))
    assert isinstance(found, Constant)
    assert found.value == fold(*values)


def test_what_has_no_value_folds_to_nan() -> None:
    found = call("log", constant(-1.0))
    assert isinstance(found, Constant)
    assert math.isnan(found.value)


def test_neutral_elements_go() -> None:
    assert call("add", X, ZERO) is X
    assert call("add", ZERO, X) is X
    assert call("subtract", X, ZERO) is X
    assert call("multiply", ONE, X) is X
    assert call("divide", X, ONE) is X
    assert call("power", X, ONE) is X
    assert call("negative", call("negative", X)) is X


def test_zero_times_a_value_stays() -> None:
    """It is nan where the value is nan or infinite."""
    assert not isinstance(call("multiply", ZERO, X), Constant)


def test_a_deep_chain_is_walked_without_recursion() -> None:
    expression: Expression = X
    for _ in range(10_000):
        expression = call("sin", expression)
    nodes = list(topological([expression]))
    assert len(nodes) == 10_001
    assert nodes[0] is X
    assert nodes[-1] is expression


def test_sources() -> None:
    assert sources([call("add", X, constant(1.0)), W]) == {"inputs", "weights"}


def test_unknown_function() -> None:
    with pytest.raises(ValueError, match=r"Expected one of the functions .*'sin'.*function='fly'"):
        call("fly", X)


def test_wrong_number_of_arguments() -> None:
    with pytest.raises(ValueError, match=r"Expected 1 arguments for 'sin'. Received: arguments="):
        call("sin", X, W)
