"""Multiply by exp(i phase), the phase a sum of terms shared by the batch or per sample."""

from __future__ import annotations

from qeras.backend import arrays
from qeras.execution.context import Constants, State, Tensor
from qeras.plan.moves import ApplyPhase, PhaseTerms


def rotation(
    move: ApplyPhase, shared: Tensor | None, per_sample: Tensor | None, constants: Constants
) -> State:
    """cos and sin of the phase, (2**width, 1) or (2**width, batch)."""
    parts = [_phase(terms, shared[:, None], constants) for terms in move.shared]  # type: ignore[index]
    parts += [_phase(terms, per_sample, constants) for terms in move.per_sample]
    phase = sum(parts)
    return arrays.computed_once((arrays.cos(phase), arrays.sin(phase)))


def apply_phase(factor: State, state: State) -> State:
    """The state times cos + i sin."""
    (cos, sin), (re, im) = factor, state
    return re * cos - im * sin, re * sin + im * cos


def undo_phase(factor: State, state: State) -> State:
    """The state times cos - i sin."""
    (cos, sin), (re, im) = factor, state
    return re * cos + im * sin, im * cos - re * sin


def phase_gradient(state: State, cotangent: State) -> Tensor:
    """Derivative by the phase of each amplitude, from state and cotangent after it:
    d/dphase (re, im) = (-im, re)."""
    (re, im), (to_re, to_im) = state, cotangent
    return re * to_im - im * to_re


def angle_gradients(
    move: ApplyPhase, gradient: Tensor, constants: Constants
) -> tuple[list[Tensor], list[Tensor]]:
    """Gradients of the shared angles (slots,) and per-sample ones (slots, batch), one a
    `PhaseTerms`."""
    shared: list[Tensor] = []
    if move.shared:
        column = arrays.sum(gradient, axis=1, keepdims=True)
        shared = [_phase_backward(terms, column, constants)[:, 0] for terms in move.shared]
    return shared, [_phase_backward(terms, gradient, constants) for terms in move.per_sample]


def _phase(terms: PhaseTerms, angles: Tensor, constants: Constants) -> Tensor:
    """(2**width, columns) from angles (all slots, columns)."""
    own = angles[terms.start : terms.start + terms.slots]
    if terms.angle is not None:
        own = arrays.gather(own, constants.index(terms.angle))
    if terms.right.shape[0] > 1:
        count = terms.right.shape[1]
        own = constants.real(terms.right_transposed)[:, :, None] * own[:, None, :]
        own = arrays.reshape(own, (count, -1))
    phase = arrays.reshape(
        constants.real(terms.left) @ own, (terms.left.shape[0] * terms.right.shape[0], -1)
    )
    if terms.source is not None:
        phase = arrays.gather(phase, constants.index(terms.source))
    return phase


def _phase_backward(terms: PhaseTerms, gradient: Tensor, constants: Constants) -> Tensor:
    """(slots, columns) from the phase's gradient (2**width, columns)."""
    if terms.inverse is not None:
        gradient = arrays.gather(gradient, constants.index(terms.inverse))
    rows, columns, count = terms.left.shape[0], terms.right.shape[0], terms.left.shape[1]
    own = constants.real(terms.left_transposed) @ arrays.reshape(gradient, (rows, -1))
    if columns > 1:
        own = arrays.reshape(own, (count, columns, -1))
        own = arrays.sum(own * constants.real(terms.right_transposed)[:, :, None], axis=1)
    if terms.angle is not None:
        own = constants.real(terms.gather_transposed) @ own
    return own
