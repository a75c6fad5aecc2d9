"""What is trained: models, data and initial weights, the same for every peer.

Needs NumPy alone, since it is imported in the environment of every peer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

Array = np.ndarray
Ansatz = Literal["strongly-entangling", "basic-entangler", "ising", "brick-wall"]
DEPOLARIZING = "Depolarizing"  # the name of the one gate that is a channel
# Losses of 1000 shots and a batch of 32 come within 0.025 of the exact ones in 300 simulated
# trainings; a gradient of the circuit that is zero or twice too large is 0.05 off, another
# circuit 0.2.
SHOTS_TOLERANCE = 0.03


class Parameters(NamedTuple):
    """Initial weights of the model, in the order of `model.get_weights()`."""

    kernel_in: Array
    bias_in: Array
    weights: Array
    kernel_out: Array
    bias_out: Array


@dataclass(frozen=True)
class Data:
    """One round of training: samples (count, features), targets (count, outputs)."""

    x: Array
    y: Array
    batch: int
    validation: tuple[Array, Array] | None = None

    def batches(self) -> Iterator[tuple[Array, Array]]:
        yield from _batches(self.x, self.y, self.batch)

    def validation_batches(self) -> Iterator[tuple[Array, Array]]:
        if self.validation is not None:
            yield from _batches(*self.validation, self.batch)


@dataclass(frozen=True)
class Gate:
    """A gate of the circuit; `angle` says whose entry it turns by.

    The angle of an input is ("inputs", (feature,)), of a weight ("weights", index)."""

    name: str
    wires: tuple[int, ...]
    angle: tuple[str, tuple[int, ...]] | None = None


@dataclass(frozen=True)
class Workload:
    """Dense(qubits), the circuit, then Dense: a regression by SGD on the squared error.

    The moons are a classification instead: softmax, absolute error, a validation set.
    """

    name: str
    qubits: int
    layers: int
    batch: int
    ansatz: Ansatz = "strongly-entangling"
    entangler: Literal["CNOT", "CZ"] = "CNOT"
    reupload: bool = False
    measures: Literal["expval", "probs"] = "expval"
    moons: bool = False
    noise: float = 0.0  # probability of the depolarizing channel on each wire after each layer
    shots: int | None = None

    @property
    def title(self) -> str:
        """One line for tables."""
        parts = [f"{self.qubits} qubits, {self.layers} {_TITLES[self.ansatz]} layers"]
        parts += [f"{self.entangler} entanglers"] * (self.entangler != "CNOT")
        parts += ["inputs in every layer"] * self.reupload
        parts += ["probs"] * (self.measures == "probs")
        parts += ["depolarizing channels"] * bool(self.noise)
        parts += [f"{self.shots} shots"] * bool(self.shots)
        return ", ".join([*parts, f"batch {self.batch}"])

    @property
    def weight_shape(self) -> tuple[int, ...]:
        return {
            "strongly-entangling": (self.layers, self.qubits, 3),
            "basic-entangler": (self.layers, self.qubits),
            "ising": (self.layers, 2, self.qubits),
            "brick-wall": (self.layers, self.qubits // 2, 9),
        }[self.ansatz]

    @property
    def quantum_outputs(self) -> int:
        return self.qubits if self.measures == "expval" else 2**self.qubits

    @property
    def outputs(self) -> int:
        return 2 if self.moons else 1

    @property
    def learning_rate(self) -> float:
        return 0.2 if self.moons else 0.1

    @property
    def tolerance(self) -> float:
        """How far a loss of the first steps may be from the exact one.

        Without shots: float32 and complex64. With shots losses are random: see
        `SHOTS_TOLERANCE`."""
        return SHOTS_TOLERANCE if self.shots else 1e-3

    @property
    def state_bytes(self) -> int:
        """One copy of the batch's states in complex64."""
        return self.batch * 2**self.qubits * 8

    def small(self) -> Workload:
        """The same in a size that runs in no time, to see that it runs."""
        if self.moons:
            return self
        # More shots for fewer samples: losses scatter no more than in the whole size.
        shots = self.shots and 10 * self.shots
        return replace(
            self, qubits=min(self.qubits, 3), layers=min(self.layers, 2), batch=4, shots=shots
        )

    def parameters(self) -> Parameters:
        """Glorot-uniform kernels, zero biases, angles in [0, 2π), float32."""
        draw = np.random.default_rng(1)
        values = (
            _glorot(draw, self.qubits, self.qubits),
            np.zeros(self.qubits),
            draw.uniform(0, 2 * np.pi, self.weight_shape),
            _glorot(draw, self.quantum_outputs, self.outputs),
            np.zeros(self.outputs),
        )
        return Parameters(*(value.astype("float32") for value in values))

    def data(self, steps: int) -> Data:
        """A round of `steps` steps on the same batch; for the moons always one epoch."""
        if self.moons:
            x, y = _two_moons(200, noise=0.1)
            return Data(x[:150], y[:150], self.batch, (x[150:], y[150:]))
        draw = np.random.default_rng(2)
        x = draw.uniform(-1, 1, (self.batch, self.qubits)).astype("float32")
        y = draw.uniform(-1, 1, (self.batch, 1)).astype("float32")
        return Data(np.tile(x, (steps, 1)), np.tile(y, (steps, 1)), self.batch)

    def gates(self) -> list[Gate]:
        """The circuit gate by gate, for peers without PennyLane's templates."""
        gates = [] if self.reupload else self._embedding()
        for layer in range(self.layers):
            gates += self._embedding() if self.reupload else []
            gates += _LAYERS[self.ansatz](self, layer)
            if self.noise:
                gates += [Gate(DEPOLARIZING, (wire,)) for wire in range(self.qubits)]
        return gates

    def _embedding(self) -> list[Gate]:
        return [Gate("RX", (wire,), ("inputs", (wire,))) for wire in range(self.qubits)]

    def _strongly_entangling(self, layer: int) -> list[Gate]:
        reach = 1 if self.reupload else layer % (self.qubits - 1) + 1
        turns = [
            Gate(name, (wire,), ("weights", (layer, wire, entry)))
            for wire in range(self.qubits)
            for entry, name in enumerate(("RZ", "RY", "RZ"))
        ]
        return turns + [
            Gate(self.entangler, (wire, (wire + reach) % self.qubits))
            for wire in range(self.qubits)
        ]

    def _basic_entangler(self, layer: int) -> list[Gate]:
        turns = [Gate("RX", (wire,), ("weights", (layer, wire))) for wire in range(self.qubits)]
        return turns + [Gate("CNOT", wires) for wires in ring(self.qubits)]

    def _ising(self, layer: int) -> list[Gate]:
        turns = [Gate("RY", (wire,), ("weights", (layer, 0, wire))) for wire in range(self.qubits)]
        return turns + [
            Gate("IsingZZ", wires, ("weights", (layer, 1, wires[0]))) for wires in ring(self.qubits)
        ]

    def _brick_wall(self, layer: int) -> list[Gate]:
        """Any gate of two wires on each pair: nine rotations of a wire and three flips."""
        gates = []
        for number, pair in enumerate(bricks(self.qubits, layer)):
            angles = [("weights", (layer, number, entry)) for entry in range(9)]
            gates += [
                Gate(name, wires, angles[angle] if angle is not None else None)
                for name, wires, angle in brick(*pair)
            ]
        return gates


