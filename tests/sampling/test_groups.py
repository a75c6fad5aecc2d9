"""What is measured from the same shots, and what is not."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from qeras.plan.sampling import outcomes
from qeras.sampling import outcomes as drawing
from qeras.sampling.streams import Stream, packed
from tests.circuits import qnode_of
from tests.differentiation import numbers

X = np.zeros((4, 1), "float32")


def layer_of(measure: Any, shots: Any = 50, wires: int = 3, **options: Any) -> KerasLayer:
    """A Bell pair and a wire turned by the input, measured."""

    def circuit(inputs: Any) -> Any:
        qml.Hadamard(0)
        qml.CNOT([0, 1])
        qml.RY(inputs[0] + 1.0, 2)
        return measure()

    return KerasLayer(qml.set_shots(qnode_of(circuit, wires), shots), {}, **options)


def results(measure: Any, **options: Any) -> np.ndarray:
    return numbers(layer_of(measure, **options)(X))


@pytest.mark.parametrize("letter", [qml.X, qml.Z])
def test_commuting_words_share_their_shots(letter: Any) -> None:
    """Correlated exactly: the product is measured with its factors."""
    found = results(lambda: [qml.sample(letter(0)), qml.sample(letter(1)), qml.expval(letter(2))])
    np.testing.assert_array_equal(found[:, :50], found[:, 50:100])
    assert np.unique(found[:, :50]).tolist() == [-1.0, 1.0]


def test_other_words_have_their_own() -> None:
    found = results(lambda: [qml.sample(qml.Y(0)), qml.sample(qml.Z(1)), qml.sample(qml.X(1))])
    for first, second in ((0, 1), (1, 2), (0, 2)):
        pair = found.reshape(4, 3, 50)[:, [first, second]]
        assert (pair[:, 0] != pair[:, 1]).any()


def test_computational_basis_shares_its_shots() -> None:
    found = results(lambda: [qml.sample(wires=[1, 0]), qml.counts(wires=[0]), qml.probs(wires=[1])])
    bits, counts, probs = found[:, :100].reshape(4, 50, 2), found[:, 100:102], found[:, 102:]
    np.testing.assert_array_equal(bits[:, :, 0], bits[:, :, 1])
    np.testing.assert_array_equal(counts[:, 1], bits[:, :, 0].sum(axis=1))
    np.testing.assert_allclose(probs, counts / 50, atol=1e-6)


def test_eigenvalues() -> None:
    """Those of the whole observable, not of Pauli words that it is the sum of."""
    found = results(lambda: qml.sample(qml.Hadamard(0) @ qml.Z(1)))
    np.testing.assert_allclose(np.unique(np.round(found, 5)), [-1, 1])
    matrix = np.diag([3.0, 1.0, 1.0, -2.0])
    counts = results(lambda: qml.counts(qml.Hermitian(matrix, wires=[0, 1])))
    assert counts.shape == (4, 3)  # -2, 1, 3
    np.testing.assert_array_equal(counts[:, 1], 0)
    np.testing.assert_array_equal(counts.sum(axis=1), 50)
    np.testing.assert_array_equal(results(lambda: qml.sample(qml.I(0))), 1)
    np.testing.assert_array_equal(results(lambda: [qml.expval(qml.I(0)), qml.var(qml.I(1))]),
                                  [[1, 0]] * 4)  # fmt: skip


def test_order_of_counts() -> None:
    np.testing.assert_allclose(outcomes(np.array([2, -1, 2 + 1e-12, 0.5])), [-1, 0.5, 2])
    counts = results(lambda: qml.counts(-2 * qml.Z(2)), shots=400)
    # <Z> = cos(1), so that 1 is likelier, whose eigenvalue is -2: the first
    assert (counts[:, 0] > counts[:, 1]).all()


def test_sums() -> None:
    """Exact where each of its terms is certain."""
    observable = 2 * qml.X(0) @ qml.X(1) + 3 * qml.Z(0) @ qml.Z(1) - qml.Y(0) @ qml.Y(1)
    np.testing.assert_allclose(results(lambda: qml.expval(observable)), 6, atol=1e-5)
    np.testing.assert_allclose(results(lambda: qml.var(observable)), 0, atol=1e-4)


def test_many_wires_and_shots(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one random number a shot, and more shots than are in memory at once."""
    monkeypatch.setattr(drawing, "SHOTS_AT_ONCE", 64)
    wires = 12

    def circuit(inputs: Any) -> Any:
        for wire in range(wires):
            qml.RY(inputs[0] * (wire % 3), wire)
        return [qml.sample(), *(qml.expval(qml.Z(wire)) for wire in range(wires))]

    layer = KerasLayer(qml.set_shots(qnode_of(circuit, wires), 300), {}, seed=3)
    found = numbers(layer(np.full((2, 1), 1.0, "float32")))
    samples = found[:, : 300 * wires].reshape(2, 300, wires)
    exact = np.cos(np.arange(wires) % 3)
    deviation = np.sqrt((1 - exact**2) / 300) + 1e-6
    assert (np.abs(1 - 2 * samples.mean(axis=1) - exact) < 4.5 * deviation).all()
    assert (np.abs(found[:, 300 * wires :] - exact) < 4.5 * deviation).all()


