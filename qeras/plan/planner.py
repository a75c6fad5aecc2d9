"""Circuit -> Plan: which moves, in which order, on which axes. Decided once.

Axes are cut into windows of a few neighbours. Until the first factor that crosses
windows touches it, each window is a small register of its own (`dense`); then all are
merged by outer products. On the merged register, a factor that does not depend on
inputs joins a block (a matrix on a few axes, real where it can be), a phase or a
permutation, and the inputs enter through phases alone (`wide`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import Circuit
from qeras.circuit.expressions import Expression, sources
from qeras.plan.blocks import Block, BlockMaker
from qeras.plan.conjugation import conjugated
from qeras.plan.density import doubled, fixed_channels
from qeras.plan.exact_readouts import exact_readouts
from qeras.plan.factors import (
    Constant,
    Entries,
    Factor,
    Permutation,
    Phase,
    RealRotation,
    Rotated,
    through_phases,
    unfolded,
)
from qeras.plan.finish import Finisher, Slots
from qeras.plan.lowering import embed_source, lower
from qeras.plan.memory import check_memory
from qeras.plan.moves import (
    ApplyEntries,
    ApplyMatrix,
    ApplyPhase,
    Layout,
    Move,
    Permute,
    PhaseTerms,
    Register,
)
from qeras.plan.padding import Angles
from qeras.plan.parameters import ParameterProgram, Requests, compile_parameters
from qeras.plan.phases import PhaseBuilder
from qeras.plan.readouts import Readouts
from qeras.plan.recurring import Recurring
from qeras.plan.sampling import sampled_readouts
from qeras.plan.schedule import Group, schedule
from qeras.plan.simplify import permute, reorder, simplify_moves
from qeras.plan.templates import templates_of
from qeras.plan.trigonometric import constant_matrix, is_constant
from qeras.plan.wide import PERMUTATION, OneMatrix, cost_of, wide_groups
from qeras.plan.windows import Prefixes, split_prefixes, windows_of


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything static about running a circuit.

    Attributes:
        circuit: what was planned.
        layout: the moves.
        readouts: how each measurement is read from the final state.
        parameters: how angles and entries come from inputs and weights.
        is_density: whether the final state is a density matrix (`qeras.plan.density`).
    """

    circuit: Circuit
    layout: Layout
    readouts: Readouts
    parameters: ParameterProgram
    is_density: bool = False


def plan(circuit: Circuit, least_saved: int | None = None, complex_cost: float = 2.0) -> Plan:
    """Plan the circuit's operations and measurements.

    Args:
        circuit: after the passes.
        least_saved: moves that a loop must leave out to be worth its own cost; None where
            none is.
        complex_cost: what a complex matrix takes where a real one takes 1.

    Raises:
        ValueError: if one sample's state does not fit in memory.
    """
    check_memory(circuit)
    read = sampled_readouts if circuit.shots else exact_readouts
    readouts = read(circuit)
    if any(map(is_channel, circuit.operations)):
        both = doubled(circuit)
        planner = _Planner(both, fixed_channels(lower(both)), readouts, complex_cost)
        found = planner.plan(least_saved)
        return replace(found, circuit=circuit, is_density=True)
    return _Planner(circuit, lower(circuit), readouts, complex_cost).plan(least_saved)


