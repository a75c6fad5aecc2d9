"""Multiply by exp(i phase), the phase a sum of terms shared by the batch or per sample."""

from __future__ import annotations

from keras import ops

from qeras.execution.context import Constants, State, Tensor
from qeras.plan.moves import ApplyPhase, PhaseTerms


def rotation(
    move: ApplyPhase, shared: Tensor | None, per_sample: Tensor | None, constants: Constants
) -> State:
    """cos and sin of the phase, (2**width, 1) or (2**width, batch)."""
    parts = [_phase(terms, shared[:, None], constants) for terms in move.shared]  # type: ignore[index]
    parts += [_phase(terms, per_sample, constants) for terms in move.per_sample]
    phase = sum(parts)
    return ops.cos(phase), ops.sin(phase)


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
        column = ops.sum(gradient, axis=1, keepdims=True)
        shared = [_phase_backward(terms, column, constants)[:, 0] for terms in move.shared]
    return shared, [_phase_backward(terms, gradient, constants) for terms in move.per_sample]


def _phase(terms: PhaseTerms, angles: Tensor, constants: Constants) -> Tensor:
    """(2**width, columns) from angles (all slots, columns)."""
    own = angles[terms.start : terms.start + terms.slots]
    if terms.angle is not None:
        own = ops.take(own, constants.index(terms.angle), axis=0)
    if terms.right.shape[0] > 1:
        count = terms.right.shape[1]
        own = constants.real(terms.right_transposed)[:, :, None] * own[:, None, :]
        own = ops.reshape(own, (count, -1))
    phase = ops.reshape(
        constants.real(terms.left) @ own, (terms.left.shape[0] * terms.right.shape[0], -1)
    )
    if terms.source is not None:
        phase = ops.take(phase, constants.index(terms.source), axis=0)
    return phase


def _phase_backward(terms: PhaseTerms, gradient: Tensor, constants: Constants) -> Tensor:
    """(slots, columns) from the phase's gradient (2**width, columns)."""
    if terms.inverse is not None:
        gradient = ops.take(gradient, constants.index(terms.inverse), axis=0)
    rows, columns, count = terms.left.shape[0], terms.right.shape[0], terms.left.shape[1]
    own = constants.real(terms.left_transposed) @ ops.reshape(gradient, (rows, -1))
    if columns > 1:
        own = ops.reshape(own, (count, columns, -1))
        own = ops.sum(own * constants.real(terms.right_transposed)[:, :, None], axis=1)
    if terms.angle is not None:
        own = constants.real(terms.gather_transposed) @ own
    return own
