"""Parameter programs against the plain evaluation of their expressions, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, Operation
from qeras.circuit.expressions import FUNCTIONS, Expression, call, constant, reference
from qeras.execution.context import Constants
from qeras.execution.parameters import evaluate_parameters
from qeras.plan.parameters import Requests, compile_parameters
from qeras.testing.random_circuits import ARGUMENTS, SAFE_CALLS, Parameters
from qeras.testing.reference import evaluate
from tests import backends

SHAPES = {"weights": (2, 2), "scale": ()}
X = [reference("inputs", index) for index in range(3)]
W = [reference("weights", index) for index in range(4)]
GENERATOR = np.random.default_rng(0)
INPUTS = GENERATOR.uniform(-2, 2, (5, 3))
WEIGHTS = {name: GENERATOR.uniform(-2, 2, shape) for name, shape in SHAPES.items()}


def run(shared: list[Expression], per_sample: list[Expression]) -> tuple[Any, Any]:
    """Values of expressions of weights, (slots,), and of inputs, (slots, batch)."""
    circuit = Circuit("circuit", (0,), 3, "inputs", SHAPES, (Operation("PauliX", (0,)),), ())
    program = compile_parameters(circuit, Requests(shared, [], []), Requests(per_sample, [], []))

    def values(inputs: Any, weights: Mapping[str, Any]) -> list[Any]:
        constants = Constants("float64")
        found, _ = evaluate_parameters(program, inputs, "inputs", weights, constants)
        assert (found.shared is None) == (not shared)
        assert (found.per_sample is None) == (not per_sample)
        return [value for value in (found.shared, found.per_sample) if value is not None]

    found = iter(backends.evaluate(values, INPUTS, WEIGHTS, "float64"))
    return next(found) if shared else None, next(found) if per_sample else None


def expected(roots: list[Expression]) -> np.ndarray:
    rows = [evaluate(roots, {"inputs": row, **WEIGHTS}) for row in INPUTS]
    return np.array(rows).T


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function(function: str) -> None:
    count = ARGUMENTS[function]
    shared = [SAFE_CALLS[function](*W[first : first + count]) for first in range(2)]
    mixed = [SAFE_CALLS[function](*[X[0], W[1], X[2]][:count]), SAFE_CALLS[function](*X[:count])]
    of_weights, of_inputs = run(shared, mixed)
    np.testing.assert_allclose(of_weights, expected(shared)[:, 0], atol=1e-14)
    np.testing.assert_allclose(of_inputs, expected(mixed), atol=1e-14)


@pytest.mark.parametrize("seed", range(10))
def test_many_at_once(seed: int) -> None:
    make = Parameters(np.random.default_rng(seed), {"weights": 4, "scale": 1})
    shared = [make.angle() for _ in range(40)]
    make = Parameters(np.random.default_rng(seed), {"inputs": 3, "weights": 4, "scale": 1})
    mixed = [make.angle() for _ in range(40)]
    of_weights, of_inputs = run(shared, mixed)
    np.testing.assert_allclose(of_weights, expected(shared)[:, 0], atol=1e-13)
    np.testing.assert_allclose(of_inputs, expected(mixed), atol=1e-13)


def test_integer_powers_of_negative_numbers() -> None:
    roots = [call("power", X[0], constant(power)) for power in (2.0, 3.0, -1.0)]
    np.testing.assert_allclose(run([], roots)[1], expected(roots), rtol=1e-13)


def test_constants_alone() -> None:
    of_weights, of_inputs = run([constant(0.5), constant(-1.0)], [constant(2.0)])
    np.testing.assert_array_equal(of_weights, [0.5, -1.0])
    np.testing.assert_array_equal(of_inputs, [[2.0] * 5])


def test_nothing_at_all() -> None:
    assert run([], []) == (None, None)


def test_a_sum_of_a_hundred_terms() -> None:
    total: Expression = X[0]
    for index in range(100):
        total = call("add", call("multiply", total, constant(0.5)), W[index % 4])
    np.testing.assert_allclose(run([], [total])[1], expected([total]), atol=1e-13)


@pytest.mark.parametrize("function", ["log", "sqrt", "arcsin", "arccosh"])
def test_outside_of_the_domain_is_nan(function: str) -> None:
    root = call(function, call("subtract", call("negative", call("square", X[0])), constant(3.0)))
    of_inputs = run([], [root])[1]
    assert of_inputs is not None
    assert np.isnan(of_inputs).all()