class _Planner:
    def __init__(
        self,
        circuit: Circuit,
        factors: Sequence[Factor],
        readouts: Readouts,
        complex_cost: float,
    ):
        self.circuit = circuit
        self.complex_cost = complex_cost
        self.factors = factors
        self.readouts = readouts
        self.width = len(circuit.wires)
        self.blocks: list[Block] = []
        self.maker = BlockMaker()
        self.phases = Angles([], [])  # before slots are taken
        self.shared, self.per_sample = Slots(), Slots()
        self.shared_entries, self.per_sample_entries = Slots(), Slots()
        self._depends: dict[Expression, bool] = {}

    def plan(self, least_saved: int | None) -> Plan:
        (starts, prefixes, rest), groups = self._split(windows_of(self.width))
        registers = [self._start(entries) for entries in starts]
        registers += [self._dense(axes, prefix) for axes, prefix in prefixes]
        batched = any(register.batched for register in registers)
        order = [axis for register in registers for axis in register.axes]
        moves: list[Move] = []
        if order != sorted(order):
            moves.append(permute(reorder(order)))
        axes = tuple(range(self.width))
        if groups is None:
            wide, batched = self._dense_moves(rest, axes, batched)
        else:
            wide, batched = self._wide_moves(groups, axes, batched)
        # Not rolled yet, their steps are moves.
        drafts = [cast(tuple[Move, ...], register.steps) for register in registers]
        drafts.append(tuple(simplify_moves([*moves, *wide])))
        templates, place = templates_of(self.blocks, self.shared.take)
        recurring = Recurring(self.phases.per_sample)
        finish = Finisher(
            templates, place, self.phases, self.shared, self.per_sample, recurring, least_saved
        )
        *runs, last = recurring.written(list(map(finish.rolled, drafts)))
        last, table = finish.tabled(last, len(recurring.phases))
        *own, steps = map(finish.taken, [*runs, last])
        layout = Layout(
            tuple(replace(one, steps=steps) for one, steps in zip(registers, own, strict=True)),
            steps,
            tuple(templates),
            tuple(map(finish.phase, recurring.phases)),
            table,
            batched,
        )
        readouts = self.readouts
        parameters = compile_parameters(
            self.circuit,
            Requests(
                self.shared.expressions,
                self.shared_entries.expressions,
                readouts.shared_coefficients,
                self.shared_entries.exponents,
            ),
            Requests(
                self.per_sample.expressions,
                self.per_sample_entries.expressions,
                readouts.per_sample_coefficients,
                self.per_sample_entries.exponents,
            ),
        )
        return Plan(self.circuit, layout, readouts, parameters)

    def _split(self, windows: Sequence[tuple[int, ...]]) -> tuple[Prefixes, Sequence[Group] | None]:
        """What each window does alone at first and the rest, and the groups of the rest; None
        where there is one window.

        What entangles a window's axes is in the rest if it costs nothing there, as in layers
        that do the same on all axes: the windows' first matrices are then alike, and of fewer
        stages."""
        factors = conjugated(self.factors)
        ways = [split_prefixes(factors, windows, entangles) for entangles in (False, True)]
        if len(windows) == 1:
            return ways[1], None
        cost = self.complex_cost
        grouped = [wide_groups(way[2], self._factor_per_sample, windows, cost) for way in ways]
        # The first of those that cost the same.
        best = min((0, 1), key=lambda way: cost_of(grouped[way], cost))
        return ways[best], grouped[best]

    def _is_per_sample(self, expressions: Sequence[Expression]) -> bool:
        for expression in expressions:
            if expression not in self._depends:
                self._depends[expression] = self.circuit.input_name in sources([expression])
            if self._depends[expression]:
                return True
        return False

    def _factor_per_sample(self, factor: Factor) -> bool:
        if isinstance(factor, Entries):
            return self._is_per_sample(factor.entries)
        return isinstance(factor, Phase | RealRotation | Rotated) and self._is_per_sample(
            [factor.angle]
        )

    # ------------------------------------------------------------------ registers

    def _start(self, factor: Entries) -> Register:
        per_sample = self._factor_per_sample(factor)
        slots = self.per_sample_entries if per_sample else self.shared_entries
        start = slots.take(factor.entries)
        return Register(factor.axes, None, (start, per_sample), (), per_sample)

    def _dense(self, axes: tuple[int, ...], factors: Sequence[Factor]) -> Register:
        """A small register: everything between two phases of inputs is one matrix."""
        initial = np.zeros(2 ** len(axes), dtype=complex)
        initial[0] = 1.0
        simple = list(through_phases(factors, self._factor_per_sample))
        constants = _constant_prefix(simple)
        for factor in constants:
            initial = _constant_of(factor, axes) @ initial
        rest = [factor for factor in simple if factor not in constants]
        moves, batched = self._dense_moves(rest, axes, False)
        return Register(axes, initial, None, tuple(moves), batched)

    def _dense_moves(
        self, factors: Sequence[Factor], axes: tuple[int, ...], batched: bool
    ) -> tuple[list[Move], bool]:
        """Moves on a small register; equal to the factors."""
        moves: list[Move] = []
        simple = list(through_phases(factors, self._factor_per_sample))
        groups = schedule(simple, self._dense_kind)
        for group in _joined(groups, "shared"):
            if group.kind == "shared":
                moves.append(self._matrix(group.factors, axes, axes, real=False))
            else:
                batched = self._append_special(moves, group, axes, batched)
        return moves, batched

    def _dense_kind(self, factor: Factor) -> Hashable:
        if self._factor_per_sample(factor):
            return "per sample"
        if isinstance(factor, Phase) and not is_constant(factor):
            return "shared phase"
        return "shared constant"

    # ------------------------------------------------------------------ merged register

    def _wide_moves(
        self, groups: Sequence[Group], axes: tuple[int, ...], batched: bool
    ) -> tuple[list[Move], bool]:
        """Moves on a register of several windows; equal to the groups' factors."""
        moves: list[Move] = []
        for group in groups:
            if group.kind == PERMUTATION:
                moves.append(_permutation(group, self.width))
            elif isinstance(group.kind, OneMatrix):
                of = group.kind
                moves.append(self._matrix(group.factors, of.axes, axes, of.real))
            else:
                batched = self._append_special(moves, group, axes, batched)
        return moves, batched

    # ------------------------------------------------------------------ moves

    def _matrix(
        self, factors: Sequence[Factor], axes: Sequence[int], register: Sequence[int], real: bool
    ) -> ApplyMatrix:
        factors = list(unfolded(factors))
        self.blocks.append(self.maker.block(factors, tuple(axes), real))
        positions = tuple(register.index(axis) for axis in axes)
        unitary = all(not isinstance(factor, Constant) or factor.unitary for factor in factors)
        return ApplyMatrix(-1, len(self.blocks) - 1, positions, len(register), False, unitary)

    def _append_special(
        self, moves: list[Move], group: Group, axes: Sequence[int], batched: bool
    ) -> bool:
        """Append a phase or an entries move; whether the state is batched after it."""
        move = self._special(group, axes, batched)
        moves.append(move)
        return batched or move.expands

    def _special(
        self, group: Group, axes: Sequence[int], batched: bool
    ) -> ApplyPhase | ApplyEntries:
        factor = group.factors[0]
        if isinstance(factor, Entries):
            per_sample = self._factor_per_sample(factor)
            slots = self.per_sample_entries if per_sample else self.shared_entries
            start = slots.take(factor.entries)
            positions = tuple(axes.index(axis) for axis in factor.axes)
            expands = per_sample and not batched
            kind = factor.kind
            if kind == "evolution":
                slots.exponents.append((start, 2 ** len(positions)))
                kind = "matrix"
            return ApplyEntries(kind, positions, len(axes), start, per_sample, expands)
        shared = [f for f in group.factors if not self._factor_per_sample(f)]
        per_sample_factors = [f for f in group.factors if self._factor_per_sample(f)]
        return ApplyPhase(
            _terms(shared, axes, self.phases.shared),
            _terms(per_sample_factors, axes, self.phases.per_sample),
            bool(per_sample_factors) and not batched,
        )


