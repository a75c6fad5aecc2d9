"""Each measurement, without shots and with, on every backend: values, gradients, and shapes
by the contract of the layer."""

from __future__ import annotations

import pytest

from tests.conformance.page import COMMAND, PAGE, rows_of
from tests.conformance.readings import READINGS, Reading
from tests.conformance.rows import row_of

# PennyLane's, of its own classes; that a layer warns of its road is tested in tests/host.
pytestmark = pytest.mark.filterwarnings("ignore")
RECORDED = rows_of(PAGE.read_text(encoding="utf-8"))["Measurements"]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_measurement(reading: Reading) -> None:
    assert row_of(reading) in RECORDED, f"{PAGE.name} says otherwise; run {COMMAND}"
