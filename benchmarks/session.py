"""A session: every chosen peer on every chosen workload, in turn, one process at a time."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.environments import ROOT, EnvironmentSetupError
from benchmarks.machine import machine
from benchmarks.measure import MARK
from benchmarks.peers import PEERS

Record = dict[str, Any]

PATIENCE = 60.0  # seconds of a process beyond which it is not run again


@dataclass(frozen=True)
class Choice:
    """What a session measures.

    Attributes:
        workloads, peers: their names.
        repeats: processes for each of them, in turns: A B C, A B C.
        seconds: steady training that each process times.
        limit: seconds after which a process is ended.
        budget: seconds after which no process is started.
        small: sizes that only show that everything runs.
        quick: figures to look at, which no report takes.
    """

    workloads: list[str]
    peers: list[str]
    repeats: int
    seconds: float
    limit: float
    budget: float
    small: bool = False
    quick: bool = False


def run(choice: Choice, results: Path) -> list[Record]:
    """Measure everything chosen; each record is appended to `results` as a line of JSON."""
    interpreters = {name: _interpreter(name) for name in choice.peers}
    about = {
        "session": datetime.now().isoformat(timespec="seconds"),
        "quick": choice.quick,
        "machine": machine(),
    }
    records = []
    for record in _measurements(choice, interpreters):
        record = {**about, **record}
        with results.open("a") as file:
            file.write(json.dumps(record) + "\n")
        print(line(record), flush=True)
        records.append(record)
    return records


def _measurements(choice: Choice, interpreters: dict[str, str]) -> Iterator[Record]:
    begin = perf_counter()
    for workload in choice.workloads:
        finished: set[str] = set()
        for turn in range(choice.repeats):
            for peer in choice.peers:
                if peer in finished:
                    continue
                if perf_counter() - begin > choice.budget:
                    print(f"The budget of {choice.budget:g} s is spent.")
                    return
                record = _process(peer, workload, interpreters[peer], choice)
                yield {"workload": workload, "peer": peer, "turn": turn, **record}
                again = record["outcome"] == "measured" and record["wall_s"] < PATIENCE
                if not again or not PEERS[peer].timed:
                    finished.add(peer)


def _interpreter(peer: str) -> str:
    """Python of the peer's environment, or an empty string where that could not be made."""
    try:
        return PEERS[peer].environment.interpreter()
    except EnvironmentSetupError as failure:
        print(f"{peer} is left out: {failure}")
        return ""


def _process(peer: str, workload: str, interpreter: str, choice: Choice) -> Record:
    if not interpreter:
        return {"outcome": "not installed", "wall_s": 0.0}
    command = [interpreter, "-m", "benchmarks.measure", peer, workload, str(choice.seconds)]
    begin = perf_counter()
    try:
        done = subprocess.run(
            command + ["--small"] * choice.small,
            cwd=ROOT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **PEERS[peer].variables},
            capture_output=True,
            text=True,
            timeout=choice.limit,
        )
    except subprocess.TimeoutExpired:
        return {"outcome": f"over {choice.limit:g} s", "wall_s": choice.limit}
    return {**_outcome(done), "wall_s": perf_counter() - begin}


def _outcome(done: subprocess.CompletedProcess[str]) -> Record:
    for text in done.stdout.splitlines():
        if text.startswith(MARK):
            found = json.loads(text.removeprefix(MARK))
            return {"outcome": found.pop("refused", "measured"), **found}
    last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return {"outcome": f"failed: {last[:200]}"}


def line(record: Record) -> str:
    """A record in a line for the terminal."""
    start = f"{record['workload']:10} {record['peer']:20} "
    if record["outcome"] != "measured":
        return start + record["outcome"]
    steps = sorted(record["step_ms"])
    return start + (
        f"{steps[len(steps) // 2]:10.3f} ms  first {record['first_s']:6.2f} s  "
        f"memory +{record['peak_mb']:5.0f} MB  last loss {record['losses'][-1]:.5f}"
    )