def _terms(
    factors: Sequence[Factor], axes: Sequence[int], expressions: list[Expression]
) -> tuple[PhaseTerms, ...]:
    """The factors' phase, its angles appended to the expressions."""
    if not factors:
        return ()
    builder = PhaseBuilder(axes)
    for factor in factors:
        assert isinstance(factor, Phase)
        builder.add(factor)
    left, right, angles, index = builder.terms()
    start = len(expressions)
    expressions += angles
    return (PhaseTerms(left, right, start, len(angles), index),)


def _joined(groups: Sequence[Group], name: str) -> list[Group]:
    """Neighbouring groups whose kind begins with `name` as one group of that kind."""
    result: list[Group] = []
    for group in groups:
        shared = isinstance(group.kind, str) and group.kind.startswith(name)
        if shared and result and result[-1].kind == name:
            for factor in group.factors:
                result[-1].add(factor)
        else:
            fresh = Group(name if shared else group.kind)
            for factor in group.factors:
                fresh.add(factor)
            result.append(fresh)
    return result


def _constant_prefix(factors: Sequence[Factor]) -> list[Factor]:
    """The constants at the front, and those behind that nothing before them touches."""
    blocked: set[int] = set()
    prefix = []
    for factor in factors:
        if is_constant(factor) and blocked.isdisjoint(factor.axes):
            prefix.append(factor)
        else:
            blocked |= set(factor.axes)
    return prefix


def _constant_of(factor: Factor, axes: tuple[int, ...]) -> np.ndarray:
    matrix = constant_matrix(factor, axes)
    assert matrix is not None
    return matrix


def _permutation(group: Group, width: int) -> Permute:
    source = np.arange(2**width, dtype="int32")
    for factor in group.factors:
        assert isinstance(factor, Permutation)
        source = source[embed_source(factor.source, factor.axes, width)]
    return permute(source)