def require_exact(workload: Workload, peer: str) -> None:
    """For peers that have no part in the workloads with noise or shots.

    Raises:
        NotImplementedError: for these workloads.
    """
    if workload.noise or workload.shots:
        raise NotImplementedError(f"{peer} is not measured with noise or shots")


def ring(qubits: int) -> list[tuple[int, int]]:
    """Neighbours on a ring, each pair once."""
    return [(wire, (wire + 1) % qubits) for wire in range(qubits if qubits > 2 else 1)]


def bricks(qubits: int, layer: int) -> list[tuple[int, int]]:
    """Pairs of neighbours on a ring, those of odd layers one further."""
    first = layer % 2
    pairs = range(first, first + 2 * (qubits // 2), 2)
    return [(wire % qubits, (wire + 1) % qubits) for wire in pairs]


def brick(first: int, second: int) -> list[tuple[str, tuple[int, ...], int | None]]:
    """Gates of a pair, each with the number of its angle (F. Vatan and C. Williams,
    arXiv:quant-ph/0308006, without the rotations behind)."""
    turns = ("RZ", "RY", "RZ")
    return [
        *((name, (first,), number) for number, name in enumerate(turns)),
        *((name, (second,), 3 + number) for number, name in enumerate(turns)),
        ("CNOT", (second, first), None),
        ("RZ", (first,), 6),
        ("RY", (second,), 7),
        ("CNOT", (first, second), None),
        ("RY", (second,), 8),
        ("CNOT", (second, first), None),
    ]


_TITLES = {
    "strongly-entangling": "StronglyEntangling",
    "basic-entangler": "BasicEntangler",
    "ising": "RY + IsingZZ",
    "brick-wall": "brick-wall",
}
_LAYERS = {
    "strongly-entangling": Workload._strongly_entangling,
    "basic-entangler": Workload._basic_entangler,
    "ising": Workload._ising,
    "brick-wall": Workload._brick_wall,
}

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("moons", 2, 6, 5, ansatz="basic-entangler", moons=True),
        Workload("8q", 8, 4, 32),
        Workload("12q", 12, 6, 64),
        Workload("16q", 16, 4, 16),
        Workload("20q", 20, 2, 2),
        Workload("reupload", 4, 10, 32, reupload=True),
        Workload("cz", 8, 4, 32, entangler="CZ"),
        Workload("ising", 8, 4, 32, ansatz="ising"),
        Workload("bricks", 8, 4, 32, ansatz="brick-wall"),
        Workload("batch1024", 4, 4, 1024),
        Workload("probs", 8, 4, 32, measures="probs"),
        Workload("depth6", 8, 6, 32),
        Workload("depth60", 8, 60, 32),
        Workload("noise", 4, 2, 32, noise=0.02),
        Workload("shots", 4, 2, 32, shots=1000),
    )
}


def _batches(x: Array, y: Array, batch: int) -> Iterator[tuple[Array, Array]]:
    for start in range(0, len(x), batch):
        yield x[start : start + batch], y[start : start + batch]


def _glorot(draw: np.random.Generator, rows: int, columns: int) -> Array:
    limit = np.sqrt(6 / (rows + columns))
    return draw.uniform(-limit, limit, (rows, columns))


def _two_moons(count: int, noise: float) -> tuple[Array, Array]:
    """Two interleaved half circles and their one-hot labels, shuffled."""
    draw = np.random.default_rng(3)
    angle = np.linspace(0, np.pi, count // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = np.concatenate([upper, [1, 0.5] - upper]) + draw.normal(scale=noise, size=(count, 2))
    labels = np.repeat([0, 1], count // 2)
    order = draw.permutation(count)
    return x[order].astype("float32"), np.eye(2, dtype="float32")[labels[order]]
