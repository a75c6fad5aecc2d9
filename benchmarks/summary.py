"""The figures of a session: medians over all processes of a peer on a workload."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.session import Record
from benchmarks.workloads import WORKLOADS

# Who says what the losses should be: the first of them that ran.
AUTHORITIES = ("reference", "pennylane-torch", "tensorcircuit-jax", "tfq")


@dataclass(frozen=True)
class Figures:
    """One peer on one workload.

    Attributes:
        step_ms: median milliseconds of a training step; of an epoch for the moons.
        spread_ms: first and third quartile.
        first_s: seconds from making the model to the end of its first step.
        peak_mb: peak memory above that after the imports.
        deviation: largest difference of a loss from the authority's; None without one.
    """

    step_ms: float
    spread_ms: tuple[float, float]
    first_s: float
    peak_mb: float
    deviation: float | None


@dataclass(frozen=True)
class Table:
    """One workload in one session."""

    workload: str
    session: str
    machine: dict[str, str]
    figures: dict[str, Figures]
    outcomes: dict[str, str]
    versions: dict[str, dict[str, str]]
    authority: str | None


def load(results: Path) -> list[Record]:
    """All records of a file of results."""
    return [json.loads(line) for line in results.read_text().splitlines()]


def latest(records: Iterable[Record]) -> list[Record]:
    """For each workload the records of the last session that was not a quick one."""
    kept = [record for record in records if not record["quick"]]
    last = {record["workload"]: record["session"] for record in kept}
    return [record for record in kept if record["session"] == last[record["workload"]]]


def tables(records: Iterable[Record]) -> list[Table]:
    """A table for each workload, in their order, from the records of one session each."""
    by_workload: dict[str, list[Record]] = {workload: [] for workload in WORKLOADS}
    for record in records:
        by_workload[record["workload"]].append(record)
    return [_table(workload, chosen) for workload, chosen in by_workload.items() if chosen]


def _table(workload: str, records: list[Record]) -> Table:
    by_peer: dict[str, list[Record]] = {}
    for record in records:
        if record["outcome"] == "measured":
            by_peer.setdefault(record["peer"], []).append(record)
    authority = next((peer for peer in AUTHORITIES if peer in by_peer), None)
    losses = by_peer[authority][0]["losses"] if authority else None
    return Table(
        workload=workload,
        session=records[0]["session"],
        machine=records[0]["machine"],
        figures={peer: _figures(found, losses) for peer, found in by_peer.items()},
        outcomes={record["peer"]: record["outcome"] for record in records},
        versions={peer: found[0]["versions"] for peer, found in by_peer.items()},
        authority=authority,
    )


def _figures(records: list[Record], losses: list[float] | None) -> Figures:
    steps = [step for record in records for step in record["step_ms"]]
    low, middle, high = np.percentile(steps, [25, 50, 75])
    return Figures(
        step_ms=float(middle),
        spread_ms=(float(low), float(high)),
        first_s=float(np.median([record["first_s"] for record in records])),
        peak_mb=max(record["peak_mb"] for record in records),
        deviation=None if losses is None else _deviation(records, losses),
    )


def _deviation(records: list[Record], losses: list[float]) -> float:
    """Over as many steps as both took."""
    return max(
        abs(mine - other)
        for record in records
        for mine, other in zip(record["losses"], losses, strict=False)
    )
