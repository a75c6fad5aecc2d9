"""How fast Qeras is meant to be, each target as a ratio within one session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.peers import BACKENDS, JITTED, PENNYLANE, RIVALS
from benchmarks.summary import Figures, Table
from benchmarks.workloads import WORKLOADS

METRICS: dict[str, tuple[str, Callable[[Figures], float]]] = {
    "step": ("ms a step", lambda figures: figures.step_ms),
    "first": ("s to the end of the first step", lambda figures: figures.first_s),
    "memory": ("MB above imports", lambda figures: figures.peak_mb),
}


@dataclass(frozen=True)
class Target:
    """Ours is at most `factor` times the least of `others`, or at most `most` itself.

    A factor of 1/8 reads "8 times faster"."""

    backend: str
    workload: str
    metric: str
    factor: float = 1.0
    others: tuple[str, ...] = ()
    most: float | None = None
    other_workload: str | None = None  # compare with ourselves there


@dataclass(frozen=True)
class Verdict:
    """A target with what was found."""

    target: Target
    other: str
    allowed: float
    found: float

    @property
    def met(self) -> bool:
        return self.found <= self.allowed


def _steps() -> list[Target]:
    table = {
        "moons": (
            ("jax", 1.4, ("dense-jax",)),
            ("jax", 1 / 200, ("original",)),
            ("torch", 2, ("dense-torch",)),
            ("tensorflow", 1.4, ("dense-tensorflow",)),
        ),
        "8q": (
            ("jax", 1 / 3, JITTED),
            ("torch", 1 / 12, ("pennylane-torch",)),
            ("tensorflow", 1 / 4, ("tensorcircuit-keras",)),
        ),
        "12q": (
            ("jax", 1 / 8, RIVALS),
            ("jax", 1 / 100, ("original",)),
            ("torch", 1 / 10, RIVALS),
            ("tensorflow", 1 / 8, ("tfq",)),
        ),
        "16q": _against_tfq(),
        "20q": _against_tfq(),
        "reupload": (
            ("jax", 1 / 2, JITTED),
            ("torch", 1 / 8, ("pennylane-torch",)),
            ("tensorflow", 1 / 3, ("tensorcircuit-keras",)),
        ),
        "noise": _against_pennylane(),
        "shots": _against_pennylane(),
    }
    return [
        Target(backend, workload, "step", factor, others)
        for workload, rows in table.items()
        for backend, factor, others in rows
    ]


def _against_tfq() -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    return (("jax", 1 / 3, ("tfq",)), ("torch", 1 / 4, ("tfq",)), ("tensorflow", 1 / 3, ("tfq",)))


def _against_pennylane() -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    return tuple((backend, 1 / 10, PENNYLANE) for backend in BACKENDS)


def _first_steps() -> list[Target]:
    both = ("8q", "12q")
    return [
        *(Target("jax", workload, "first", 1 / 8, JITTED) for workload in both),
        *(Target("jax", workload, "first", most=2.0) for workload in both),
        Target("jax", "depth60", "first", 1.5, other_workload="depth6"),
        Target("torch", "8q", "first", most=0.3),
        *(
            Target("tensorflow", workload, "first", 1 / 3, ("tensorcircuit-keras",))
            for workload in both
        ),
    ]


def _memory() -> list[Target]:
    copies = 8
    return [
        target
        for workload in ("16q", "20q")
        for backend in ("jax", "torch", "tensorflow")
        for target in (
            Target(
                backend, workload, "memory", most=copies * WORKLOADS[workload].state_bytes / 1e6
            ),
            Target(backend, workload, "memory", 1.1, RIVALS),
        )
    ]


TARGETS = (*_steps(), *_first_steps(), *_memory())


def verdicts(tables: Iterable[Table]) -> list[Verdict]:
    """Every target for which there are figures."""
    by_name = {table.workload: table.figures for table in tables}
    found = (_verdict(target, by_name) for target in TARGETS)
    return [verdict for verdict in found if verdict is not None]


def _verdict(target: Target, by_name: dict[str, dict[str, Figures]]) -> Verdict | None:
    figures, ours = by_name.get(target.workload, {}), f"qeras-{target.backend}"
    if ours not in figures:
        return None
    value = METRICS[target.metric][1]
    found = value(figures[ours])
    if target.most is not None:
        return Verdict(target, "", target.most, found)
    rivals = {peer: value(figures[peer]) for peer in target.others if peer in figures}
    if target.other_workload is not None:
        there = by_name.get(target.other_workload, {})
        rivals = {target.other_workload: value(there[ours])} if ours in there else {}
    if not rivals:
        return None
    best = min(rivals, key=lambda name: rivals[name])
    return Verdict(target, best, target.factor * rivals[best], found)
