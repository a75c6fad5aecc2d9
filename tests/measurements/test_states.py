"""What is read from states: laws that every state obeys, and gradients at pure states."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import constant, reference
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_circuit, random_values
from tests import backends

X, W = reference("inputs", 0), reference("weights", 0)
WIRES = (0, 1, 2)


def entangled(*measurements: Measurement) -> Circuit:
    """Three wires, entangled by inputs and weights."""
    operations = [Operation("RY", (wire,), ((X, W)[wire % 2],)) for wire in WIRES]
    operations += [Operation("IsingXX", (wire, (wire + 1) % 3), (W,)) for wire in WIRES]
    operations += [Operation("RZ", (wire,), (X,)) for wire in WIRES]
    return Circuit(
        "circuit", WIRES, 1, "inputs", {"weights": (1,)}, tuple(operations), measurements
    )


def run(circuit: Circuit, batch: int = 3) -> list[np.ndarray]:
    inputs, weights = random_values(circuit, seed=0, batch=batch)
    return backends.evaluate(Program(circuit).run, inputs, weights, "float64")


def test_probabilities_are_marginals_of_the_state() -> None:
    orders = [order for count in (1, 2, 3) for order in permutations(WIRES, count)]
    measurements = [Measurement("probs", order) for order in orders]
    state, *found = run(entangled(Measurement("state", WIRES), *measurements))
    joint = (np.abs(state) ** 2).reshape(-1, 2, 2, 2)
    for order, result in zip(orders, found, strict=True):
        axes = [wire + 1 for wire in order]
        rest = [wire + 1 for wire in WIRES if wire not in order]
        expected = joint.transpose([0, *axes, *rest]).reshape(3, 2 ** len(order), -1).sum(-1)
        np.testing.assert_allclose(result, expected, atol=1e-13)
        np.testing.assert_allclose(result.sum(-1), 1.0)


def test_reduced_states_of_all_wires_in_any_order() -> None:
    orders = list(permutations(WIRES))
    measurements = [Measurement("density_matrix", order) for order in orders]
    state, *found = run(entangled(Measurement("state", WIRES), *measurements))
    for order, result in zip(orders, found, strict=True):
        cube = state.reshape(-1, 2, 2, 2).transpose([0, *(wire + 1 for wire in order)])
        vector = cube.reshape(3, 8)
        np.testing.assert_allclose(result, vector[:, :, None] * vector[:, None].conj(), atol=1e-13)


def test_reduced_states_are_states() -> None:
    rho, purity, entropy = run(
        entangled(
            *(Measurement(kind, (2, 0)) for kind in ("density_matrix", "purity", "vn_entropy"))
        )
    )
    np.testing.assert_allclose(np.trace(rho, axis1=1, axis2=2), 1.0)
    np.testing.assert_allclose(rho, rho.conj().transpose(0, 2, 1))
    np.testing.assert_allclose(purity, np.trace(rho @ rho, axis1=1, axis2=2).real)
    spectrum = np.linalg.eigvalsh(rho)
    assert (spectrum > -1e-13).all()
    positive = np.where(spectrum > 1e-13, spectrum, 1.0)
    np.testing.assert_allclose(entropy, -(positive * np.log(positive)).sum(-1), atol=1e-12)


def test_entropies_of_a_pure_state() -> None:
    """Both parts have the same; mutual information is their sum; all wires have none."""
    one, rest, whole, between, bits = run(
        entangled(
            Measurement("vn_entropy", (1,)),
            Measurement("vn_entropy", (2, 0)),
            Measurement("vn_entropy", (0, 1, 2)),
            Measurement("mutual_info", (1,), (2, 0)),
            Measurement("vn_entropy", (1,), log_base=2.0),
        )
    )
    np.testing.assert_allclose(rest, one, atol=1e-13)
    np.testing.assert_allclose(whole, 0.0, atol=1e-13)
    np.testing.assert_allclose(between, 2 * one, atol=1e-12)
    np.testing.assert_allclose(bits, one / np.log(2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradient_of_entropy_at_a_product_state(dtype: str) -> None:
    """Zero eigenvalues, some of them many times: the gradient is zero and not nan."""
    operations = tuple(Operation("RY", (wire,), (X,)) for wire in WIRES)
    entropies = (Measurement("vn_entropy", (0, 1)), Measurement("mutual_info", (0,), (2,)))
    circuit = Circuit("circuit", WIRES, 1, "inputs", {}, operations, entropies)
    ones = [np.ones(2), np.ones(2)]
    values, gradient, _ = backends.differentiate(
        Program(circuit).run, np.array([[0.3], [1.1]]), {}, ones, dtype
    )
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(values, 0.0, atol=tolerance)
    np.testing.assert_allclose(gradient, 0.0, atol=tolerance)


def test_gradient_of_entropy_at_a_bell_state() -> None:
    """Equal eigenvalues; S(p) with p = sin(x/2)^2 has the slope log(1/p - 1) sin(x)/2."""
    operations = (
        Operation("RY", (0,), (X,)),
        Operation("PauliX", (1,), controls=(0,), control_values=(True,)),
    )
    circuit = Circuit(
        "circuit", (0, 1), 1, "inputs", {}, operations, (Measurement("vn_entropy", (1,)),)
    )
    x = np.array([[np.pi / 2], [0.4], [2.0]])
    values, gradient, _ = backends.differentiate(
        Program(circuit).run, x, {}, [np.ones(3)], "float64"
    )
    p = np.sin(x / 2) ** 2
    np.testing.assert_allclose(values[0], (-p * np.log(p) - (1 - p) * np.log(1 - p))[:, 0])
    np.testing.assert_allclose(gradient, np.log(1 / p - 1) * np.sin(x) / 2, atol=1e-12)


def test_a_start_vector_is_what_comes_out() -> None:
    """Its first wire is the most significant bit, here wire 1."""
    vector = np.array([0.6, 0.0, 0.8j, 0.0])
    entries = tuple(constant(value) for value in (*vector.real, *vector.imag))
    operation = Operation("StatePrep", (1, 0), entries)
    circuit = Circuit(
        "circuit", (0, 1), 1, "inputs", {}, (operation,), (Measurement("state", (0, 1)),)
    )
    (state,) = run(circuit)
    np.testing.assert_allclose(state, [vector[[0, 2, 1, 3]]] * 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_have_the_precision_of_the_inputs(dtype: str) -> None:
    """Whatever floatx says."""
    expected = {"float32": "complex64", "float64": "complex128"}
    kinds = ["state", "density_matrix", "probs", "purity", "vn_entropy"]
    circuit = entangled(*(Measurement(kind, WIRES) for kind in kinds))
    inputs, weights = random_values(circuit, seed=0, batch=1)
    found = backends.evaluate(Program(circuit).run, inputs, weights, dtype)
    for kind, result in zip(kinds, found, strict=True):
        wanted = expected[dtype] if kind in ("state", "density_matrix") else dtype
        assert result.dtype == wanted


@pytest.mark.parametrize("seed", [3, 21, 40, 77])
def test_probabilities_of_random_circuits_add_up(seed: int) -> None:
    circuit = random_circuit(seed)
    measured = Measurement("probs", circuit.wires[::-1])
    circuit = Circuit(
        circuit.name, circuit.wires, circuit.features, circuit.input_name,
        circuit.weight_shapes, circuit.operations, (measured,),
    )  # fmt: skip
    (found,) = run(circuit)
    np.testing.assert_allclose(found.sum(-1), 1.0)
