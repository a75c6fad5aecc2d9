"""Multiply by exp(i phase), the phase a sum of terms shared by the batch or per sample."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import NamedTuple

from qeras.backend import arrays
from qeras.execution.context import Constants, Tensor
from qeras.execution.sheets import Sheets, from_parts, multiply_conjugate, parts
from qeras.plan.moves import ApplyPhase, PhaseTable, PhaseTerms


class TermOperands(NamedTuple):
    """Numbers of one `PhaseTerms`: its angles (slots, columns), and indices or None."""

    angles: Tensor
    source: Tensor | None
    inverse: Tensor | None


def rotation(move: ApplyPhase, operands: Sequence[TermOperands], constants: Constants) -> Sheets:
    """What the state is multiplied by, (2**width, 1) if it is shared, else (2**width, batch)."""
    terms = (*move.shared, *move.per_sample)
    pairs = zip(terms, operands, strict=True)
    phase = reduce(add, (_phase(*pair, constants) for pair in pairs))
    return arrays.computed_once(from_parts(arrays.cos(phase), arrays.sin(phase)))


class Factors(NamedTuple):
    """exp(i phase) of a move, known before it runs."""

    sheets: Sheets


def is_stackable(move: ApplyPhase) -> bool:
    """Whether the phases of moves alike are found all at once."""
    return all(terms.source is None for terms in (*move.shared, *move.per_sample))


def stacked_rotation(
    move: ApplyPhase, operands: Sequence[TermOperands], constants: Constants
) -> Sheets:
    """`rotation` of moves alike, (moves, 2**width, columns), from angles (moves, slots,
    columns): to one GEMM the moves are more columns."""
    terms = (*move.shared, *move.per_sample)
    pairs = zip(terms, operands, strict=True)
    phase = reduce(add, (_stacked_phase(one, own.angles, constants) for one, own in pairs))
    return from_parts(arrays.cos(phase), arrays.sin(phase))


def stacked_angle_gradients(
    move: ApplyPhase, gradient: Tensor, constants: Constants
) -> tuple[Tensor, ...]:
    """`angle_gradients` of moves alike, each (moves, slots, columns), from their phases'
    gradients (moves, 2**width, batch)."""
    found = []
    if move.shared:
        column = arrays.sum(gradient, axis=2, keepdims=True)
        found += [_stacked_backward(terms, column, constants) for terms in move.shared]
    found += [_stacked_backward(terms, gradient, constants) for terms in move.per_sample]
    return tuple(found)


def _stacked_phase(terms: PhaseTerms, angles: Tensor, constants: Constants) -> Tensor:
    moves, slots, _ = angles.shape
    flat = arrays.reshape(arrays.swapaxes(angles, 0, 1), (slots, -1))
    phase = _phase(terms, TermOperands(flat, None, None), constants)
    return arrays.swapaxes(arrays.reshape(phase, (phase.shape[0], moves, -1)), 0, 1)


def _stacked_backward(terms: PhaseTerms, gradient: Tensor, constants: Constants) -> Tensor:
    moves, rows, _ = gradient.shape
    flat = arrays.reshape(arrays.swapaxes(gradient, 0, 1), (rows, -1))
    own = _phase_backward(terms, TermOperands(flat, None, None), flat, constants)
    return arrays.swapaxes(arrays.reshape(own, (terms.slots, moves, -1)), 0, 1)


def table_rotations(table: PhaseTable, angles: Tensor, constants: Constants) -> list[Sheets]:
    """The factors of each phase of the table, (2**width, 1), from all shared angles."""
    phases = len(table.generators)
    own = arrays.reshape(angles[table.start : table.start + table.slots], (phases, -1, 1))
    phase = arrays.times_few(constants.real(table.generators), own)
    factors = arrays.computed_once(from_parts(arrays.cos(phase), arrays.sin(phase)))
    return list(zip(*map(arrays.unstack, factors), strict=True))


def table_gradients(table: PhaseTable, gradients: Sequence[Tensor], constants: Constants) -> Tensor:
    """Gradients of the table's angles, (slots,), from those of its phases, (2**width, 1)."""
    generators = constants.real(table.generators_transposed)
    own = arrays.times_few(generators, arrays.stack(gradients, axis=0))
    return arrays.reshape(own, (-1,))


def phase_gradient(state: Sheets, cotangent: Sheets) -> Tensor:
    """Derivative by the phase of each amplitude, (2**width, batch), from state and cotangent,
    both before or both after it: d/dphase (re, im) = (-im, re)."""
    return parts(multiply_conjugate(cotangent, state))[1]


def angle_gradients(
    move: ApplyPhase, operands: Sequence[TermOperands], gradient: Tensor, constants: Constants
) -> tuple[Tensor, ...]:
    """Gradients of each `PhaseTerms`' angles, (slots, 1) if shared, else (slots, batch)."""
    column = arrays.sum(gradient, axis=1, keepdims=True) if move.shared else gradient
    count = len(move.shared)
    terms = (*move.shared, *move.per_sample)
    return tuple(
        _phase_backward(one, own, column if index < count else gradient, constants)
        for index, (one, own) in enumerate(zip(terms, operands, strict=True))
    )


def _phase(terms: PhaseTerms, operands: TermOperands, constants: Constants) -> Tensor:
    """(2**width, columns) from angles (slots, columns)."""
    own = operands.angles
    if terms.angle is not None:
        own = arrays.gather(own, constants.index(terms.angle))
    if terms.right.shape[0] > 1:
        count = terms.right.shape[1]
        own = constants.real(terms.right_transposed)[:, :, None] * own[:, None, :]
        own = arrays.reshape(own, (count, -1))
    phase = arrays.reshape(
        constants.real(terms.left) @ own, (terms.left.shape[0] * terms.right.shape[0], -1)
    )
    return phase if operands.source is None else arrays.gather(phase, operands.source)


def _phase_backward(
    terms: PhaseTerms, operands: TermOperands, gradient: Tensor, constants: Constants
) -> Tensor:
    """(slots, columns) from the phase's gradient (2**width, columns)."""
    if operands.inverse is not None:
        gradient = arrays.gather(gradient, operands.inverse)
    rows, columns, count = terms.left.shape[0], terms.right.shape[0], terms.left.shape[1]
    own = constants.real(terms.left_transposed) @ arrays.reshape(gradient, (rows, -1))
    if columns > 1:
        own = arrays.reshape(own, (count, columns, -1))
        own = arrays.sum(own * constants.real(terms.right_transposed)[:, :, None], axis=1)
    if terms.angle is not None:
        own = constants.real(terms.gather_transposed) @ own
    return own
