"""Pieces of the planner: each rewrite equals what it replaces."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, ZERO, Expression, call, constant, reference
from qeras.plan import memory
from qeras.plan.exact_readouts import exact_readouts
from qeras.plan.factors import Constant, Entries, Phase, Rotated
from qeras.plan.lowering import embed_vector, lower
from qeras.plan.memory import check_memory
from qeras.plan.moves import Repeat
from qeras.plan.parameters import affine
from qeras.plan.phases import PhaseBuilder
from qeras.plan.planner import plan
from qeras.plan.real import real_factors
from qeras.plan.schedule import schedule
from qeras.plan.windows import windows_of
from qeras.testing.random_circuits import random_circuit, random_values
from qeras.testing.reference import evaluate, final_state
from tests.plan.dense import circuit_of, product

X, W = reference("inputs", 0), reference("weights", 0)


def unitary_only(seed: int) -> Circuit:
    """A random circuit without a start vector."""
    circuit = random_circuit(seed)
    kept = tuple(item for item in circuit.operations if item.gate != "StatePrep")
    return Circuit(
        circuit.name, circuit.wires, circuit.features, circuit.input_name,
        circuit.weight_shapes, kept, circuit.measurements,
    )  # fmt: skip


def values_of(circuit: Circuit, seed: int) -> dict[str, np.ndarray]:
    inputs, weights = random_values(circuit, seed, 1)
    return {circuit.input_name: inputs[0], **weights}


@pytest.mark.parametrize("seed", range(30))
def test_factors_equal_the_operations(seed: int) -> None:
    circuit = unitary_only(seed)
    values = values_of(circuit, seed)
    found = product(lower(circuit), len(circuit.wires), values)[:, 0]
    np.testing.assert_allclose(found, final_state(circuit, values).reshape(-1), atol=1e-12)


@pytest.mark.parametrize("seed", range(30))
def test_groups_equal_the_factors(seed: int) -> None:
    circuit = unitary_only(seed)
    values, count = values_of(circuit, seed), len(circuit.wires)
    factors = lower(circuit)
    groups = schedule(factors, lambda f: type(f).__name__)
    assert sum(len(group.factors) for group in groups) == len(factors)
    grouped = [factor for group in groups for factor in group.factors]
    np.testing.assert_allclose(
        product(grouped, count, values), product(factors, count, values), atol=1e-12
    )


@pytest.mark.parametrize("seed", range(30))
def test_real_factors_equal_the_factors(seed: int) -> None:
    circuit = unitary_only(seed)
    values, count = values_of(circuit, seed), len(circuit.wires)
    factors = lower(circuit)
    real = list(real_factors(factors))
    assert not any(isinstance(factor, Rotated) for factor in real)
    singles = [f for f in real if isinstance(f, Constant) and len(f.axes) == 1]
    assert all(not np.iscomplexobj(f.matrix) for f in singles)
    np.testing.assert_allclose(
        product(real, count, values), product(factors, count, values), atol=1e-11
    )


@pytest.mark.parametrize("matrix", [
    [[1, 0], [0, 1j]], [[0, 1j], [1, 0]], [[0, -1j], [1j, 0]],
    [[0.6, 0.8j], [0.8j, 0.6]], [[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]],
])  # fmt: skip
def test_any_constant_of_one_wire_is_phase_real_phase(matrix: list) -> None:
    constant_factor = Constant((0,), np.array(matrix, dtype=complex))
    found = list(real_factors([constant_factor]))
    np.testing.assert_allclose(product(found, 1, {}), matrix, atol=1e-15)


@pytest.mark.parametrize("width", [3, 12])
def test_phase_terms_make_the_phase(width: int) -> None:
    generator = np.random.default_rng(0)
    factors = [
        Phase((0,), np.array([0.0, 1.0]), W),
        Phase((width - 1,), np.array([-0.5, 0.5]), W),
        Phase((0, width - 1), generator.normal(size=4), X),
        Phase((width - 1, 1, 0), generator.normal(size=8), ONE),
    ]
    builder = PhaseBuilder(range(width))
    for factor in factors:
        builder.add(factor)
    left, right, angles, index = builder.terms()
    values = {"weights": np.array([0.4]), "inputs": np.array([-1.1])}
    numbers = np.array(evaluate(angles, values))
    taken = numbers if index is None else numbers[index]
    found = ((left * taken) @ right.T).reshape(-1)
    expected = sum(
        evaluate([f.angle], values)[0] * embed_vector(f.generator, f.axes, width) for f in factors
    )
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_windows_are_equal_neighbours() -> None:
    assert windows_of(5) == [(0, 1, 2, 3, 4)]
    assert [len(window) for window in windows_of(12)] == [4, 4, 4]
    assert sum(windows_of(17), ()) == tuple(range(17))


@pytest.mark.parametrize(("root", "scale", "offset"), [
    (X, 1.0, 0.0),
    (call("add", call("multiply", constant(2.0), X), constant(3.0)), 2.0, 3.0),
    (call("subtract", constant(1.0), call("divide", X, constant(4.0))), -0.25, 1.0),
    (call("negative", call("subtract", X, constant(1.0))), -1.0, 1.0),
])  # fmt: skip
def test_affine_forms(root: Expression, scale: float, offset: float) -> None:
    assert affine(root) == (X, scale, offset)


def test_repeated_layers_are_rolled() -> None:
    layers = 6
    operations = []
    for layer in range(layers):
        for wire in range(8):
            operations.append(Operation("RY", (wire,), (reference("weights", layer % 4),)))
        for wire in range(8):
            operations.append(
                Operation("PauliX", ((wire + 1) % 8,), controls=(wire,), control_values=(True,))
            )
    observable = (PauliTerm(ONE, ((0, "Z"),)),)
    steps = plan(
        circuit_of(operations, 8, Measurement("expval", observable=observable)), least_saved=1
    ).layout.steps
    (repeat,) = (step for step in steps if isinstance(step, Repeat))
    assert len(repeat.iterations) == layers - 1  # the first one is done before windows meet


def test_a_start_vector_after_a_gate() -> None:
    vector = tuple(map(constant, (1.0, 0.0, 0.0, 0.0)))
    operations = [Operation("PauliX", (0,)), Operation("StatePrep", (0,), vector)]
    with pytest.raises(ValueError, match="Expected StatePrep before any other operation on its"):
        plan(circuit_of(operations, 1))


def test_a_generator_that_is_not_constant() -> None:
    """Its lower triangle times the angle is exponentiated when the circuit runs."""
    entries = (W, constant(9.0), constant(0.0), W, *[constant(1.0)] * 4)
    circuit = circuit_of([Operation("Evolution", (0,), (X, *entries))], 1)
    (factor,) = lower(circuit)
    assert isinstance(factor, Entries)
    real, imaginary = factor.entries[:4], factor.entries[4:]
    assert (real[0], real[1]) == (call("multiply", X, W), real[2])
    assert imaginary == (ZERO, call("negative", X), X, ZERO)
    assert plan(circuit).parameters.per_sample_exponents is not None


def test_variance_of_a_matrix_with_a_weight() -> None:
    matrix = HermitianTerm(W, (0,), ((1.0, 0.0), (0.0, -1.0)))
    circuit = circuit_of([], 1, Measurement("var", observable=(matrix,)))
    with pytest.raises(ValueError, match="Expected constant coefficients in the variance of a sum"):
        exact_readouts(circuit)


def test_memory_is_refused_before_it_is_taken() -> None:
    circuit = circuit_of([Operation("Hadamard", (39,))], 40)
    with pytest.raises(
        ValueError, match=r"on 40 wires, whose training takes 32,768 GiB .*Use fewer"
    ):
        check_memory(circuit)


def test_memory_where_the_system_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(memory.os, "sysconf", unknown)
    check_memory(circuit_of([], 20))
    with pytest.raises(ValueError, match="with 64 GiB"):
        check_memory(circuit_of([], 40))
