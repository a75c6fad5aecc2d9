"""Run a layout: parameters -> final state, and cotangents back to the parameters.

Going back, a unitary move is undone instead of remembered, so memory does not grow with
depth (Jones & Gacon, arXiv:2009.02823). What cannot be undone is kept: the state before
entries, before the move that brings the batch in, and the registers before merging.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from keras import ops

from qeras.backend import arrays
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.merge import merge, merge_backward
from qeras.execution.steps import (
    Gradients,
    Parameters,
    Source,
    apply,
    must_keep,
    undo,
)
from qeras.execution.templates import Kept, build, build_backward
from qeras.plan.moves import Layout, Move, Register, Repeat, Step


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
        source = Source(parameters, residuals.matrices, self.constants)
        for register in self.layout.registers:
            state = self._initial(register, source)
            residuals.registers.append(self._run(register.steps, state, source, residuals.kept))
        state = residuals.registers[0]
        for other in residuals.registers[1:]:
            residuals.merged.append(state)
            state = merge(state, other)
        return self._run(self.layout.steps, state, source, residuals.kept), residuals

    def _initial(self, register: Register, source: Source) -> State:
        if register.entries is None:
            re, im = (self.constants.real(part) for part in register.initial_parts)
            return ops.convert_to_tensor(re), ops.convert_to_tensor(im)
        start, per_sample = register.entries
        entries = source.entries(per_sample)
        count = 2 ** len(register.axes)
        return entries[start : start + count], entries[start + count : start + 2 * count]

    def _run(self, steps: Sequence[Step], state: State, source: Source, kept: list[State]) -> State:
        for step in steps:
            if isinstance(step, Repeat):
                state = self._run_repeat(step, state, source)
                continue
            if must_keep(step):
                kept.append(state)
            state = apply(step, source.operands(step), state, self.constants)
        return state

    def _run_repeat(self, repeat: Repeat, state: State, source: Source) -> State:
        if arrays.scan is None:
            moves = [move for iteration in repeat.iterations for move in iteration]
            return self._run(moves, state, source, [])
        body = repeat.iterations[0]

        def iteration(carried: State, operands: Any) -> tuple[State, None]:
            for move, own in zip(body, operands, strict=True):
                carried = apply(move, own, carried, self.constants)
            return carried, None

        return arrays.scan(iteration, state, source.stacked(repeat))[0]

    # ------------------------------------------------------------------ backward

    def backward(
        self, parameters: Parameters, residuals: Residuals, state: State, cotangent: State
    ) -> Parameters:
        """Gradients of the parameters from the final state and its cotangent."""
        gradients = Gradients()
        source = Source(parameters, residuals.matrices, self.constants)
        kept = list(residuals.kept)
        cotangent = self._undo(self.layout.steps, state, cotangent, source, kept, gradients)
        registers = zip(
            reversed(self.layout.registers),
            reversed(residuals.registers),
            reversed(_split(residuals, cotangent)),
            strict=True,
        )
        for register, end, to_end in registers:
            to_start = self._undo(register.steps, end, to_end, source, kept, gradients)
            if register.entries is not None:
                start, per_sample = register.entries
                rows = arrays.concatenate(to_start, axis=0)
                gradients.add_entries(start, per_sample, rows)
        self._undo_templates(residuals, gradients)
        return gradients.collect()

    def _undo_templates(self, residuals: Residuals, gradients: Gradients) -> None:
        for number, template in enumerate(self.layout.templates):
            kept = residuals.built[number]
            if kept is not None:
                matrices = gradients.matrices[number].in_order()
                rows = build_backward(template, matrices, kept, self.constants)
                stop = template.start + template.slots
                gradients.shared.add(range(template.start, stop), rows)

    def _undo(
        self,
        steps: Sequence[Step],
        state: State,
        cotangent: State,
        source: Source,
        kept: list[State],
        gradients: Gradients,
    ) -> State:
        """The cotangent before the steps; `kept` is a stack, what was kept last on top."""
        for step in reversed(steps):
            if isinstance(step, Repeat):
                state, cotangent = self._undo_repeat(step, state, cotangent, source, gradients)
                continue
            before = kept.pop() if must_keep(step) else None
            state, cotangent, gradient = undo(
                step, source.operands(step), state, cotangent, before, self.constants
            )
            gradients.add(step, gradient)
        return cotangent

    def _undo_repeat(
        self,
        repeat: Repeat,
        state: State,
        cotangent: State,
        source: Source,
        gradients: Gradients,
    ) -> tuple[State, State]:
        if arrays.scan is None:
            for move in reversed([move for iteration in repeat.iterations for move in iteration]):
                operands = source.operands(move)
                state, cotangent, gradient = undo(
                    move, operands, state, cotangent, None, self.constants
                )
                gradients.add(move, gradient)
            return state, cotangent
        body = repeat.iterations[0]

        def iteration(carried: tuple[State, State], operands: Any) -> tuple[Any, Any]:
            return self._undo_body(body, carried, operands)

        (state, cotangent), found = arrays.scan(
            iteration, (state, cotangent), source.stacked(repeat), reverse=True
        )
        for moves, gradient in zip(zip(*repeat.iterations, strict=True), found, strict=True):
            gradients.add_stacked(moves, gradient)
        return state, cotangent

    def _undo_body(
        self, body: Sequence[Move], carried: tuple[State, State], operands: Any
    ) -> tuple[tuple[State, State], list[Any]]:
        state, cotangent = carried
        found = []
        for move, own in zip(reversed(body), reversed(operands), strict=True):
            state, cotangent, gradient = undo(move, own, state, cotangent, None, self.constants)
            found.append(gradient)
        return (state, cotangent), found[::-1]


def _split(residuals: Residuals, cotangent: State) -> list[State]:
    """The cotangent of the merged state as one for each register."""
    parts: list[State] = []
    for state, register in zip(
        reversed(residuals.merged), reversed(residuals.registers), strict=False
    ):
        cotangent, part = merge_backward(state, register, cotangent)
        parts.append(part)
    return [cotangent, *reversed(parts)]
