"""How a peer's training is timed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from benchmarks.workloads import Data


@dataclass
class Clock:
    """Times rounds of training; peers call `start` and `stop` until it is `done`.

    It stops after `rounds`, or after `seconds` once there are `at_least` rounds."""

    rounds: int
    seconds: float = math.inf
    at_least: int = 1
    durations: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    _started: float = 0.0

    def start(self) -> None:
        self._started = perf_counter()

    def stop(self, loss: float) -> None:
        """End of a round whose work is finished, with the mean loss of its steps."""
        self.ends.append(perf_counter())
        self.durations.append(self.ends[-1] - self._started)
        self.losses.append(float(loss))

    @property
    def done(self) -> bool:
        count = len(self.durations)
        spent = self.ends[-1] - self.ends[0] if count else 0.0
        return count >= self.rounds or (count >= self.at_least and spent > self.seconds)


class Training(Protocol):
    """A model of a peer, ready to be trained."""

    def run(self, data: Data, clock: Clock) -> None:
        """Train on `data` round by round until the clock is done, telling it of each."""
