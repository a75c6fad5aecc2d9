"""Every class that PennyLane exports has a row, or a reason for having none."""

from __future__ import annotations

import pennylane as qml
import pytest

from tests.conformance.discovery import exported, name_of
from tests.conformance.internal import INTERNAL
from tests.conformance.rows import CASES, title

pytestmark = pytest.mark.backend_independent
KINDS = {case.kind for cases in CASES.values() for case in cases}


def test_every_class_has_a_row() -> None:
    """A failure names what a new PennyLane has: write an example of it in this folder."""
    unknown = exported() - KINDS - INTERNAL.keys()
    assert not sorted(name_of(kind) for kind in unknown)


def test_nothing_is_listed_that_is_not_exported() -> None:
    gone = (KINDS | INTERNAL.keys()) - exported()
    assert not sorted(name_of(kind) for kind in gone)


def test_no_class_is_both_shown_and_internal() -> None:
    assert not sorted(name_of(kind) for kind in KINDS & INTERNAL.keys())


def test_titles_differ() -> None:
    for cases in CASES.values():
        titles = [title(case) for case in cases]
        assert len({*titles}) == len(titles)


def test_a_new_class_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    new = type("Newest", (qml.operation.Operation,), {"__module__": "pennylane.newest"})
    assert new in exported()
    user = type("OfAUser", (qml.operation.Operation,), {})
    assert user not in exported()
    monkeypatch.setattr(qml, "OfAUser", user, raising=False)
    assert user in exported()


def test_every_template_of_pennylane_is_walked() -> None:
    assert {qml.AngleEmbedding, qml.templates.TrotterizedQfunc, qml.QSVT} <= exported()
