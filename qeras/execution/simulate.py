"""Run a layout: parameters -> final state, and cotangents back to the parameters.

Going back, a unitary move is undone instead of remembered, so memory does not grow with
depth (Jones & Gacon, arXiv:2009.02823). What cannot be undone is kept: the state before
entries, before the move that brings the batch in, and the registers before merging.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.entries import apply_entries, apply_entries_backward
from qeras.execution.matrix import apply_matrix, apply_matrix_backward
from qeras.execution.merge import merge, merge_backward
from qeras.execution.phase import (
    angle_gradients,
    apply_phase,
    phase_gradient,
    rotation,
    undo_phase,
)
from qeras.execution.templates import Kept, build, build_backward
from qeras.plan.moves import ApplyMatrix, ApplyPhase, Layout, Move, Permute, Register


class Parameters(NamedTuple):
    """What the moves take their numbers from; None where the plan has no slots.

    Shared ones are (slots,), per-sample ones (slots, batch)."""

    shared: Tensor | None = None
    per_sample: Tensor | None = None
    shared_entries: Tensor | None = None
    per_sample_entries: Tensor | None = None


class Residuals(NamedTuple):
    """What the backward pass needs besides parameters and the final state."""

    matrices: list[Tensor]
    built: list[Kept | None]
    kept: list[State]  # the state before each move that cannot be undone, in order
    registers: list[State]  # the registers' final states
    merged: list[State]  # the states after each merge but the last


class Simulator:
    """A layout at one precision.

    Args:
        layout: the plan's moves.
        constants: the plan's arrays in the run's dtype.
    """

    def __init__(self, layout: Layout, constants: Constants):
        self.layout = layout
        self.constants = constants

    # ------------------------------------------------------------------ forward

    def forward(self, parameters: Parameters) -> tuple[State, Residuals]:
        """Final state, parts (2**width, batch), and what `backward` needs.

        Batch is 1 if no move depends on inputs."""
        built = [build(t, parameters.shared, self.constants) for t in self.layout.templates]
        residuals = Residuals([m for m, _ in built], [k for _, k in built], [], [], [])
        for register in self.layout.registers:
            state = self._initial(register, parameters)
            residuals.registers.append(self._run(register.moves, state, parameters, residuals))
        state = residuals.registers[0]
        for other in residuals.registers[1:]:
            residuals.merged.append(state)
            state = merge(state, other)
        return self._run(self.layout.moves, state, parameters, residuals), residuals

    def _initial(self, register: Register, parameters: Parameters) -> State:
        if register.entries is None:
            re, im = (self.constants.real(part) for part in register.initial_parts)
            # Without its dtype Keras would make an array of floatx of it.
            dtype = self.constants.dtype
            return ops.convert_to_tensor(re, dtype=dtype), ops.convert_to_tensor(im, dtype=dtype)
        start, per_sample = register.entries
        entries = _entries(parameters, per_sample)
        count = 2 ** len(register.axes)
        return entries[start : start + count], entries[start + count : start + 2 * count]

    def _run(
        self, moves: tuple[Move, ...], state: State, parameters: Parameters, residuals: Residuals
    ) -> State:
        for move in moves:
            if _must_keep(move):
                residuals.kept.append(state)
            state = self._apply(move, state, parameters, residuals)
        return state

    def _apply(
        self, move: Move, state: State, parameters: Parameters, residuals: Residuals
    ) -> State:
        if isinstance(move, ApplyMatrix):
            return apply_matrix(move, self._matrix(move, residuals), state)
        if isinstance(move, ApplyPhase):
            return apply_phase(self._rotation(move, parameters), state)
        if isinstance(move, Permute):
            return _gather(self.constants.index(move.source), state)
        return apply_entries(move, _entries(parameters, move.per_sample), state)

    def _matrix(self, move: ApplyMatrix, residuals: Residuals) -> Tensor:
        fixed = residuals.built[move.template] is None
        return residuals.matrices[move.template][0 if fixed else move.index]

    def _rotation(self, move: ApplyPhase, parameters: Parameters) -> State:
        return rotation(move, parameters.shared, parameters.per_sample, self.constants)

    # ------------------------------------------------------------------ backward

    def backward(
        self, parameters: Parameters, residuals: Residuals, state: State, cotangent: State
    ) -> Parameters:
        """Gradients of the parameters from the final state and its cotangent."""
        gradients = _Gradients(residuals, list(residuals.kept))
        state, cotangent = self._back(self.layout.moves, state, cotangent, parameters, gradients)
        cotangents = _split(residuals, cotangent)
        for register, end, to_end in zip(
            reversed(self.layout.registers),
            reversed(residuals.registers),
            reversed(cotangents),
            strict=True,
        ):
            _, to_start = self._back(register.moves, end, to_end, parameters, gradients)
            if register.entries is not None:
                start, per_sample = register.entries
                value = arrays.concatenate(to_start, axis=0)
                gradients.add_entries(start, per_sample, value)
        for number, template in enumerate(self.layout.templates):
            kept = residuals.built[number]
            if kept is not None:
                matrices = arrays.stack(
                    [gradients.matrices[number, index] for index in range(template.count)]
                )
                angles = build_backward(template, matrices, kept, self.constants)
                gradients.add_shared(template.start, angles)
        return gradients.collect()

    def _back(
        self,
        moves: tuple[Move, ...],
        state: State,
        cotangent: State,
        parameters: Parameters,
        gradients: _Gradients,
    ) -> tuple[State, State]:
        for move in reversed(moves):
            state, cotangent = self._undo(move, state, cotangent, parameters, gradients)
        return state, cotangent

    def _undo(
        self,
        move: Move,
        state: State,
        cotangent: State,
        parameters: Parameters,
        gradients: _Gradients,
    ) -> tuple[State, State]:
        residuals = gradients.residuals
        if isinstance(move, ApplyMatrix):
            trained = residuals.built[move.template] is not None
            matrix = self._matrix(move, residuals)
            state, cotangent, gradient = apply_matrix_backward(
                move, matrix, state, cotangent, trained
            )
            if trained:
                gradients.matrices[move.template, move.index] = gradient
            return state, cotangent
        if isinstance(move, Permute):
            inverse = self.constants.index(move.inverse)
            return _gather(inverse, state), _gather(inverse, cotangent)
        if isinstance(move, ApplyPhase):
            return self._undo_phase(move, state, cotangent, parameters, gradients)
        before = gradients.kept.pop()
        entries = _entries(parameters, move.per_sample)
        cotangent, gradient = apply_entries_backward(move, entries, before, cotangent)
        gradients.add_entries(move.start, move.per_sample, gradient)
        return before, _unexpand(cotangent) if move.expands else cotangent

    def _undo_phase(
        self,
        move: ApplyPhase,
        state: State,
        cotangent: State,
        parameters: Parameters,
        gradients: _Gradients,
    ) -> tuple[State, State]:
        slope = phase_gradient(state, cotangent)
        shared, per_sample = angle_gradients(move, slope, self.constants)
        for terms, value in zip(move.shared, shared, strict=True):
            gradients.add_shared(terms.start, value)
        for terms, value in zip(move.per_sample, per_sample, strict=True):
            gradients.add_per_sample(terms.start, value)
        factor = self._rotation(move, parameters)
        cotangent = undo_phase(factor, cotangent)
        if move.expands:
            return gradients.kept.pop(), _unexpand(cotangent)
        return undo_phase(factor, state), cotangent


@dataclass(eq=False)
class _Gradients:
    """Collects each slot range's gradient once; slots are disjoint, so nothing adds up.

    `kept` is a stack: going back, the state kept last is needed first."""

    residuals: Residuals
    kept: list[State]
    shared: dict[int, Tensor] = field(default_factory=dict)
    per_sample: dict[int, Tensor] = field(default_factory=dict)
    shared_entries: dict[int, Tensor] = field(default_factory=dict)
    per_sample_entries: dict[int, Tensor] = field(default_factory=dict)
    matrices: dict[tuple[int, int], Tensor] = field(default_factory=dict)

    def add_shared(self, start: int, value: Tensor) -> None:
        self.shared[start] = value

    def add_per_sample(self, start: int, value: Tensor) -> None:
        self.per_sample[start] = value

    def add_entries(self, start: int, per_sample: bool, value: Tensor) -> None:
        if per_sample:
            self.per_sample_entries[start] = value
        else:
            self.shared_entries[start] = _sum_batch(value)[:, 0]

    def collect(self) -> Parameters:
        parts = (self.shared, self.per_sample, self.shared_entries, self.per_sample_entries)
        return Parameters(*(_in_order(part) for part in parts))


def _in_order(parts: dict[int, Tensor]) -> Tensor | None:
    if not parts:
        return None
    ordered = [parts[start] for start in sorted(parts)]
    return ordered[0] if len(ordered) == 1 else arrays.concatenate(ordered, axis=0)


def _must_keep(move: Move) -> bool:
    if isinstance(move, ApplyPhase):
        return move.expands
    return not isinstance(move, ApplyMatrix | Permute)


def _entries(parameters: Parameters, per_sample: bool) -> Tensor:
    if per_sample:
        return parameters.per_sample_entries
    return parameters.shared_entries[:, None]  # type: ignore[index]


def _gather(index: Tensor, state: State) -> State:
    return arrays.gather(state[0], index), arrays.gather(state[1], index)


def _sum_batch(part: Tensor) -> Tensor:
    return arrays.sum(part, axis=1, keepdims=True)


def _unexpand(cotangent: State) -> State:
    """The cotangent of a state that was the same for all samples."""
    return _sum_batch(cotangent[0]), _sum_batch(cotangent[1])


def _split(residuals: Residuals, cotangent: State) -> list[State]:
    """The cotangent of the merged state as one for each register."""
    parts: list[State] = []
    for state, register in zip(
        reversed(residuals.merged), reversed(residuals.registers), strict=False
    ):
        cotangent, part = merge_backward(state, register, cotangent)
        parts.append(part)
    return [cotangent, *reversed(parts)]
