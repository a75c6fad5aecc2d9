"""Phases that the batch shares, found all at once: what they give found each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.backend import arrays
from qeras.circuit.circuit import Circuit
from qeras.circuit.expressions import ZERO, reference
from qeras.execution import simulate as execution
from qeras.pipeline import Program
from qeras.plan import phase_table
from qeras.plan.moves import ApplyFactors, ApplyPhase, PhaseTerms
from qeras.plan.phase_table import tabled
from qeras.plan.simplify import inverse_of
from tests.execution.programs import assert_alike
from tests.execution.test_recurring import all_moves, reuploading

LAYERED = reuploading(6, [("RZ", 0)] * 4, "IsingZZ", "RX")
TURNS = reuploading(6, [("RX", 0), ("RY", 3)] * 2, "IsingZZ", "RZ")


@pytest.fixture(autouse=True)
def _no_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "least_saved", None)


def test_of_all_layers() -> None:
    layout = Program(LAYERED).plan.layout
    assert layout.table is not None
    numbers = [move.phase for move in all_moves(layout) if isinstance(move, ApplyFactors)]
    count = len(layout.table.generators)
    assert count > 1
    assert set(numbers) == set(range(len(layout.phases) + count))
    assert not any(isinstance(m, ApplyPhase) and not m.per_sample for m in all_moves(layout))


def test_no_larger_than_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_table, "MAX_ENTRIES", 2**6)
    assert Program(LAYERED).plan.layout.table is None


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("circuit", [LAYERED, TURNS], ids=["same", "in-turn"])
def test_found_at_once_is_found_each_time(
    circuit: Circuit, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kept:
        monkeypatch.setattr(execution, "KEPT_AMPLITUDES", 0)
    at_once = Program(circuit)
    monkeypatch.setattr(phase_table, "MAX_ENTRIES", 0)
    each = Program(circuit)
    assert at_once.plan.layout.table is not None
    assert each.plan.layout.table is None
    assert_alike(at_once, each, circuit, len(circuit.operations))


def test_generators_are_the_terms() -> None:
    rng = np.random.default_rng(0)
    source = rng.permutation(4)
    terms = PhaseTerms(rng.normal(size=(4, 3)), np.ones((1, 3)), 0, 2, np.array([1, 0, 1]))
    moved = PhaseTerms(
        rng.normal(size=(2, 1)), rng.normal(size=(2, 1)), 2, 1, None, source, inverse_of(source)
    )
    angles = [reference("weights", number) for number in range(3)]
    steps = [ApplyPhase((terms, moved), (), False), ApplyPhase((terms,), (), False)]
    written, table, taken = tabled(steps, 5, angles)
    assert [(step.phase, step.expands) for step in written] == [(5, False), (6, False)]  # type: ignore[union-attr]
    assert taken == [*angles, *angles[:2], ZERO]
    a, b, c = rng.normal(size=3)
    of_terms = terms.left @ [b, a, b]
    of_moved = np.kron(moved.left[:, 0], moved.right[:, 0])[source] * c
    assert table is not None
    np.testing.assert_allclose(table.generators[0] @ [a, b, c], of_terms + of_moved, atol=1e-12)
    np.testing.assert_allclose(table.generators[1] @ [a, b, c], of_terms, atol=1e-12)
