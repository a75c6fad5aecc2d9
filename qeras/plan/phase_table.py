"""Phases that the batch shares, on a small register: all found at once.

Each alone is a handful of operations on a few hundred numbers. Their angles have a value
before the first move, so one product, one cosine and one sine serve all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TypeGuard

import numpy as np

from qeras.circuit.expressions import ZERO, Expression
from qeras.plan.moves import ApplyFactors, ApplyPhase, PhaseTable, PhaseTerms, Step

# Numbers of a table's generators, 1 MiB in single precision. Beyond it, phases take longer
# than their operations take to start.
MAX_ENTRIES = 2**18


def tabled(
    steps: Sequence[Step], first: int, expressions: Sequence[Expression]
) -> tuple[list[Step], PhaseTable | None, list[Expression]]:
    """The steps with their shared phases as `ApplyFactors`; the table, and its angles.

    Args:
        steps: on one register.
        first: number of the first of the table's phases.
        expressions: from which the phases' terms count their slots.
    """
    phases = [step for step in steps if _is_shared(step)]
    widest = max((_slots(phase) for phase in phases), default=0)
    if len(phases) < 2 or len(phases) * _rows(phases[0]) * widest > MAX_ENTRIES:
        return list(steps), None, []
    generators = np.stack([_generator(phase, widest) for phase in phases])
    angles = [angle for phase in phases for angle in _angles(phase, widest, expressions)]
    numbers = count(first)
    written = [ApplyFactors(next(numbers), False) if _is_shared(step) else step for step in steps]
    return written, PhaseTable(generators), angles


def _is_shared(step: Step) -> TypeGuard[ApplyPhase]:
    return isinstance(step, ApplyPhase) and not step.per_sample


def _slots(phase: ApplyPhase) -> int:
    return sum(terms.slots for terms in phase.shared)


def _rows(phase: ApplyPhase) -> int:
    terms = phase.shared[0]
    return len(terms.left) * len(terms.right)


def _generator(phase: ApplyPhase, slots: int) -> np.ndarray:
    """(2**width, slots), zeros behind the phase's own angles."""
    columns = [_generator_of(terms) for terms in phase.shared]
    own = np.concatenate(columns, axis=1)
    return np.pad(own, ((0, 0), (0, slots - own.shape[1])))


def _generator_of(terms: PhaseTerms) -> np.ndarray:
    """(2**width, slots of the terms)"""
    products = np.einsum("lp,rp->lrp", terms.left, terms.right).reshape(-1, terms.left.shape[1])
    own = products if terms.angle is None else products @ terms.gather_transposed.T
    return own if terms.source is None else own[terms.source]


def _angles(phase: ApplyPhase, slots: int, expressions: Sequence[Expression]) -> list[Expression]:
    own = [expressions[terms.start + slot] for terms in phase.shared for slot in range(terms.slots)]
    return own + [ZERO] * (slots - len(own))
