"""The figures as text: tables of a workload each, and the targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.peers import BACKENDS, PEERS
from benchmarks.summary import Figures, Table
from benchmarks.targets import METRICS, Verdict
from benchmarks.workloads import WORKLOADS

INTRODUCTION = """# Benchmarks

Written by `make bench`; every figure on this page is from a run of it.

Each peer trains the same model (`Dense`, the circuit, `Dense`; SGD) on the same data from the
same initial weights, one process a measurement and one at a time, taking turns.

- **step**: forward, backward and update; for the moons a whole epoch of 30 training and 10
  validation batches. Median and quartiles. Keras layers are trained by `fit`, the others by a loop
  written for their framework. Time is taken over many steps at once, to the end of the last:
  nobody is made to wait between steps.
- **first step**: from before the model is made to the end of its first step: capture, tracing and
  compiling. Starting the framework is not in it.
- **memory**: peak resident memory above that after the imports.
- **loss**: largest difference from the losses of the authority over the first six steps: a
  simulator in complex128 written for this in NumPy, or where that is too slow PennyLane's
  `default.qubit`, which computes in complex128. Every gradient enters these losses. With shots
  losses are random and the authority's are exact: a difference above 0.03 is marked, several
  standard deviations of these losses.
- **× a backend**: how many times a peer's step takes what Qeras takes on that backend.
"""


def page(tables: Sequence[Table], verdicts: Sequence[Verdict], plot: str | None) -> str:
    """The whole page in Markdown; `plot` is the name of the figure's file."""
    parts = [INTRODUCTION, _machine(tables)]
    parts += [f"![Training step of every peer]({plot})\n"] if plot else []
    parts += [section(table) for table in tables]
    parts += [targets(verdicts)] if verdicts else []
    return "\n".join([*parts, _versions(tables)])


def section(table: Table) -> str:
    """One workload."""
    unit = "epoch" if WORKLOADS[table.workload].moons else "step"
    ours = [f"qeras-{name}" for name in BACKENDS if f"qeras-{name}" in table.figures]
    head = ["", f"{unit} ms", "quartiles", "first step s", "memory MB", "loss"]
    head += [f"× {peer.removeprefix('qeras-')}" for peer in ours]
    rows = [
        [PEERS[peer].title, *_cells(table, peer), *_ratios(table, peer, ours)]
        for peer in PEERS
        if peer in table.figures and PEERS[peer].timed
    ]
    title = f"## {table.workload}: {WORKLOADS[table.workload].title}\n"
    absent = [
        f"- {PEERS[peer].title}: {outcome}"
        for peer, outcome in table.outcomes.items()
        if peer not in table.figures and PEERS[peer].timed
    ]
    return "\n".join([title, *_markdown(head, rows), "", *absent, *[""] * bool(absent)])


def targets(verdicts: Iterable[Verdict]) -> str:
    """What was aimed at, and what was found."""
    rows = [_target_row(verdict) for verdict in verdicts]
    head = ["workload", "backend", "what", "at most", "found", "met"]
    return "\n".join(["## Targets\n", *_markdown(head, rows), ""])


def _cells(table: Table, peer: str) -> list[str]:
    figures = table.figures[peer]
    low, high = figures.spread_ms
    return [
        short(figures.step_ms),
        f"{short(low)}–{short(high)}",
        short(figures.first_s),
        f"{figures.peak_mb:.0f}",
        _agreement(figures, peer, table),
    ]


def _agreement(figures: Figures, peer: str, table: Table) -> str:
    if peer.startswith("dense-"):
        return "another model"
    if figures.deviation is None or peer == table.authority:
        return "authority" if peer == table.authority else "–"
    tolerance = WORKLOADS[table.workload].tolerance
    return f"{figures.deviation:.0e}" + " **differs**" * (not figures.deviation <= tolerance)


def _ratios(table: Table, peer: str, ours: list[str]) -> list[str]:
    step = table.figures[peer].step_ms
    return [short(step / table.figures[mine].step_ms) for mine in ours]


def _target_row(verdict: Verdict) -> list[str]:
    target = verdict.target
    bound = f"{short(verdict.allowed)} {METRICS[target.metric][0]}"
    if verdict.other:
        other = PEERS[verdict.other].title if verdict.other in PEERS else verdict.other
        factor = target.factor
        bound += f" ({f'1/{1 / factor:.0f}' if factor < 1 else f'{factor:g} ×'} of {other})"
    ratio = verdict.found / verdict.allowed
    met = "yes" if verdict.met else f"no, {ratio:.2g} × too much"
    return [target.workload, target.backend, target.metric, bound, short(verdict.found), met]


def _machine(tables: Sequence[Table]) -> str:
    facts = sorted({", ".join(f"{k} {v}" for k, v in table.machine.items()) for table in tables})
    days = sorted({table.session[:10] for table in tables})
    return f"Measured on {' and '.join(days)}: {'; '.join(facts)}.\n"


def _versions(tables: Sequence[Table]) -> str:
    versions = {peer: found for table in tables for peer, found in table.versions.items()}
    rows = [
        [PEERS[peer].title, ", ".join(f"{name} {number}" for name, number in found.items())]
        for peer, found in sorted(versions.items(), key=lambda item: list(PEERS).index(item[0]))
    ]
    return "\n".join(["## Versions\n", *_markdown(["", "packages"], rows), ""])


def _markdown(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def short(number: float) -> str:
    """Three significant digits without an exponent."""
    if abs(number) >= 100:
        return f"{number:.0f}"
    return f"{number:.3g}"
