"""Inputs and weights -> angles and entries, by the plan's two programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.exponentials import exponentiated
from qeras.execution.steps import Parameters
from qeras.plan.parameters import SHARED_VALUES, ParameterProgram, Program, Rows, Selection


class Coefficients(NamedTuple):
    """Coefficients of observables that are not constant; None where there are none.

    `shared` is (slots,), `per_sample` (slots, batch)."""

    shared: Tensor | None
    per_sample: Tensor | None


_SPECIAL: dict[str, Callable[..., Tensor]] = {
    "where": lambda condition, a, b: arrays.where(condition != 0, a, b),
}
_TRUTH = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")


class Pools(NamedTuple):
    """What angles, entries and coefficients are read from; None where nothing is.

    `shared` is (rows,), `per_sample` (rows, batch)."""

    shared: Tensor | None
    per_sample: Tensor | None


def evaluate_parameters(
    program: ParameterProgram,
    inputs: Tensor,
    input_name: str,
    weights: Mapping[str, Tensor],
    constants: Constants,
) -> tuple[Parameters, Coefficients]:
    """Everything that the run takes from inputs and weights; arguments as of `pools_of`."""
    pools = pools_of(program, inputs, input_name, weights, constants)
    entries, coefficients = others_of(program, pools, constants)
    return Parameters(*angles_of(program, pools, constants), *entries), coefficients


def pools_of(
    program: ParameterProgram,
    inputs: Tensor,
    input_name: str,
    weights: Mapping[str, Tensor],
    constants: Constants,
) -> Pools:
    """The pools of both programs.

    Args:
        program: from the plan.
        inputs: (batch, features).
        input_name: name of the inputs in references.
        weights: by name, of any shape.
        constants: gives the dtype.
    """
    flat = {name: arrays.reshape(weight, (-1,)) for name, weight in weights.items()}
    shared = _pool(program.shared, flat, constants)
    values = selected(program.shared.values, shared, constants)
    columns = {input_name: arrays.transpose(inputs)}
    if values is not None:
        # One column for each sample; zeros of the inputs' own make the batch size.
        columns[SHARED_VALUES] = values[:, None] + arrays.zeros_like(columns[input_name][:1])
    return Pools(shared, _pool(program.per_sample, columns, constants))


def others_of(
    program: ParameterProgram, pools: Pools, constants: Constants
) -> tuple[list[Tensor | None], Coefficients]:
    """Entries, shared and per sample, and coefficients."""
    entries = [
        exponentiated(exponents, selected(part.entries, pool, constants), constants)
        for (part, pool), exponents in zip(
            _parts(program, pools),
            (program.shared_exponents, program.per_sample_exponents),
            strict=True,
        )
    ]
    coefficients = (
        selected(part.coefficients, pool, constants) for part, pool in _parts(program, pools)
    )
    return entries, Coefficients(*coefficients)


def angles_of(program: ParameterProgram, pools: Pools, constants: Constants) -> list[Tensor | None]:
    """Angles, shared and per sample."""
    return [selected(part.angles, pool, constants) for part, pool in _parts(program, pools)]


def pools_gradient(
    program: ParameterProgram, gradients: Parameters, constants: Constants
) -> Parameters:
    """Gradients of the pools in place of those of the angles."""
    angles = Pools(gradients.shared, gradients.per_sample)
    shared, per_sample = (
        None if part.angles is None else selected_backward(part.angles, own, constants)
        for part, own in _parts(program, angles)
    )
    return gradients._replace(shared=shared, per_sample=per_sample)


def _parts(program: ParameterProgram, pools: Pools) -> list[tuple[Program, Tensor | None]]:
    return list(zip((program.shared, program.per_sample), pools, strict=True))


def selected(
    selection: Selection | None, pool: Tensor | None, constants: Constants
) -> Tensor | None:
    """The numbers of the selection; None without one."""
    if selection is None:
        return None
    value = _rows(pool, selection.rows, constants)
    if selection.scale is not None:
        value = value * constants.real(selection.scale)
    if selection.offset is not None:
        value = value + constants.real(selection.offset)
    return value


def selected_backward(selection: Selection, gradient: Tensor, constants: Constants) -> Tensor:
    """Gradient of the pool from that of the numbers: what each row was read for, with no row
    added to twice."""
    if selection.is_pool:
        return gradient
    found = arrays.gather(gradient, constants.index(selection.back))
    if selection.back_scale is not None:
        found = found * constants.real(selection.back_scale)
    rows, most = selection.uses.shape
    if most == 1:
        return found
    # A batch that a graph does not know yet is what remains.
    columns = (-1,) * (len(found.shape) - 1)
    return arrays.sum(arrays.reshape(found, (rows, most, *columns)), axis=1)


def _pool(program: Program, tensors: Mapping[str, Tensor], constants: Constants) -> Tensor | None:
    """None where nothing is read from it."""
    if all(root is None for root in program.roots):
        return None
    pool = _start(program, tensors, constants)
    for step in program.steps:
        arguments = [_rows(pool, rows, constants) for rows in step.arguments]
        value = _apply(step.function, arguments, constants.dtype)
        pool = value if pool is None else arrays.concatenate([pool, value], axis=0)
    return pool


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
