"""The figure of the report: the training step of every peer on every workload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt

from benchmarks.peers import PEERS
from benchmarks.summary import Table

MARKERS = {"qeras": "o", "dense": "|", "pennylane": "s", "tensorcircuit": "D", "tfq": "^"}
COLOURS = {"jax": "tab:blue", "tensorflow": "tab:orange", "keras": "tab:orange", "torch": "tab:red"}


def draw(tables: Sequence[Table], path: Path) -> None:
    """One row a workload, one mark a peer, milliseconds a step on a logarithmic axis."""
    figure, axes = plt.subplots(figsize=(9, 1.5 + 0.5 * len(tables)), layout="constrained")
    for peer in PEERS:
        rows = [row for row, table in enumerate(tables) if peer in table.figures]
        if not rows or not PEERS[peer].timed:
            continue
        steps = [tables[row].figures[peer].step_ms for row in rows]
        axes.scatter(steps, rows, label=PEERS[peer].title, zorder=3, **_style(peer))
    axes.set_yticks(range(len(tables)), [table.workload for table in tables])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds a training step (moons: an epoch)")
    axes.grid(axis="x", alpha=0.4)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _style(peer: str) -> dict[str, Any]:
    family, _, backend = peer.partition("-")
    ours = family == "qeras"
    return {
        "marker": MARKERS.get(family, "x"),
        "color": COLOURS.get(backend, "tab:green" if family == "tfq" else "black"),
        "s": 90 if ours else 35,
        "alpha": 1.0 if ours else 0.7,
    }
