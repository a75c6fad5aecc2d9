"""Random circuits with shots: shapes, and distributions within five deviations of those that
`default.qubit` and `default.mixed` compute in complex128.

Each sample is repeated, so that estimates have means and deviations of their own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import keras
import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, Measurement, PauliTerm, Term
from qeras.circuit.expressions import Constant
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from qeras.testing.random_noise import with_channels
from qeras.testing.random_shots import with_shots
from tests import backends
from tests.oracle import default_qubit

SAMPLES, COPIES, SHOTS = 2, 40, 250
ALL = COPIES * SHOTS
DEVIATIONS = 5
PAULIS = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}

# PennyLane makes the matrix of Y for every PauliError, real where the word has no Y.
pytestmark = pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")


def drawn(
    circuit: Circuit, inputs: np.ndarray, weights: Any, seed: int, dtype: str
) -> list[np.ndarray]:
    program = Program(circuit)
    with backends.precision(dtype):
        key = keras.random.SeedGenerator(seed).next()

    def run(inputs: Any, weights: Any) -> Any:
        return program.run(inputs, weights, seed=key)

    return backends.evaluate(run, inputs, weights, dtype)


def circuit_of(seed: int) -> Circuit:
    """Four wires, or three and noise."""
    if seed % 2:
        circuit = with_channels(random_circuit(seed, wires=3, operations=6), seed, count=2)
    else:
        circuit = random_circuit(seed, wires=4, operations=8)
    return with_shots(circuit, seed, SHOTS, measurements=5)


@pytest.mark.parametrize("seed", range(10))
def test_distributions(seed: int) -> None:
    """In float32 and float64 by turns."""
    circuit = circuit_of(seed)
    inputs, weights = random_values(circuit, seed, SAMPLES)
    dtype = "float64" if seed % 4 > 1 else "float32"
    found = drawn(circuit, np.repeat(inputs, COPIES, axis=0), weights, seed, dtype)
    distributions = tuple(_distribution(one, circuit.wires[0]) for one in circuit.measurements)
    exact = replace(circuit, measurements=distributions, shots=(), single=False)
    expected = default_qubit.values(exact, inputs, weights)
    for item, results, values in zip(circuit.measurements, found, expected, strict=True):
        assert results.dtype == dtype
        assert results.shape == (SAMPLES * COPIES, *_shape(item))
        for copies, value in zip(np.split(results, SAMPLES), values, strict=True):
            _compare(item, copies, value)


def test_seeds() -> None:
    circuit = circuit_of(0)
    inputs, weights = random_values(circuit, 0, 30)
    first, again, other = (drawn(circuit, inputs, weights, seed, "float32") for seed in (1, 1, 2))
    for results, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(results, same)
    changed = [(a != b).any() for a, b in zip(first, other, strict=True)]
    varying = [(results != results[0]).any() for results in first]
    assert changed == varying
    assert any(changed)


# ---------------------------------------------------------------------- what is expected


def _distribution(item: Measurement, any_wire: Any) -> Measurement:
    """What tells the distribution of the results without shots."""
    if item.kind not in ("sample", "counts"):
        return item
    if not item.observable:
        return Measurement("probs", wires=item.wires)
    return Measurement("density_matrix", wires=_wires(item.observable[0]) or (any_wire,))


def _wires(term: Term) -> tuple[Any, ...]:
    return tuple(w for w, _ in term.factors) if isinstance(term, PauliTerm) else term.wires


def _shape(item: Measurement) -> tuple[int, ...]:
    if item.kind in ("expval", "var"):
        return ()
    if item.kind == "sample":
        return (SHOTS,) if item.observable else (SHOTS, len(item.wires))
    return (len(_levels(item)),) if item.observable else (2 ** len(item.wires),)


def _levels(item: Measurement) -> np.ndarray:
    """The distinct eigenvalues, ascending."""
    return _spectrum(item, np.eye(len(_matrix(item))))[0]


def _matrix(item: Measurement) -> np.ndarray:
    (term,) = item.observable
    assert isinstance(term.coefficient, Constant)
    if not isinstance(term, PauliTerm):
        return term.coefficient.value * np.array(term.matrix)
    letters = [PAULIS[letter] for _, letter in term.factors] or [np.eye(2)]
    return term.coefficient.value * reduce(np.kron, letters)


def _spectrum(item: Measurement, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct eigenvalues and their probabilities in a state of the term's wires."""
    levels, vectors = np.linalg.eigh(_matrix(item))
    each = np.real(np.einsum("ia,ij,ja->a", vectors.conj(), rho, vectors))
    starts = np.flatnonzero(np.diff(levels, prepend=-np.inf) > 1e-9)
    return levels[starts], np.add.reduceat(each, starts)


# ---------------------------------------------------------------------- what came


def _compare(item: Measurement, copies: np.ndarray, value: np.ndarray) -> None:
    """Results of equal samples, (COPIES, ...), with the exact value or distribution."""
    if item.kind in ("expval", "var"):
        # Of the variance of so many numbers, one part is missing on average.
        mean = value * (1 - 1 / SHOTS) if item.kind == "var" else value
        error = copies.std(ddof=1) / np.sqrt(COPIES)
        assert abs(copies.mean() - mean) < DEVIATIONS * error + 10 / ALL
        return
    probabilities = _spectrum(item, value)[1] if item.observable else value
    frequencies = _frequencies(item, copies)
    np.testing.assert_allclose(frequencies.sum(), 1, atol=1e-5)
    bound = DEVIATIONS * np.sqrt(np.clip(probabilities, 0, None) / ALL) + DEVIATIONS / ALL
    assert (abs(frequencies - probabilities) < bound).all()


def _frequencies(item: Measurement, copies: np.ndarray) -> np.ndarray:
    """Of each outcome, over all shots of all copies."""
    if item.kind == "probs":
        return copies.mean(axis=0)
    if item.kind == "counts":
        np.testing.assert_array_equal(copies, np.round(copies))
        np.testing.assert_array_equal(copies.sum(axis=1), SHOTS)
        return copies.sum(axis=0) / ALL
    if item.observable:
        levels = _levels(item)
        distances = abs(copies.reshape(-1, 1) - levels)
        assert distances.min(axis=1).max() < 1e-5
        outcomes, count = distances.argmin(axis=1), len(levels)
    else:
        assert set(np.unique(copies)) <= {0, 1}
        digits = 2 ** np.arange(len(item.wires))[::-1]
        outcomes, count = (copies @ digits).astype(int).reshape(-1), 2 ** len(item.wires)
    return np.bincount(outcomes, minlength=count) / ALL
