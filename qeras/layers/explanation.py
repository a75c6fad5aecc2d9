"""Which road a layer takes and why, in a line and as a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qeras.host.reasons import Reason, method_name
from qeras.pipeline import Program
from qeras.plan.memory import memory_needed
from qeras.plan.moves import Repeat

if TYPE_CHECKING:
    from qeras.host.program import HostProgram
    from qeras.layers.sources import Source


@dataclass(frozen=True)
class Explanation:
    """How a layer runs; `print` it.

    Attributes:
        road: "native" or "host".
        reason: why, a sentence.
        instead: what would let the engine run it; None where it does.
        gates_before: operations of the circuit as it was written.
        gates_after: operations that run: after the passes, or, on the host road, in all
            the circuits that the device gets for one sample.
        circuits: how many of them it gets for one sample in the forward pass; 1 natively.
        moves: of the plan, by kind, natively; nothing on the host road.
        memory: estimate in bytes for one sample's state and gradient; None where a
            device's own business.
        gradient: the method that gives it.
    """

    road: str
    reason: str
    instead: str | None
    gates_before: int
    gates_after: int
    circuits: int
    moves: dict[str, int]
    memory: int | None
    gradient: str

    def __str__(self) -> str:
        moves = ", ".join(f"{count} {kind}" for kind, count in self.moves.items())
        lines = {
            "road": self.road,
            "reason": self.reason,
            "instead": self.instead,
            "gates": f"{self.gates_before} written, {self.gates_after} run",
            "circuits": f"{self.circuits} for each sample",
            "moves": moves or None,
            "memory": None if self.memory is None else f"{_bytes(self.memory)} for each sample",
            "gradient": self.gradient,
        }
        return "\n".join(f"{key + ':':10}{value}" for key, value in lines.items() if value)


def engine_text(source: Source) -> str:
    """The road in a line."""
    if source.reason is not None:
        return f"pennylane ({source.reason.why})"
    return f"qeras ({_simulated(source)}; {_native_gradient(source)})"


def host_warning(layer: str, name: str, reason: Reason) -> str:
    """What a layer says when it takes the host road with the QNode of that name."""
    return (
        f"The layer {layer!r} runs its QNode {name!r} in PennyLane, one circuit for each "
        f"sample, which is slower than the engine: {reason.why}. To use the engine, "
        f"{reason.instead}; road='host' takes this road without a warning."
    )


def explanation(source: Source, program: Program | HostProgram) -> Explanation:
    """The report of a built layer."""
    if isinstance(program, Program):
        return _native(source, program)
    gradient = program.gradient
    return Explanation(
        road="host",
        reason=f"PennyLane runs it, as {program.reason.why}",
        instead=program.reason.instead,
        gates_before=len(program.captured.operations),
        gates_after=program.plan.operations,
        circuits=program.plan.circuits,
        moves={},
        memory=None,
        gradient="none" if gradient is None else f"{gradient}, by PennyLane",
    )


def _native(source: Source, program: Program) -> Explanation:
    layout = program.plan.layout
    steps = [step for register in layout.registers for step in register.steps]
    kinds = Counter(type(move).__name__ for move in _moves([*steps, *layout.steps]))
    return Explanation(
        road="native",
        reason=f"the engine runs it: {_simulated(source)}",
        instead=None,
        gates_before=len(program.captured.operations),
        gates_after=len(program.circuit.operations),
        circuits=1,
        moves=dict(kinds),
        memory=memory_needed(program.circuit),
        gradient=_native_gradient(source),
    )


def _simulated(source: Source) -> str:
    if not source.shots:
        return f"{source.device} without shots is simulated exactly"
    numbers = ", ".join(map(str, source.shots))
    return f"{source.device} is simulated, {numbers} shots are drawn"


def _native_gradient(source: Source) -> str:
    if method_name(source.diff_method) is None:
        return "no gradient"
    return "parameter-shift gradient" if source.shots else "adjoint gradient"


def _moves(steps: Iterable[Any]) -> Iterator[Any]:
    """The moves, each as often as it runs."""
    for step in steps:
        if isinstance(step, Repeat):
            yield from (move for iteration in step.iterations for move in iteration)
        else:
            yield step


def _bytes(count: int) -> str:
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count //= 1024
    return f"{count} GiB"
