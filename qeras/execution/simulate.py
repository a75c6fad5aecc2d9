"""Run a layout: parameters -> final state, and cotangents back to the parameters.

Going back, a unitary move of a large state is undone instead of remembered, so memory does
not grow with depth (Jones & Gacon, arXiv:2009.02823). What cannot be undone is kept: the
state before entries, before the move that brings the batch in, and the registers before
merging. Small states are all kept, which saves half of the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from qeras.backend import arrays
from qeras.execution.context import USUAL_BATCH, Constants, Tensor
from qeras.execution.merge import merge, merge_backward
from qeras.execution.phase import (
    angle_gradients,
    rotation,
    stacked_angle_gradients,
    table_gradients,
    table_rotations,
)
from qeras.execution.sheets import Sheets, apart, from_parts, parts, together
from qeras.execution.steps import (
    Gradients,
    Kept,
    Parameters,
    Source,
    apply,
    may_keep,
    must_keep,
    phases_at_once,
    undo,
)
from qeras.execution.templates import Kept as Built
from qeras.execution.templates import build, build_backward
from qeras.plan.moves import ApplyFactors, ApplyPhase, Layout, Move, Register, Repeat, Step

# States of one run of moves that are kept, in amplitudes (8 bytes in single precision).
KEPT_AMPLITUDES = 2**20


# Sheets, and by number the gradients of the layout's phases so far.
_Carried = tuple[Sheets, dict[int, Tensor]]


class Residuals(NamedTuple):
    """What the backward pass needs besides parameters and the final state."""

    matrices: list[Tensor]
    factors: list[Sheets]  # of the layout's phases
    built: list[Built | None]
    kept: list[Any]  # for each move that something is kept of, or whole loop, in order
    registers: list[Sheets]  # the registers' final states
    merged: list[Sheets]  # the states after each merge but the last


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

    def forward(self, parameters: Parameters) -> tuple[Sheets, Residuals]:
        """Final state, and what `backward` needs. Batch is 1 if no move depends on inputs."""
        built = [build(t, parameters.shared, self.constants) for t in self.layout.templates]
        source = Source(parameters, [matrices for matrices, _ in built], [], self.constants)
        for phase in self.layout.phases:
            source.factors.append(rotation(phase, source.operands(phase), self.constants))
        if self.layout.table is not None:
            angles = parameters.shared
            source.factors.extend(table_rotations(self.layout.table, angles, self.constants))
        kept = [own for _, own in built]
        residuals = Residuals(source.matrices, source.factors, kept, [], [], [])
        way = _Way(self.constants, source)
        for register in self.layout.registers:
            state = self._initial(register, source)
            way.keeps = keeps(register.steps, len(register.axes), parameters)
            residuals.registers.append(way.run(register.steps, state, residuals.kept))
        state = residuals.registers[0]
        for other in residuals.registers[1:]:
            residuals.merged.append(state)
            state = merge(state, other)
        way.keeps = keeps(self.layout.steps, self.layout.width, parameters)
        return way.run(self.layout.steps, state, residuals.kept), residuals

    def _initial(self, register: Register, source: Source) -> Sheets:
        if register.entries is None:
            return from_parts(*map(self.constants.tensor, register.initial_parts))
        start, per_sample = register.entries
        entries = source.entries(per_sample)
        middle, stop = (start + part * 2 ** len(register.axes) for part in (1, 2))
        return from_parts(entries[start:middle], entries[middle:stop])

    # ------------------------------------------------------------------ backward

    def backward(
        self, parameters: Parameters, residuals: Residuals, state: Sheets, cotangent: Sheets
    ) -> Parameters:
        """Gradients of the parameters from the final state and its cotangent."""
        gradients = Gradients()
        source = Source(
            parameters, residuals.matrices, residuals.factors, self.constants, is_undone=True
        )
        way = _Way(self.constants, source)
        kept = list(residuals.kept)
        way.keeps = keeps(self.layout.steps, self.layout.width, parameters)
        cotangent = way.undo(self.layout.steps, state, cotangent, kept, gradients)
        registers = zip(
            reversed(self.layout.registers),
            reversed(residuals.registers),
            reversed(_split(residuals, cotangent)),
            strict=True,
        )
        for register, end, to_end in registers:
            way.keeps = keeps(register.steps, len(register.axes), parameters)
            to_start = way.undo(register.steps, end, to_end, kept, gradients)
            if register.entries is not None:
                start, per_sample = register.entries
                rows = arrays.concatenate(parts(to_start), axis=0)
                gradients.add_entries(start, per_sample, rows)
        self._undo_phases(source, gradients)
        self._undo_templates(residuals, gradients)
        return gradients.collect()

    def _undo_phases(self, source: Source, gradients: Gradients) -> None:
        """From the gradients of the layout's phases to those of their angles."""
        own = [gradients.phases[number] for number in sorted(gradients.phases)]
        phases, table = self.layout.phases, self.layout.table
        for phase, gradient in zip(phases, own, strict=False):
            operands = source.operands(phase)
            gradients.add(phase, angle_gradients(phase, operands, gradient, self.constants))
        if table is not None:
            rows = table_gradients(table, own[len(phases) :], self.constants)
            gradients.shared.add(range(table.start, table.start + table.slots), rows)

    def _undo_templates(self, residuals: Residuals, gradients: Gradients) -> None:
        for number, template in enumerate(self.layout.templates):
            kept = residuals.built[number]
            if kept is not None:
                matrices = gradients.matrices[number].in_order()
                rows = build_backward(template, matrices, kept, self.constants)
                stop = template.start + template.slots
                gradients.shared.add(range(template.start, stop), rows)


