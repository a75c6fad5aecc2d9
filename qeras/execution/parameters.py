"""Inputs and weights -> angles and entries, by the plan's two programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.exponentials import exponentiated
from qeras.execution.steps import Parameters
from qeras.plan.parameters import SHARED_VALUES, ParameterProgram, Program, Rows


class Coefficients(NamedTuple):
    """Coefficients of observables that are not constant; None where there are none.

    `shared` is (slots,), `per_sample` (slots, batch)."""

    shared: Tensor | None
    per_sample: Tensor | None


_SPECIAL: dict[str, Callable[..., Tensor]] = {
    "where": lambda condition, a, b: arrays.where(condition != 0, a, b),
}
_TRUTH = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")


def evaluate_parameters(
    program: ParameterProgram,
    inputs: Tensor,
    input_name: str,
    weights: Mapping[str, Tensor],
    constants: Constants,
) -> tuple[Parameters, Coefficients]:
    """Everything that the run takes from inputs and weights.

    Args:
        program: from the plan.
        inputs: (batch, features).
        input_name: name of the inputs in references.
        weights: by name, of any shape.
        constants: gives the dtype.
    """
    flat = {name: arrays.reshape(weight, (-1,)) for name, weight in weights.items()}
    angles, entries, coefficients, values = _run(program.shared, flat, constants)
    entries = exponentiated(program.shared_exponents, entries, constants)
    columns = {input_name: arrays.transpose(inputs)}
    if values is not None:
        # One column for each sample; zeros of the inputs' own make the batch size.
        columns[SHARED_VALUES] = values[:, None] + arrays.zeros_like(columns[input_name][:1])
    own_angles, own_entries, own_coefficients = _run(program.per_sample, columns, constants)
    own_entries = exponentiated(program.per_sample_exponents, own_entries, constants)
    return (
        Parameters(angles, own_angles, entries, own_entries),
        Coefficients(coefficients, own_coefficients),
    )


def _run(
    program: Program, tensors: Mapping[str, Tensor], constants: Constants
) -> list[Tensor | None]:
    if all(root is None for root in program.roots):
        return [None] * len(program.roots)
    pool = _start(program, tensors, constants)
    for step in program.steps:
        arguments = [_rows(pool, rows, constants) for rows in step.arguments]
        value = _apply(step.function, arguments, constants.dtype)
        pool = value if pool is None else arrays.concatenate([pool, value], axis=0)
    return [
        None if rows is None else _root(pool, rows, scale, offset, constants)
        for rows, scale, offset in zip(program.roots, program.scale, program.offset, strict=True)
    ]


def _start(program: Program, tensors: Mapping[str, Tensor], constants: Constants) -> Tensor:
    parts = []
    for name, indices in program.tensors:
        tensor = tensors[name]
        parts.append(tensor if indices is None else arrays.gather(tensor, constants.index(indices)))
    if len(program.constants):
        column = constants.real(program.constants)
        if column.ndim == 2:
            column = column + arrays.zeros_like(next(iter(tensors.values()))[:1])
        parts.append(column)
    return parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=0)


def _rows(pool: Tensor, rows: Rows, constants: Constants) -> Tensor:
    if isinstance(rows, slice):
        return pool if rows.stop - rows.start == pool.shape[0] else pool[rows]
    return arrays.gather(pool, constants.index(rows))


def _apply(function: str, arguments: list[Tensor], dtype: str) -> Tensor:
    if function in _SPECIAL:
        return _SPECIAL[function](*arguments)
    value = arrays.function(function)(*arguments)
    return ops.cast(value, dtype) if function in _TRUTH else value


def _root(
    pool: Tensor,
    rows: Rows,
    scale: np.ndarray | None,
    offset: np.ndarray | None,
    constants: Constants,
) -> Tensor:
    value = _rows(pool, rows, constants)
    if scale is not None:
        value = value * constants.real(scale)
    if offset is not None:
        value = value + constants.real(offset)
    return value
