"""One measurement: one peer on one workload, in a process of its own.

    python -m benchmarks.measure PEER WORKLOAD SECONDS [--small]

prints one line of JSON, see `Measured`. Needs NumPy and the peer alone.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter

from benchmarks.clock import Clock, Training
from benchmarks.peers import PEERS, Peer
from benchmarks.workloads import WORKLOADS, Data, Workload

MARK = "MEASURED "
LOSS_ROUNDS = 6
ROUND_SECONDS = 0.5  # a timed round is as many steps as fit in this, so that ends cost little
MOST_STEPS = 500
MOST_ROUNDS = 40


@dataclass(frozen=True)
class Measured:
    """What one process found.

    Attributes:
        build_s: making the model.
        first_s: from the start of making the model to the end of the first step, for the
            moons of the first epoch: capture, tracing and compilation are in it.
        step_ms: mean milliseconds a step in each timed round; for the moons a whole epoch.
        steps: steps in a round.
        losses: training loss of the first steps, each before its update; for the moons the
            mean of each epoch.
        import_mb: peak resident memory after the imports.
        peak_mb: how much higher the peak was at the end.
    """

    build_s: float
    first_s: float
    step_ms: list[float]
    steps: int
    losses: list[float]
    import_mb: float
    peak_mb: float
    versions: dict[str, str]
    load: float


def measure(peer: Peer, workload: Workload, seconds: float) -> Measured:
    """Train `workload` with `peer`, for about `seconds` after its first step."""
    module = import_module(f"benchmarks.peers.{peer.module}")
    module.start()
    imports = peak_memory()

    begin = perf_counter()
    training: Training = module.training(workload)
    built = perf_counter()
    first = Clock(LOSS_ROUNDS, seconds, at_least=4)
    training.run(workload.data(1), first)
    steps, durations = timed_rounds(training, workload, first, seconds if peer.timed else 0)

    return Measured(
        build_s=built - begin,
        first_s=first.ends[0] - begin,
        step_ms=[1e3 * duration / steps for duration in durations],
        steps=steps,
        losses=first.losses,
        import_mb=imports,
        peak_mb=peak_memory() - imports,
        versions={package: installed(package) for package in ("numpy", *peer.packages)},
        load=os.getloadavg()[0],
    )


def timed_rounds(
    training: Training, workload: Workload, first: Clock, seconds: float
) -> tuple[int, list[float]]:
    """Steps in a round, and the seconds that each round took.

    Where steps are so slow that more would not pay, the first ones serve, without the one
    that compiled and the one after it, which may have compiled again."""
    step = min(first.durations[1:])
    if step > seconds / 3:
        return 1, first.durations[2:]
    if workload.moons:
        return 1, rounds(training, workload.data(1), seconds)
    # Twice, because the ends of a round are most of the time in a round of one step.
    for _ in range(2):
        steps = round_length(step)
        step = min(rounds(training, workload.data(steps), seconds=0)) / steps
    steps = round_length(step)
    return steps, rounds(training, workload.data(steps), seconds)


def rounds(training: Training, data: Data, seconds: float) -> list[float]:
    """What rounds on `data` take, at least two of them, for about so many seconds."""
    clock = Clock(MOST_ROUNDS, seconds, at_least=3)
    training.run(data, clock)
    return clock.durations[1:]


def installed(package: str) -> str:
    """Version of a package, of its build for the processor where that is what is there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return version(f"{package}-cpu")


def round_length(step: float) -> int:
    """Steps in a round, for a step of so many seconds."""
    return max(1, min(MOST_STEPS, math.ceil(ROUND_SECONDS / step)))


def peak_memory() -> float:
    """Highest resident memory of this process so far, in MB.

    On Linux a process begins with its parent's peak, so the parent must stay small."""
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    workload = WORKLOADS[arguments.workload]
    workload = workload.small() if arguments.small else workload
    try:
        found = asdict(measure(PEERS[arguments.peer], workload, arguments.seconds))
    except NotImplementedError as refusal:
        found = {"refused": str(refusal)}
    print(MARK + json.dumps(found))


if __name__ == "__main__":
    main()
