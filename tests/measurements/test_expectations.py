"""Observables against matrices: products of words, squares, sums of every kind."""

from __future__ import annotations

from functools import reduce
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Observable,
    Operation,
    PauliTerm,
)
from qeras.circuit.expressions import ONE, call, constant, reference
from qeras.circuit.pauli import multiply
from qeras.execution.context import Constants
from qeras.measurements.expectations import sums_of_squares, sums_of_squares_backward
from qeras.pipeline import Program
from qeras.plan.readouts import Expectations
from qeras.plan.signed_sums import signed_sums_of_z
from qeras.testing.random_circuits import (
    as_tuples,
    constants,
    random_complex,
    random_hermitian,
    random_values,
)
from qeras.testing.reference import simulate
from tests import backends

X, W = reference("inputs", 0), reference("weights", 0)
LETTERS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0, -1.0]),
}
WORDS = ["".join(letters) for letters in product("IXYZ", repeat=2)]


def word(letters: str) -> tuple[tuple[int, str], ...]:
    return tuple((wire, letter) for wire, letter in enumerate(letters) if letter != "I")


def matrix(letters: str) -> np.ndarray:
    return reduce(np.kron, [LETTERS[letter] for letter in letters])


def prepared(wires: int, *measurements: Measurement) -> Circuit:
    """A fixed random state turned by an input and a weight on each wire."""
    vector = random_complex(np.random.default_rng(0), (2**wires,))
    start = Operation("StatePrep", tuple(range(wires)), constants(vector / np.linalg.norm(vector)))
    turns = [Operation("RX", (wire,), ((X, W)[wire % 2],)) for wire in range(wires)]
    return Circuit(
        "circuit", tuple(range(wires)), 1, "inputs", {"weights": (2,)},
        (start, *turns), measurements,
    )  # fmt: skip


def check(circuit: Circuit) -> list[np.ndarray]:
    """The engine's results, after comparing them with the reference simulator's."""
    inputs, weights = random_values(circuit, seed=0, batch=2)
    found = backends.evaluate(Program(circuit).run, inputs, weights, "float64")
    for number, row in enumerate(inputs):
        for result, value in zip(found, simulate(circuit, row, weights), strict=True):
            np.testing.assert_allclose(result[number], value, atol=1e-12)
    return found


def both(*terms: PauliTerm | HermitianTerm) -> list[Measurement]:
    """Mean and variance of an observable."""
    observable: Observable = tuple(terms)
    return [Measurement(kind, observable=observable) for kind in ("expval", "var")]


@pytest.mark.parametrize("first", WORDS)
def test_products_of_words(first: str) -> None:
    for second in WORDS:
        phase, found = multiply(word(first), word(second))
        letters = dict(found)
        named = "".join(letters.get(wire, "I") for wire in range(2))
        np.testing.assert_array_equal(phase * matrix(named), matrix(first) @ matrix(second))


def test_all_words_at_once() -> None:
    check(prepared(2, *(item for name in WORDS for item in both(PauliTerm(ONE, word(name))))))


@pytest.mark.parametrize("wires", [3, 12])
def test_words_of_each_letter_on_many_wires(wires: int) -> None:
    """On 12 wires signs are products over two halves of the wires."""
    words = [
        "X" * wires,
        "Y" * wires,
        "Z" * wires,
        ("XYZ" * wires)[:wires],
        "IY" + "Z" * (wires - 2),
    ]
    sums = [PauliTerm(constant(0.3 * place), word(name)) for place, name in enumerate(words, 1)]
    check(prepared(wires, *both(*sums)))


@settings(max_examples=15)
@given(
    st.lists(st.tuples(st.sampled_from(WORDS), st.floats(-2, 2, width=16)), min_size=1, max_size=5)
)
def test_sums_of_words(terms: list[tuple[str, float]]) -> None:
    """Words may come twice, and coefficients may be zero."""
    check(prepared(2, *both(*(PauliTerm(constant(c), word(name)) for name, c in terms))))


def test_coefficients_of_inputs_and_weights() -> None:
    terms = [
        PauliTerm(X, word("XY")),
        PauliTerm(W, word("YZ")),
        PauliTerm(call("multiply", X, W), word("ZI")),
        PauliTerm(constant(0.5), ()),
    ]
    check(prepared(2, *both(*terms)))


def test_matrices_beside_words() -> None:
    generator = np.random.default_rng(1)
    square = as_tuples(random_hermitian(generator, 4))
    single = as_tuples(random_hermitian(generator, 2))
    matrices = [
        HermitianTerm(constant(0.5), (2, 0), square),
        HermitianTerm(constant(-1.5), (1,), single),
    ]
    check(prepared(3, *both(*matrices), *both(PauliTerm(constant(2.0), word("XYZ")), *matrices)))


def test_a_matrix_with_a_coefficient_of_the_input() -> None:
    generator = np.random.default_rng(1)
    square = as_tuples(random_hermitian(generator, 4))
    observable = (HermitianTerm(X, (1, 0), square), PauliTerm(W, word("ZZ")))
    check(prepared(2, Measurement("expval", observable=observable)))


def test_a_word_has_the_variance_of_a_coin() -> None:
    mean, variance = check(prepared(2, *both(PauliTerm(ONE, word("XZ")))))
    np.testing.assert_allclose(variance, 1 - mean**2, atol=1e-12)


def test_the_identity_has_no_variance() -> None:
    mean, variance = check(prepared(2, *both(PauliTerm(constant(3.0)))))
    np.testing.assert_allclose(mean, 3.0)
    np.testing.assert_allclose(variance, 0.0, atol=1e-12)


SIGNS = {
    "one product": (3, 4, None),
    "all patterns": (12, 6, None),
    "own patterns": (12, 6, 0),
}


@pytest.mark.parametrize("name", SIGNS)
def test_rows_and_their_gradient(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    width, count, most = SIGNS[name]
    if most is not None:
        monkeypatch.setattr("qeras.plan.signed_sums.MAX_ENTRIES", most)
    generator = np.random.default_rng(1)
    words = [tuple(map(int, np.flatnonzero(generator.random(width) < 0.4))) for _ in range(count)]
    sums = signed_sums_of_z(words, width)
    assert (sums.right is None) == (width == 3)
    assert (sums.pattern is None) == (name != "own patterns")
    weights = generator.normal(size=(5, count))
    plan = Expectations((sums,), (), weights, None, None)
    bits = np.arange(2**width)[:, None] >> (width - 1 - np.arange(width)) & 1
    signs = np.array([(-1.0) ** bits[:, list(word)].sum(axis=1) for word in words])
    squares, gradient = generator.random((2**width, 3)), generator.normal(size=(5, 3))
    constants, tensor = Constants("float32"), ops.convert_to_tensor
    rows = sums_of_squares(plan, tensor(squares.astype("float32")), constants)
    scale = 2**width
    np.testing.assert_allclose(
        ops.convert_to_numpy(rows) / scale, weights @ signs @ squares / scale, atol=1e-5
    )
    back = sums_of_squares_backward(plan, tensor(gradient.astype("float32")), constants)
    expected = signs.T @ weights.T @ gradient
    np.testing.assert_allclose(ops.convert_to_numpy(back), expected, atol=1e-4)
