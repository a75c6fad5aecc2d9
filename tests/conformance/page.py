"""docs/conformance.md: made of rows, and read back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.conformance.rows import Row

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
COMMAND = "python -m tests.conformance.table"
ROADS = ("native", "host", "not possible")
COLUMNS = {
    "Observables": ("class", "without shots", "with shots", "remark"),
    "Measurements": ("measurement", "without shots", "with shots", "one sample's result", "remark"),
}
OTHERS = ("class", "road", "compared", "remark")
QUBITS = ("Operations on qubits", "Templates")

Rows = Mapping[str, Sequence[Row]]

START = """\
# Conformance

Written by `{command}` with PennyLane {version}. The tests run every
row again; they fail where it comes out differently, and where PennyLane exports a class that has
no row.

Each row is a small QNode with that class, run by a layer and by PennyLane. Values are compared in
float64 and float32, gradients by inputs and weights in float64, with the QNode's own where
PennyLane has one that is right, else with central differences of its values. With shots the mean
of what is drawn is compared with the exact one. A result is

- **native**: Qeras's engine runs it,
- **host**: PennyLane runs it inside the layer ([devices.md](devices.md)),
- **not possible**: PennyLane cannot run it in a QNode; the remark is its own message.

Of qubit operations and templates {native} of {total} are native, {percent:.0f} %.

{summary}

Devices: `default.qubit`; `default.mixed` for channels and `QubitDensityMatrix`; `default.qutrit`,
`default.qutrit.mixed` and `default.gaussian` for theirs. Base classes, and classes that no circuit
is written with, have no row: [tests/conformance/internal.py](../tests/conformance/internal.py)
lists them with the reason.
"""


def page(rows: Rows, version: str) -> str:
    """The page as text."""
    of_qubits = [row for section in QUBITS for row in rows[section]]
    native = sum(row.road == "native" for row in of_qubits)
    start = START.format(
        command=COMMAND,
        version=version,
        native=native,
        total=len(of_qubits),
        percent=100 * native / len(of_qubits),
        summary=_summary(rows),
    )
    parts = [start]
    for section, lines in rows.items():
        columns = COLUMNS.get(section, OTHERS)
        parts.append(
            f"\n## {section}\n\n" + _table(columns, [r.cells(len(columns)) for r in lines])
        )
    return "".join(parts)


def rows_of(text: str) -> dict[str, list[Row]]:
    """The rows of a page."""
    rows: dict[str, list[Row]] = {}
    for part in text.split("\n## ")[1:]:
        section, *lines = part.splitlines()
        cells = [line[2:-2].split(" | ") for line in lines if line.startswith("| `")]
        rows[section] = [Row(*(cell.strip() for cell in row)) for row in cells]
    return rows


def _summary(rows: Rows) -> str:
    lines = []
    for section, found in rows.items():
        roads = Counter(road for row in found for road in _roads(section, row))
        lines.append([section, *(str(roads[road]) for road in ROADS)])
    return _table(("section", *ROADS), lines).rstrip("\n")


def _roads(section: str, row: Row) -> tuple[str, ...]:
    """One road, or those without shots and with shots."""
    return (row.road, row.second) if section in COLUMNS else (row.road,)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
