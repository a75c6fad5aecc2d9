"""Every gate of the table and every measurement, on both roads of the planner, in double
precision against the reference simulator; and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from keras import ops

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import ONE, Expression, call, constant, reference
from qeras.circuit.gates import DATA_GATES, GATES
from qeras.pipeline import Program
from qeras.testing.reference import simulate

pytestmark = pytest.mark.usefixtures("float64")
X, W = reference("inputs", 0), reference("weights", 0)
SIMPLE = [name for name in GATES if name not in DATA_GATES]


def circuit_of(operations: list[Operation], wires: int, *measurements: Measurement) -> Circuit:
    return Circuit(
        "circuit", tuple(range(wires)), 2, "inputs", {"weights": (3,)},
        tuple(operations), measurements,
    )  # fmt: skip


def run(circuit: Circuit, inputs: np.ndarray, weights: np.ndarray) -> list[np.ndarray]:
    results = Program(circuit).run(
        ops.convert_to_tensor(inputs, "float64"),
        {"weights": ops.convert_to_tensor(weights, "float64")},
    )
    return [ops.convert_to_numpy(result) for result in results]


def expval(word: dict[int, str]) -> Measurement:
    return Measurement("expval", observable=(PauliTerm(ONE, tuple(word.items())),))


def everywhere(wires: int) -> list[Operation]:
    """Rotations that leave no amplitude zero and no wire like another."""
    start = [Operation("RY", (wire,), (constant(0.4 + 0.3 * wire),)) for wire in range(wires)]
    return [*start, *(Operation("RX", (w,), (constant(0.2 + 0.1 * w),)) for w in range(wires))]


@pytest.mark.parametrize("wires", [5, 7])
@pytest.mark.parametrize("name", SIMPLE)
def test_every_gate(name: str, wires: int) -> None:
    """Angles of inputs, of weights and of both; up to two controls; wires out of order."""
    gate = GATES[name]
    count = gate.num_wires if gate.num_wires is not None else 3
    targets, others = (wires - 1, 0, 2, 1)[:count], (3, 1)
    word = "XYZ" if name == "PauliRot" else ""
    operations = everywhere(wires)
    angles: list[Expression] = [X, W, call("multiply", X, reference("weights", 1))]
    for controls in range(3 if count < 4 else 1):
        parameters = tuple(angles[(controls + i) % 3] for i in range(gate.num_parameters or 0))
        operations.append(
            Operation(name, targets, parameters, others[:controls], (True, False)[:controls], word)
        )
    circuit = circuit_of(operations, wires, Measurement("state", tuple(range(wires))))
    generator = np.random.default_rng(0)
    inputs, weights = generator.normal(size=(2, 2)), generator.normal(size=3)
    (found,) = run(circuit, inputs, weights)
    expected = [simulate(circuit, row, {"weights": weights})[0] for row in inputs]
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_cosine() -> None:
    (found,) = run(
        circuit_of([Operation("RX", (0,), (X,))], 1, expval({0: "Z"})),
        np.array([[0.3, 0.0], [1.2, 0.0]]),
        np.zeros(3),
    )
    np.testing.assert_allclose(found, np.cos([0.3, 1.2]), atol=1e-12)


BELL = [
    Operation("Hadamard", (0,)),
    Operation("PauliX", (1,), controls=(0,), control_values=(True,)),
]


@pytest.mark.parametrize(("measurement", "value"), [
    (expval({0: "Z"}), 0.0),
    (expval({0: "Z", 1: "Z"}), 1.0),
    (expval({0: "X", 1: "X"}), 1.0),
    (expval({0: "Y", 1: "Y"}), -1.0),
    (expval({}), 1.0),
    (Measurement("var", observable=(PauliTerm(constant(3.0), ((0, "Z"),)),)), 9.0),
    (Measurement("probs", (1, 0)), [0.5, 0.0, 0.0, 0.5]),
    (Measurement("purity", (0,)), 0.5),
    (Measurement("purity", (0, 1)), 1.0),
    (Measurement("vn_entropy", (0,)), math.log(2)),
    (Measurement("vn_entropy", (1,), log_base=2.0), 1.0),
    (Measurement("vn_entropy", (0, 1)), 0.0),
    (Measurement("mutual_info", (0,), (1,)), 2 * math.log(2)),
    (Measurement("density_matrix", (1,)), [[0.5, 0.0], [0.0, 0.5]]),
    (Measurement("state", (0, 1)), [math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)]),
])  # fmt: skip
def test_a_bell_pair(measurement: Measurement, value: object) -> None:
    (found,) = run(circuit_of(BELL, 2, measurement), np.zeros((3, 2)), np.zeros(3))
    np.testing.assert_allclose(found, np.array([value] * 3), atol=1e-7)


def test_a_wide_ghz_state() -> None:
    operations = [Operation("Hadamard", (0,))]
    operations += [
        Operation("PauliX", (wire + 1,), controls=(wire,), control_values=(True,))
        for wire in range(11)
    ]
    words = dict.fromkeys(range(12), "X")
    found = run(
        circuit_of(operations, 12, expval(words), Measurement("probs", (11, 0))),
        np.zeros((2, 2)),
        np.zeros(3),
    )
    np.testing.assert_allclose(found[0], 1.0, atol=1e-12)
    np.testing.assert_allclose(found[1], [[0.5, 0.0, 0.0, 0.5]] * 2, atol=1e-12)


@pytest.mark.parametrize("wires", [3, 7])
def test_laws_of_the_batch(wires: int) -> None:
    """Permuted, single and empty batches; nan in one sample stays in that sample."""
    operations = [
        Operation("RX", (wire,), (reference("inputs", wire % 2),)) for wire in range(wires)
    ]
    operations += [
        Operation("PauliX", ((wire + 1) % wires,), controls=(wire,), control_values=(True,))
        for wire in range(wires)
    ]
    operations += [Operation("RY", (wire,), (W,)) for wire in range(wires)]
    circuit = circuit_of(
        operations, wires, expval({0: "Z", 1: "X"}), Measurement("vn_entropy", (0,)),
        Measurement("probs", (1, 2)),
    )  # fmt: skip
    generator = np.random.default_rng(1)
    inputs, weights = generator.normal(size=(4, 2)), generator.normal(size=3)
    whole = run(circuit, inputs, weights)
    for one, other in zip(whole, run(circuit, inputs[::-1], weights), strict=True):
        np.testing.assert_allclose(other, one[::-1], atol=1e-12)
    for one, other in zip(whole, run(circuit, inputs[1:2], weights), strict=True):
        np.testing.assert_allclose(other, one[1:2], atol=1e-12)
    assert [part.shape[0] for part in run(circuit, inputs[:0], weights)] == [0, 0, 0]
    broken = inputs.copy()
    broken[2, 0] = np.nan
    for one, other in zip(whole, run(circuit, broken, weights), strict=True):
        assert np.isnan(other[2]).any()
        np.testing.assert_allclose(other[[0, 1, 3]], one[[0, 1, 3]], atol=1e-12)
