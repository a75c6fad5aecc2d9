"""Results with shots are distributed as theory says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
from scipy import stats

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, PauliTerm
from qeras.circuit.expressions import ONE
from qeras.pipeline import Program
from qeras.sampling.outcomes import FEW_AXES
from qeras.testing.random_circuits import (
    as_tuples,
    random_circuit,
    random_hermitian,
    random_values,
)
from qeras.testing.reference import simulate
from tests.backends import precision, tensors

SHOTS = 10_000
STRUCTURES, SAMPLES = 20, 10  # 200 circuits: each sample has angles of its own


def in_a_graph(run: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    return tf.function(run)


def drawn(
    circuit: Circuit, inputs: np.ndarray, weights: Any, seed: int, graph: bool = False
) -> list[np.ndarray]:
    """Results with shots, of a generator with that seed."""
    program = Program(circuit)

    def run(inputs: Any, weights: Any, key: Any) -> Any:
        return program.run(inputs, weights, seed=key)

    with precision("float32"):
        key = keras.random.SeedGenerator(seed).next()
        results = (in_a_graph(run) if graph else run)(*tensors(inputs, weights, "float32"), key)
        return [keras.ops.convert_to_numpy(result) for result in results]


def word(generator: np.random.Generator, wires: tuple[Any, ...]) -> Measurement:
    chosen = [wire for wire in wires if generator.random() < 0.7] or [wires[0]]
    factors = tuple((wire, str(generator.choice(list("XYZ")))) for wire in chosen)
    return Measurement("expval", observable=(PauliTerm(ONE, factors),))


def matrix(generator: np.random.Generator, wires: tuple[Any, ...]) -> Measurement:
    rows = as_tuples(random_hermitian(generator, 4))
    return Measurement("expval", observable=(HermitianTerm(ONE, (wires[2], wires[0]), rows),))


def circuit_of(seed: int) -> Circuit:
    """Three wires; a word, a matrix and probs, each with shots of its own."""
    generator = np.random.default_rng(seed)
    circuit = random_circuit(seed, wires=3, operations=6)
    wires = circuit.wires
    measurements = (
        word(generator, wires),
        matrix(generator, wires),
        Measurement("probs", wires=(wires[2], wires[1])),
    )
    return replace(circuit, measurements=measurements, keys=(), single=False)


def score(estimate: Any, mean: Any, variance: Any) -> list[float]:
    """In standard deviations; none where nearly every shot is the same."""
    return [(estimate - mean) / np.sqrt(variance / SHOTS)] if variance > 1e-3 else []


# Only TensorFlow has two ways: on JAX a program always runs compiled, on torch never.
WAYS = {"eager": False, "graph": True} if keras.backend.backend() == "tensorflow" else {"": False}


@pytest.mark.parametrize("graph", WAYS.values(), ids=WAYS)
def test_standard_normal(graph: bool) -> None:
    found: dict[str, list[float]] = {"word": [], "matrix": [], "probs": []}
    for seed in range(STRUCTURES):
        circuit = circuit_of(seed)
        inputs, weights = random_values(circuit, seed, SAMPLES)
        estimates = drawn(replace(circuit, shots=(SHOTS,)), inputs, weights, seed, graph)
        deviations = tuple(replace(one, kind="var") for one in circuit.measurements[:2])
        for sample, row in enumerate(inputs):
            exact = simulate(circuit, row, weights)
            variances = simulate(replace(circuit, measurements=deviations), row, weights)
            for place, kind in enumerate(("word", "matrix")):
                one = estimates[place][sample]
                found[kind] += score(one, exact[place], variances[place])
            outcome = int(np.abs(exact[2] - 0.4).argmin())
            mean = exact[2][outcome]
            found["probs"] += score(estimates[2][sample][outcome], mean, mean * (1 - mean))
    for kind, values in found.items():
        assert len(values) > 0.75 * STRUCTURES * SAMPLES, kind
        assert stats.kstest(values, "norm").pvalue > 0.01, kind


def test_loops_do_not_choose_how_shots_are_counted() -> None:
    """TensorFlow has loops and fuses nothing: placing each shot takes it four times as long."""
    assert (FEW_AXES > 0) == (keras.backend.backend() != "jax")
