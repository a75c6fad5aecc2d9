"""Each class comes out as docs/conformance.md says: same values and gradients as its QNode.

Once, on one backend; tests/oracle runs every gate of the engine on all.
"""

from __future__ import annotations

import pytest

from tests.conformance.page import COMMAND, PAGE, rows_of
from tests.conformance.readings import Reading
from tests.conformance.rows import CASES, Case, row_of, title

pytestmark = [
    pytest.mark.backend_independent,
    # PennyLane's, of its own classes; that a layer warns of its road is tested in tests/host.
    pytest.mark.filterwarnings("ignore"),
]
RECORDED = rows_of(PAGE.read_text(encoding="utf-8"))
GIVEN = [
    pytest.param(section, case, id=f"{section}: {title(case)}")
    for section, cases in CASES.items()
    for case in cases
    if not isinstance(case, Reading)
]


@pytest.mark.parametrize(("section", "case"), GIVEN)
def test_class(section: str, case: Case) -> None:
    assert row_of(case) in RECORDED[section], f"{PAGE.name} says otherwise; run {COMMAND}"
