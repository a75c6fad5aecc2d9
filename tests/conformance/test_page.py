"""The page in the docs is what the command writes, and says what it should."""

from __future__ import annotations

import pennylane as qml
import pytest

from tests.conformance.page import COMMAND, PAGE, QUBITS, ROADS, page, rows_of
from tests.conformance.rows import CASES, title

pytestmark = pytest.mark.backend_independent
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = rows_of(TEXT)


def test_the_page_is_what_its_rows_give() -> None:
    """Each row by itself is run by the other tests."""
    assert page(ROWS, qml.__version__) == TEXT, f"run {COMMAND}"


def test_one_row_for_each_case() -> None:
    expected = {section: [title(case) for case in cases] for section, cases in CASES.items()}
    assert {section: [row.name for row in rows] for section, rows in ROWS.items()} == expected


def test_roads() -> None:
    assert {row.road for rows in ROWS.values() for row in rows} <= {*ROADS}


def test_nine_tenths_are_native() -> None:
    rows = [row for section in QUBITS for row in ROWS[section]]
    assert sum(row.road == "native" for row in rows) >= 0.9 * len(rows)


def test_what_is_not_native_says_why() -> None:
    for section, rows in ROWS.items():
        for row in rows:
            remark = row.remark if section == "Measurements" else row.third
            assert row.road == "native" or remark, row
