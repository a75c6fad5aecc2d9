"""Measurements, with shots and without: their shapes by the contract, and what their mean over
shots is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pennylane as qml
from pennylane import measurements as mp

from tests.conformance.example import Example

SHOTS = 2000
BATCH = 5
BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def as_it_is(result: np.ndarray) -> np.ndarray:
    return result


def over_shots(result: np.ndarray) -> np.ndarray:
    return result.mean(axis=1)


def relative(result: np.ndarray) -> np.ndarray:
    return result / SHOTS


@dataclass(frozen=True)
class Reading:
    """A measurement.

    Attributes:
        name: as a user writes it.
        kind: its class.
        make: measures a circuit of two qubits.
        shape: of one sample's result, `SHOTS` the number of shots.
        mean: of a result with shots, (batch, ...), what `exact` says without.
        exact: values, given those of the measurement that `reference` makes.
        width: how far a mean over shots may be off, in units of 1 / sqrt(shots).
    """

    name: str
    kind: type
    make: Callable[[], Any]
    shape: tuple[int, ...]
    mean: Callable[[np.ndarray], np.ndarray] = as_it_is
    reference: Callable[[], Any] | None = None
    exact: Callable[[np.ndarray], np.ndarray] = as_it_is
    width: float = 5.0

    def example(self, shots: int | None = None, make: Callable[[], Any] | None = None) -> Example:
        """The circuit that is measured; `make` in place of this measurement."""
        chosen = make or self.make
        return Example(
            self.kind,
            entangled,
            angles=2,
            device="default.qubit",
            returned=lambda wires: chosen(),
            gradient="qnode",
            largest=3,
            shots=shots,
        )


def entangled(x: Any) -> None:
    qml.RY(x[0] + 0.3, wires=0)
    qml.CRX(x[1], wires=[0, 1])
    qml.RZ(x[0], wires=1)
    qml.RY(0.8, wires=1)


def zz() -> Any:
    return qml.Z(0) @ qml.Z(1)


def measured() -> Any:
    return qml.measure(0)


def of_bits(probabilities: np.ndarray) -> np.ndarray:
    return probabilities @ BITS


def of_values(mean: np.ndarray) -> np.ndarray:
    """Probabilities of the eigenvalues -1 and 1 of an observable by its mean."""
    return np.stack([(1 - mean) / 2, (1 + mean) / 2], axis=1)


def probs() -> Any:
    return qml.probs(wires=[0, 1])


def mean_of_zz() -> Any:
    return qml.expval(zz())


def recipes(result: np.ndarray) -> np.ndarray:
    """Which of three Pauli operators was measured, on average."""
    return result[:, 1].mean(axis=(1, 2))


READINGS = [
    Reading("expval", mp.ExpectationMP, mean_of_zz, ()),
    Reading("expval of a measured value", mp.ExpectationMP, lambda: qml.expval(measured()), ()),
    Reading("var", mp.VarianceMP, lambda: qml.var(qml.X(1)), ()),
    Reading("var of a measured value", mp.VarianceMP, lambda: qml.var(measured()), ()),
    Reading("probs of wires", mp.ProbabilityMP, probs, (4,)),
    Reading("probs of an observable", mp.ProbabilityMP, lambda: qml.probs(op=qml.X(1)), (2,)),
    Reading("probs of a measured value", mp.ProbabilityMP, lambda: qml.probs(op=measured()), (2,)),
    Reading(
        "sample of wires",
        mp.SampleMP,
        lambda: qml.sample(wires=[0, 1]),
        (SHOTS, 2),
        over_shots,
        probs,
        of_bits,
    ),
    Reading(
        "sample of an observable",
        mp.SampleMP,
        lambda: qml.sample(zz()),
        (SHOTS,),
        over_shots,
        mean_of_zz,
    ),
    Reading(
        "sample of a measured value",
        mp.SampleMP,
        lambda: qml.sample(measured()),
        (SHOTS,),
        over_shots,
        lambda: qml.expval(measured()),
    ),
    Reading(
        "counts of wires",
        mp.CountsMP,
        lambda: qml.counts(wires=[0, 1]),
        (4,),
        relative,
        probs,
    ),
    Reading(
        "counts of an observable",
        mp.CountsMP,
        lambda: qml.counts(zz()),
        (2,),
        relative,
        mean_of_zz,
        of_values,
    ),
    Reading(
        "counts of a measured value",
        mp.CountsMP,
        lambda: qml.counts(measured()),
        (2,),
        relative,
        lambda: qml.probs(op=measured()),
    ),
    Reading("state", mp.StateMP, qml.state, (8,)),
    Reading("density_matrix", mp.DensityMatrixMP, lambda: qml.density_matrix(wires=[1]), (2, 2)),
    Reading("purity", mp.PurityMP, lambda: qml.purity(wires=[1]), ()),
    Reading("vn_entropy", mp.VnEntropyMP, lambda: qml.vn_entropy(wires=[1]), ()),
    Reading("mutual_info", mp.MutualInfoMP, lambda: qml.mutual_info([0], [1]), ()),
    Reading(
        "classical_shadow",
        mp.ClassicalShadowMP,
        lambda: qml.classical_shadow(wires=[0, 1], seed=3),
        (2, SHOTS, 2),
        recipes,
        mean_of_zz,
        np.ones_like,
    ),
    Reading(
        "shadow_expval",
        mp.ShadowExpvalMP,
        lambda: qml.shadow_expval(zz(), seed=3),
        (),
        as_it_is,
        mean_of_zz,
        width=15.0,  # a snapshot of two wires gives 9 or -9 in one case of nine, else 0
    ),
]
