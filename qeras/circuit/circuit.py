"""The circuit: plain frozen data between capture and plan.

A *wire* is the user's label (an int or a str). Parameters are expressions.
Nothing here knows PennyLane, Keras or a backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qeras.circuit.expressions import ONE, ZERO, Expression, sources

Wire = int | str


@dataclass(frozen=True)
class Operation:
    """A gate of the table in `qeras.circuit.gates`, applied to wires.

    Attributes:
        gate: name in the gate table, PennyLane's name of the uncontrolled gate.
        wires: target wires, most significant first.
        parameters: as the gate table says; angles in radians.
        controls: wires that control the gate, `CNOT` is `PauliX` with one control.
        control_values: the value each control must have.
        pauli_word: letters `IXYZ`, one a wire; only for `PauliRot` and `PauliError`.
    """

    gate: str
    wires: tuple[Wire, ...]
    parameters: tuple[Expression, ...] = ()
    controls: tuple[Wire, ...] = ()
    control_values: tuple[bool, ...] = ()
    pauli_word: str = ""

    def __repr__(self) -> str:
        wires = ", ".join(map(repr, self.wires))
        shown = ", ".join(map(repr, self.parameters[:4])) + (
            ", ..." if len(self.parameters) > 4 else ""
        )
        word = f"{self.pauli_word!r}, " if self.pauli_word else ""
        controls = ", ".join(
            f"{'' if value else '!'}{wire!r}"
            for wire, value in zip(self.controls, self.control_values, strict=True)
        )
        return (
            f"{self.gate}({shown}{', ' if shown else ''}{word}wires=[{wires}]"
            f"{f', controls=[{controls}]' if controls else ''})"
        )


@dataclass(frozen=True)
class PauliTerm:
    """`coefficient` times a product of Pauli letters, e.g. `{0: "X", 2: "Z"}`.

    An empty product is the identity."""

    coefficient: Expression
    factors: tuple[tuple[Wire, str], ...] = ()


@dataclass(frozen=True)
class HermitianTerm:
    """`coefficient` times a constant Hermitian matrix on `wires`.

    The matrix is a nested tuple of complex numbers, `2**len(wires)` rows."""

    coefficient: Expression
    wires: tuple[Wire, ...]
    matrix: tuple[tuple[complex, ...], ...]


Term = PauliTerm | HermitianTerm
Observable = tuple[Term, ...]  # the sum of the terms

MEASUREMENT_KINDS = (
    "expval",
    "var",
    "probs",
    "state",
    "density_matrix",
    "purity",
    "vn_entropy",
    "mutual_info",
    "sample",
    "counts",
)
# What can be read from a number of shots.
SAMPLED_KINDS = ("expval", "var", "probs", "sample", "counts")


@dataclass(frozen=True)
class Measurement:
    """What is read from the final state.

    Attributes:
        kind: one of `MEASUREMENT_KINDS`.
        wires: wires measured, in the user's order (`mutual_info`: the first
            subsystem; `expval` and `var`: empty).
        other_wires: the second subsystem of `mutual_info`.
        observable: for `expval` and `var`, the sum of terms; for `sample` and `counts`
            one term, or empty where wires are measured.
        basis: for `probs` of an observable, the constant unitary on `wires` applied
            before the computational basis is read, as nested tuples; else empty.
        log_base: of `vn_entropy` and `mutual_info`; None is e.
    """

    kind: str
    wires: tuple[Wire, ...] = ()
    other_wires: tuple[Wire, ...] = ()
    observable: Observable = ()
    basis: tuple[tuple[complex, ...], ...] = ()
    log_base: float | None = None


@dataclass(frozen=True)
class Circuit:
    """One sample's circuit.

    Attributes:
        name: of the user's function.
        wires: all wires, in the order of the state's axes.
        features: length of the inputs' last axis.
        input_name: name of the QNode's argument that takes the inputs; the source
            of references to inputs.
        weight_shapes: shape of each weight, by name; sources of the references.
        operations: in order of application to `|0...0>`.
        measurements: in the order that the QNode returns them.
        keys: for a QNode that returns a dict, its keys; else empty.
        single: whether the QNode returned one measurement, not a list or tuple.
        shots: how often the circuit is run and measured; several numbers give the
            measurements anew for each; empty for exact results.
    """

    name: str
    wires: tuple[Wire, ...]
    features: int
    input_name: str
    weight_shapes: Mapping[str, tuple[int, ...]]
    operations: tuple[Operation, ...]
    measurements: tuple[Measurement, ...]
    keys: tuple[str, ...] = ()
    single: bool = False
    shots: tuple[int, ...] = ()

    def to_json(self) -> str:
        """The circuit as the text of a JSON document: see `docs/circuit-format.md`.

        Raises:
            ValueError: if the circuit holds what no document can, such as nan."""
        from qeras.circuit.serialization import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, document: str | bytes) -> Circuit:
        """The circuit of a `to_json`. Nothing in the document is executed.

        Raises:
            ValueError: naming what is wrong, for any other text."""
        from qeras.circuit.serialization import from_json

        return from_json(document)

    def __str__(self) -> str:
        lines = [f"{self.name}({self.input_name}[{self.features}], {dict(self.weight_shapes)})"]
        lines += [f"  {operation!r}" for operation in self.operations]
        lines += [f"  -> {measurement!r}" for measurement in self.measurements]
        return "\n".join(lines)

    def expressions(self) -> Iterator[Expression]:
        """Every expression of operations and observables, with repetitions."""
        for operation in self.operations:
            yield from operation.parameters
        for measurement in self.measurements:
            for term in measurement.observable:
                yield term.coefficient

    @property
    def postselects(self) -> bool:
        """Whether constant projectors take away some of the state's norm."""
        return any(map(is_projector, self.operations))

    def sources(self) -> set[str]:
        """Names of the inputs and weights that the circuit really uses."""
        return sources(self.expressions())


def is_projector(operation: Operation) -> bool:
    """Whether the operation is a constant projector on basis states: postselection."""
    if operation.gate != "DiagonalQubitUnitary" or operation.controls:
        return False
    return all(one is ONE or one is ZERO for one in operation.parameters) and any(
        one is ZERO for one in operation.parameters[: len(operation.parameters) // 2]
    )
