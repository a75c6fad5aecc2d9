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


def jitted(run: Callable[..., Any]) -> Callable[..., Any]:
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(run)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(run)
    return run  # torch has no other way to run


def drawn(
    circuit: Circuit, inputs: np.ndarray, weights: Any, seed: int, jit: bool = False
) -> list[np.ndarray]:
    """Results with shots, of a generator with that seed."""
    program = Program(circuit)

    def run(inputs: Any, weights: Any, key: Any) -> Any:
        return program.run(inputs, weights, seed=key)

    with precision("float32"):
        key = keras.random.SeedGenerator(seed).next()
        results = (jitted(run) if jit else run)(*tensors(inputs, weights, "float32"), key)
        return [keras.ops.convert_to_numpy(result) for result in results]


def letters(generator: np.random.Generator, wires: tuple[Any, ...]) -> PauliTerm:
    """A word on some of the wires."""
    chosen = [wire for wire in wires if generator.random() < 0.7] or [wires[0]]
    return PauliTerm(ONE, tuple((wire, str(generator.choice(list("XYZ")))) for wire in chosen))


def scores(measure: Callable[..., Measurement], jit: bool) -> np.ndarray:
    """(estimate - exact) / standard deviation, one for each of 200 circuits; `measure`
    gives an observable, or probs of which one outcome is taken."""
    found = []
    for seed in range(STRUCTURES):
        generator = np.random.default_rng(seed)
        circuit = random_circuit(seed, wires=3, operations=6)
        circuit = replace(circuit, measurements=(measure(generator, circuit.wires),), single=True)
        inputs, weights = random_values(circuit, seed, SAMPLES)
        (estimates,) = drawn(replace(circuit, shots=(SHOTS,)), inputs, weights, seed, jit)
        for row, estimate in zip(inputs, estimates, strict=True):
            (exact,) = simulate(circuit, row, weights)
            if circuit.measurements[0].kind == "probs":
                outcome = int(np.abs(exact - 0.4).argmin())
                mean, variance = exact[outcome], exact[outcome] * (1 - exact[outcome])
                estimate = estimate[outcome]
            else:
                deviation = replace(circuit.measurements[0], kind="var")
                (variance,) = simulate(replace(circuit, measurements=(deviation,)), row, weights)
                mean = exact
            if variance > 1e-3:  # else nearly every shot is the same
                found.append((estimate - mean) / np.sqrt(variance / SHOTS))
    return np.array(found)


def word(generator: np.random.Generator, wires: tuple[Any, ...]) -> Measurement:
    return Measurement("expval", observable=(letters(generator, wires),))


def matrix(generator: np.random.Generator, wires: tuple[Any, ...]) -> Measurement:
    rows = as_tuples(random_hermitian(generator, 4))
    return Measurement("expval", observable=(HermitianTerm(ONE, (wires[2], wires[0]), rows),))


def probs(generator: np.random.Generator, wires: tuple[Any, ...]) -> Measurement:
    return Measurement("probs", wires=(wires[2], wires[1]))


@pytest.mark.parametrize("jit", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize("measure", [word, matrix, probs])
def test_standard_normal(measure: Callable[..., Measurement], jit: bool) -> None:
    found = scores(measure, jit)
    assert len(found) > 0.8 * STRUCTURES * SAMPLES
    assert stats.kstest(found, "norm").pvalue > 0.01