@dataclass(eq=False)
class _Way:
    """Runs moves, and undoes them, last first.

    What is kept is a stack, what was kept last on top; where a run of moves `keeps` all
    that its way back needs, states are not undone."""

    constants: Constants
    source: Source
    keeps: bool = False

    def run(self, steps: Sequence[Step], state: Sheets, stack: list[Any]) -> Sheets:
        """The state after the steps; puts what is kept on the stack."""
        for step in steps:
            if isinstance(step, Repeat):
                state = self._run_repeat(step, state, stack)
                continue
            state = self._run_move(step, self.source.operands(step), state, stack)
        return state

    def _run_move(self, move: Move, operands: Any, state: Sheets, stack: list[Any]) -> Sheets:
        after, factors = apply(move, operands, state, self.constants)
        if self._kept(move):
            stack.append(Kept(state, factors if self.keeps else None))
        return after

    def _run_repeat(self, repeat: Repeat, state: Sheets, stack: list[Any]) -> Sheets:
        assert arrays.scan is not None  # else plans have no loops
        factors = self.source.stacked_factors(repeat) if self.keeps else {}
        body = repeat.iterations[0]

        def iteration(carried: Sheets, operands: Any) -> tuple[Sheets, list[Kept]]:
            own_stack: list[Kept] = []
            for move, own in zip(body, operands, strict=True):
                carried = self._run_move(move, self._own(move, own), carried, own_stack)
            return carried, own_stack

        state, kept = arrays.scan(iteration, state, self.source.stacked(repeat, factors))
        stack.append((kept, factors))
        return state

    def undo(
        self,
        steps: Sequence[Step],
        state: Sheets,
        cotangent: Sheets,
        stack: list[Any],
        gradients: Gradients,
    ) -> Sheets:
        """The cotangent before the steps."""
        sheets = cotangent if self.keeps else together(state, cotangent)
        for step in reversed(steps):
            if isinstance(step, Repeat):
                sheets = self._undo_repeat(step, sheets, stack, gradients)
                continue
            sheets, gradient = self._undo_move(step, self.source.operands(step), sheets, stack)
            gradients.add(step, gradient)
        return apart(sheets)[1]

    def _undo_move(
        self, move: Move, operands: Any, sheets: Sheets, stack: list[Any]
    ) -> tuple[Sheets, Any]:
        kept = stack.pop() if self._kept(move) else None
        found = undo(move, operands, sheets, kept, self.constants)
        return found if self.keeps else arrays.in_step(found)

    def _undo_repeat(
        self, repeat: Repeat, sheets: Sheets, stack: list[Any], gradients: Gradients
    ) -> Sheets:
        body = repeat.iterations[0]
        kept, factors = stack.pop()

        def iteration(carried: _Carried, own: Any) -> tuple[_Carried, list[Any]]:
            (sheets, sums), (operands, kept) = carried, own
            stack, found = list(kept), []
            for move, numbers in zip(reversed(body), reversed(operands), strict=True):
                sheets, gradient = self._undo_move(move, self._own(move, numbers), sheets, stack)
                if isinstance(move, ApplyFactors):
                    sums = {**sums, move.phase: sums[move.phase] + gradient}
                    gradient = None
                found.append(gradient)
            return (sheets, sums), found[::-1]

        assert arrays.scan is not None
        own = (self.source.stacked(repeat, factors), kept)
        nothing = arrays.zeros_like(parts(apart(sheets)[1])[0])
        sums = {move.phase: nothing for move in body if isinstance(move, ApplyFactors)}
        (sheets, sums), found = arrays.scan(iteration, (sheets, sums), own, reverse=True)
        for number, gradient in sums.items():
            gradients.add_phase(number, gradient)
        for position, moves in enumerate(zip(*repeat.iterations, strict=True)):
            gradient = found[position]
            if position in factors:
                phase = cast(ApplyPhase, moves[0])
                gradient = stacked_angle_gradients(phase, gradient, self.constants)
            gradients.add_stacked(moves, gradient)
        return sheets

    def _own(self, move: Move, operands: Any) -> Any:
        """The operands in one iteration: what all share is not stacked."""
        return self.source.operands(move) if operands is None else operands

    def _kept(self, move: Move) -> bool:
        return may_keep(move) if self.keeps else must_keep(move)


def keeps(steps: Sequence[Step], width: int, parameters: Parameters) -> bool:
    """Whether all states that the way back of these steps needs are kept, as they are small.

    A loop would copy each into one array of all iterations' and out of it again: that is more
    than undoing them, unless each sample has phases of its own, which are then found all at
    once."""
    loops = [step for step in steps if isinstance(step, Repeat)]
    if not all(map(_has_own_phases, loops)):
        return False
    moves = [m for step in steps for m in (unrolled(step) if isinstance(step, Repeat) else [step])]
    own = (parameters.per_sample, parameters.per_sample_entries)
    columns = [part.shape[1] for part in own if part is not None]
    batch = max((c if isinstance(c, int) else USUAL_BATCH for c in columns), default=1)
    return sum(map(may_keep, moves)) * 2**width * batch <= KEPT_AMPLITUDES


def _has_own_phases(repeat: Repeat) -> bool:
    return any(phases[0].per_sample for phases in phases_at_once(repeat).values())


def unrolled(repeat: Repeat) -> list[Move]:
    """All moves of a repetition in order."""
    return [move for iteration in repeat.iterations for move in iteration]


def _split(residuals: Residuals, cotangent: Sheets) -> list[Sheets]:
    """The cotangent of the merged state as one for each register."""
    found: list[Sheets] = []
    for state, register in zip(
        reversed(residuals.merged), reversed(residuals.registers), strict=False
    ):
        cotangent, part = merge_backward(state, register, cotangent)
        found.append(part)
    return [cotangent, *reversed(found)]
