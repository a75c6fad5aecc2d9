"""Numbers read from a pool, and their gradients, against the matrix that says the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import ops

from qeras.circuit.circuit import Circuit, Operation
from qeras.circuit.expressions import constant, reference
from qeras.execution.context import Constants
from qeras.execution.parameters import selected, selected_backward
from qeras.plan.parameters import Requests, Rows, Selection, compile_parameters

POOL = 5
NUMBERS = st.lists(
    st.tuples(st.integers(0, POOL - 1), st.sampled_from((0.0, 1.0, -0.5)), st.floats(-3, 3)),
    min_size=1,
    max_size=12,
)


def selection(
    rows: Rows, scale: list[float] | None, offset: list[float] | None, samples: bool
) -> Selection:
    shape = (-1, 1) if samples else (-1,)
    factors, summands = (
        None if one is None else np.array(one).reshape(shape) for one in (scale, offset)
    )
    return Selection(rows, factors, summands, POOL, shape)


def check(own: Selection, samples: bool) -> None:
    generator = np.random.default_rng(0)
    columns = (3,) if samples else ()
    pool = generator.normal(size=(POOL, *columns)).astype("float32")
    rows = np.arange(POOL)[own.rows]
    scale = np.ones(len(rows)) if own.scale is None else own.scale.reshape(-1)
    matrix = scale[:, None] * np.eye(POOL)[rows]
    gradient = generator.normal(size=(len(rows), *columns)).astype("float32")
    constants = Constants("float32")
    found = ops.convert_to_numpy(selected(own, ops.convert_to_tensor(pool), constants))
    expected = matrix @ pool + (0.0 if own.offset is None else own.offset)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    back = selected_backward(own, ops.convert_to_tensor(gradient), constants)
    np.testing.assert_allclose(ops.convert_to_numpy(back), matrix.T @ gradient, atol=1e-5)


@given(NUMBERS, st.booleans(), st.booleans(), st.booleans())
def test_any_rows(numbers: list, samples: bool, has_scale: bool, has_offset: bool) -> None:
    rows, scale, offset = map(list, zip(*numbers, strict=True))
    own = selection(
        np.array(rows), scale if has_scale else None, offset if has_offset else None, samples
    )
    check(own, samples)


@pytest.mark.parametrize("samples", [False, True])
@pytest.mark.parametrize("rows", [slice(0, POOL), slice(1, 4), np.arange(POOL)[::-1].copy()])
def test_rows_that_are_read_once(rows: Rows, samples: bool) -> None:
    check(selection(rows, None, None, samples), samples)


def test_the_pool_itself_is_not_copied() -> None:
    own = selection(slice(0, POOL), None, None, False)
    gradient = ops.convert_to_tensor(np.ones(POOL, "float32"))
    assert own.is_pool
    assert selected_backward(own, gradient, Constants("float32")) is gradient


def test_nothing_is_selected() -> None:
    assert selected(None, None, Constants("float32")) is None


def test_a_row_of_constants_reads_what_others_read() -> None:
    """So that the pool is the weights themselves, without a number more."""
    circuit = Circuit("c", (0,), 1, "inputs", {"w": (2,)}, (Operation("PauliX", (0,)),), ())
    angles = [reference("w", 0), constant(0.7), reference("w", 1)]
    program = compile_parameters(circuit, Requests(angles, [], []), Requests([], [], []))
    assert len(program.shared.constants) == 0
    assert program.shared.angles is not None
    assert program.shared.angles.pool == 2
    found = selected(
        program.shared.angles,
        ops.convert_to_tensor(np.array([1.0, 2.0], "float32")),
        Constants("float32"),
    )
    np.testing.assert_allclose(ops.convert_to_numpy(found), [1.0, 0.7, 2.0], rtol=1e-6)
