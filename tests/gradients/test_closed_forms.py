"""Gradients whose formula is known, through every way in which a parameter can enter."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Expression, call, constant, reference
from qeras.pipeline import Program
from tests import backends

X, Y = reference("inputs", 0), reference("inputs", 1)
W, V = reference("weights", 0), reference("weights", 1)
INPUTS = np.array([[0.3, 1.1], [-0.8, 0.2], [2.0, -1.5]])
WEIGHTS = {"weights": np.array([0.7, -0.4])}
x, y = INPUTS.T
w, v = WEIGHTS["weights"]


def expval(*factors: tuple[int, str], coefficient: Expression = ONE) -> Measurement:
    return Measurement("expval", observable=(PauliTerm(coefficient, factors),))


def rotations(*angles: Expression, wire: int = 0) -> list[Operation]:
    return [Operation("RX", (wire,), (angle,)) for angle in angles]


def differentiated(
    operations: list[Operation], measurement: Measurement, wires: int = 2
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, and gradients of their sum by inputs and weights, in double precision."""
    circuit = Circuit(
        "circuit", tuple(range(wires)), 2, "inputs", {"weights": (2,)},
        tuple(operations), (measurement,), single=True,
    )  # fmt: skip
    (values,), to_inputs, to_weights = backends.differentiate(
        Program(circuit).run, INPUTS, WEIGHTS, [np.ones(3)], "float64"
    )
    return values, to_inputs, to_weights["weights"]


def check(found: tuple, values: Any, to_inputs: list, to_weights: list) -> None:
    expected = (values, np.stack(np.broadcast_arrays(*to_inputs, x)[:2], -1), to_weights)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_an_input() -> None:
    found = differentiated(rotations(X), expval((0, "Z")))
    check(found, np.cos(x), [-np.sin(x), 0.0], [0.0, 0.0])


def test_a_weight() -> None:
    """Shared by the batch: its gradient is summed over the samples."""
    found = differentiated(rotations(W), expval((0, "Z")))
    check(found, [np.cos(w)] * 3, [0.0, 0.0], [-3 * np.sin(w), 0.0])


def test_an_input_and_a_weight_in_one_angle() -> None:
    found = differentiated(rotations(call("multiply", X, W)), expval((0, "Z")))
    slope = -np.sin(x * w)
    check(found, np.cos(x * w), [w * slope, 0.0], [(x * slope).sum(), 0.0])


def test_a_parameter_in_several_expressions() -> None:
    """RX(2w) and RX(3w) turn by 5w together: gradients add, they do not overwrite."""
    angles = [call("multiply", constant(factor), W) for factor in (2.0, 3.0)]
    found = differentiated(rotations(*angles), expval((0, "Z")))
    check(found, [np.cos(5 * w)] * 3, [0.0, 0.0], [-15 * np.sin(5 * w), 0.0])


def test_a_parameter_on_both_sides_of_a_gate_that_does_not_commute() -> None:
    """<Z> after RX(x) RY(w) RX(x) is cos(x)^2 cos(w) - sin(x)^2."""
    operations = [*rotations(X), Operation("RY", (0,), (W,)), *rotations(X)]
    value = np.cos(x) ** 2 * np.cos(w) - np.sin(x) ** 2
    slope = -np.sin(2 * x) * (np.cos(w) + 1)
    to_weight = -(np.cos(x) ** 2 * np.sin(w)).sum()
    check(differentiated(operations, expval((0, "Z"))), value, [slope, 0.0], [to_weight, 0.0])


@pytest.mark.parametrize("wires", [2, 7])
def test_a_product_over_wires(wires: int) -> None:
    operations = [*rotations(X), *rotations(W, wire=1)]
    found = differentiated(operations, expval((0, "Z"), (1, "Z")), wires)
    to_weight = -(np.cos(x) * np.sin(w)).sum()
    check(found, np.cos(x) * np.cos(w), [-np.sin(x) * np.cos(w), 0.0], [to_weight, 0.0])


@pytest.mark.parametrize("wires", [2, 7])
def test_a_controlled_rotation(wires: int) -> None:
    """Half of the control's probability turns: (1 + cos v)/2 at rest, (1 - cos v)/2 turned."""
    operations = [
        *rotations(V, wire=wires - 1),
        Operation("RX", (0,), (X,), controls=(wires - 1,), control_values=(True,)),
    ]
    found = differentiated(operations, expval((0, "Z")), wires)
    turned = (1 - np.cos(v)) / 2
    value = 1 - turned + turned * np.cos(x)
    to_weight = (np.sin(v) / 2 * (np.cos(x) - 1)).sum()
    check(found, value, [-turned * np.sin(x), 0.0], [0.0, to_weight])


def test_coefficients_of_observables() -> None:
    """w y cos(x)."""
    measurement = expval((0, "Z"), coefficient=call("multiply", W, Y))
    found = differentiated(rotations(X), measurement)
    check(
        found,
        w * y * np.cos(x),
        [-w * y * np.sin(x), w * np.cos(x)],
        [(y * np.cos(x)).sum(), 0.0],
    )


def test_variance() -> None:
    """sin(x)^2."""
    measurement = Measurement("var", observable=(PauliTerm(ONE, ((0, "Z"),)),))
    found = differentiated(rotations(X), measurement)
    check(found, np.sin(x) ** 2, [np.sin(2 * x), 0.0], [0.0, 0.0])


def test_a_start_vector_of_inputs() -> None:
    """(x, y)/r has <Z> = (x^2 - y^2)/r^2."""
    square = call("add", call("square", X), call("square", Y))
    norm = call("sqrt", square)
    zero = constant(0.0)
    entries = (call("divide", X, norm), call("divide", Y, norm), zero, zero)
    found = differentiated([Operation("StatePrep", (0,), entries)], expval((0, "Z")))
    radius = x**2 + y**2
    to_inputs = [4 * x * y**2 / radius**2, -4 * y * x**2 / radius**2]
    check(found, (x**2 - y**2) / radius, to_inputs, [0.0, 0.0])


def test_what_nothing_measures_has_no_gradient() -> None:
    """Zeros, and not None or nan."""
    operations = [*rotations(X), *rotations(W, wire=1)]
    found = differentiated(operations, expval((0, "Z")))
    check(found, np.cos(x), [-np.sin(x), 0.0], [0.0, 0.0])


def test_a_circuit_without_parameters() -> None:
    found = differentiated([Operation("Hadamard", (0,))], expval((0, "X")))
    check(found, [1.0] * 3, [0.0, 0.0], [0.0, 0.0])


@pytest.mark.parametrize("depth", [2, 40])
def test_depth(depth: int) -> None:
    """The same angle `depth` times: the state is undone and recomputed at each."""
    operations = [*rotations(*[X] * depth), *rotations(*[W] * depth, wire=1)]
    operations.insert(depth, Operation("SWAP", (0, 1)))
    found = differentiated(operations, expval((1, "Z")))
    # RX(x) on wire 0 is swapped to wire 1 and goes on with RX(w) there.
    angle = depth * (x + w)
    slope = -depth * np.sin(angle)
    check(found, np.cos(angle), [slope, 0.0], [slope.sum(), 0.0])