def test_impossible_outcomes_are_never_drawn() -> None:
    probabilities = np.array([[0.0], [0.3], [0.0], [0.7000001], [0.0], [0.0], [0.0], [0.0]])
    seed = keras.random.SeedGenerator(1).next()
    stream = Stream(packed(seed, "float32"), keras.backend.standardize_dtype(seed.dtype))
    tensor = keras.ops.convert_to_tensor(probabilities, dtype="float32")
    places = numbers(drawing.draw(tensor, 3, 100_000, stream))
    assert np.unique(places).tolist() == [1, 3]


def test_state_that_is_nan() -> None:
    found = numbers(layer_of(lambda: [qml.expval(qml.Z(2)), qml.sample(wires=[0])])(X * np.nan))
    assert np.isnan(found).all()


def test_several_numbers_of_shots() -> None:
    """Side by side, as the original layer had them."""
    found = results(lambda: qml.probs(wires=[0, 1]), shots=(10, 100))
    assert found.shape == (4, 8)
    np.testing.assert_allclose((found[:, :4] * 10).round(), found[:, :4] * 10, atol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 2, atol=1e-5)
    assert results(lambda: qml.sample(wires=[0, 1]), shots=(3, (5, 2))).shape == (4, 26)
    with pytest.raises(ValueError, match=r"one measurement with several numbers of shots"):
        results(lambda: [qml.expval(qml.Z(0)), qml.expval(qml.Z(1))], shots=(3, 5), road="native")


@pytest.mark.parametrize("axes", [1, 3])
def test_histograms_agree(axes: int) -> None:
    """Both ways to count outcomes: right totals, nothing impossible, right shares."""
    weights = np.array([[0.0], [0.3], [0.0], [0.5], [0.2], [0.0], [0.0], [0.0]])[: 2**axes]
    tensor = keras.ops.convert_to_tensor(weights, dtype="float32")
    seed = keras.random.SeedGenerator(2).next()
    stream = Stream(packed(seed, "float32"), keras.backend.standardize_dtype(seed.dtype))
    shots = 40_000
    placed = drawing.histogram(drawing.draw(tensor, axes, shots, stream), axes, "float32")
    passed = drawing.histogram_of_few(tensor, axes, shots, stream)
    exact = weights / weights.sum()
    for found in (numbers(placed), numbers(passed)):
        assert found.sum() == shots
        assert (found[exact == 0] == 0).all()
        deviation = np.sqrt(exact * (1 - exact) / shots)
        assert (np.abs(found / shots - exact) <= 4.5 * deviation).all()
