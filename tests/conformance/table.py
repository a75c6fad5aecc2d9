"""Runs every case and writes docs/conformance.md: `python -m tests.conformance.table`."""

from __future__ import annotations

import sys
import warnings

import pennylane as qml

from tests.conformance.page import PAGE, page
from tests.conformance.rows import CASES, Row, row_of, title


def main() -> int:
    """Writes the page; 1 if a layer was wrong or crashed, and then the page stays as it is."""
    warnings.simplefilter("ignore")
    rows: dict[str, list[Row]] = {section: [] for section in CASES}
    failed = 0
    for section, cases in CASES.items():
        for case in cases:
            try:
                rows[section].append(row_of(case))
            except Exception as error:
                failed += 1
                print(f"{section}: {title(case)}: {type(error).__name__}: {error}", file=sys.stderr)
    if not failed:
        PAGE.write_text(page(rows, qml.__version__), encoding="utf-8")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
