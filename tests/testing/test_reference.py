"""The reference simulator against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qeras.circuit.circuit import Circuit, HermitianTerm, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import call, constant, reference
from qeras.testing.reference import evaluate, simulate

ANGLE = 0.7
INPUTS = np.array([ANGLE])
X = reference("inputs", 0)
ONE = constant(1.0)


def run(operations, *measurements, wires=(0, 1), weights=None):
    circuit = Circuit("test", wires, 1, "inputs", {}, tuple(operations), measurements)
    return simulate(circuit, INPUTS, weights or {})


def bell():
    return [
        Operation("Hadamard", (0,)),
        Operation("PauliX", (1,), controls=(0,), control_values=(True,)),
    ]


def test_expressions():
    w = reference("w", 2)
    roots = [X, call("add", X, w), call("log", call("negative", X)), call("divide", ONE, X)]
    found = evaluate(roots, {"inputs": INPUTS, "w": np.arange(4.0).reshape(2, 2)})
    np.testing.assert_allclose(found, [0.7, 2.7, np.nan, 1 / 0.7])


def test_rotation():
    state, z, x = run(
        [Operation("RX", (0,), (X,))],
        Measurement("state", wires=(0,)),
        Measurement("expval", observable=(PauliTerm(ONE, ((0, "Z"),)),)),
        Measurement("var", observable=(PauliTerm(constant(2.0), ((0, "X"),)),)),
        wires=(0,),
    )
    np.testing.assert_allclose(state, [np.cos(ANGLE / 2), -1j * np.sin(ANGLE / 2)])
    assert z == pytest.approx(np.cos(ANGLE))
    assert x == pytest.approx(4.0)


def test_bell_state():
    rho, purity, entropy, bits, mutual = run(
        bell(),
        Measurement("density_matrix", wires=(1,)),
        Measurement("purity", wires=(0,)),
        Measurement("vn_entropy", wires=(0,)),
        Measurement("vn_entropy", wires=(0,), log_base=2.0),
        Measurement("mutual_info", wires=(0,), other_wires=(1,), log_base=2.0),
    )
    np.testing.assert_allclose(rho, np.eye(2) / 2, atol=1e-15)
    assert purity == pytest.approx(0.5)
    assert entropy == pytest.approx(np.log(2))
    assert bits == pytest.approx(1.0)
    assert mutual == pytest.approx(2.0)


def test_order_of_wires():
    flipped = [Operation("PauliX", ("b",))]
    first, second = run(
        flipped,
        Measurement("probs", wires=("a", "b")),
        Measurement("probs", wires=("b", "a")),
        wires=("a", "b"),
    )
    np.testing.assert_allclose(first, [0, 1, 0, 0])
    np.testing.assert_allclose(second, [0, 0, 1, 0])


def test_controls():
    (found,) = run(
        [
            Operation("PauliX", (2,), controls=(0, 1), control_values=(False, False)),
            Operation("PauliX", (1,), controls=(2,), control_values=(True,)),
        ],
        Measurement("probs", wires=(0, 1, 2)),
        wires=(0, 1, 2),
    )
    assert np.argmax(found) == 0b011


def test_eigenbasis():
    rows = tuple(tuple(complex(entry) / np.sqrt(2) for entry in row) for row in [[1, 1], [1, -1]])
    (found,) = run([Operation("Hadamard", (0,))], Measurement("probs", wires=(0,), basis=rows))
    np.testing.assert_allclose(found, [1, 0], atol=1e-15)


def test_matrices_as_data():
    flip = [*(constant(v) for v in (0, 1, 1, 0)), *[constant(0.0)] * 4]
    phases = [constant(1.0), call("cos", X), constant(0.0), call("sin", X)]
    plus = [constant(np.sqrt(0.5))] * 2 + [constant(0.0)] * 2
    (found,) = run(
        [
            Operation("StatePrep", (0,), tuple(plus)),
            Operation("DiagonalQubitUnitary", (0,), tuple(phases)),
            Operation("QubitUnitary", (0,), tuple(flip)),
            Operation("Evolution", (0,), (X, *flip)),
        ],
        Measurement("state", wires=(0,)),
        wires=(0,),
    )
    c, s = np.cos(ANGLE), np.sin(ANGLE)
    evolved = np.array([[c, 1j * s], [1j * s, c]]) @ [np.exp(1j * ANGLE), 1]
    np.testing.assert_allclose(found, evolved / np.sqrt(2))


def test_hermitian_term():
    term = HermitianTerm(constant(2.0), (1, 0), ((1, 0, 0, 0), (0, 3, 0, 0), (0,) * 4, (0,) * 4))
    (found,) = run([Operation("PauliX", (0,))], Measurement("expval", observable=(term,)))
    assert found == pytest.approx(6.0)


def test_postselection():
    """Half of a Bell pair in |1>, then the other half is too."""
    projector = Operation("DiagonalQubitUnitary", (0,), tuple(map(constant, [0, 1, 0, 0])))
    probs, state = run(
        [*bell(), projector],
        Measurement("probs", wires=(1,)),
        Measurement("state", wires=(0, 1)),
    )
    np.testing.assert_allclose(probs, [0, 1], atol=1e-15)
    np.testing.assert_allclose(state, [0, 0, 0, 1], atol=1e-15)


@pytest.mark.parametrize(
    "fields", [{"shots": (5,)}, {"operations": (Operation("BitFlip", (0,), (ONE,)),)}]
)
def test_what_it_does_not_simulate(fields):
    z = Measurement("expval", observable=(PauliTerm(ONE, ((0, "Z"),)),))
    circuit = replace(Circuit("test", (0,), 1, "inputs", {}, (), (z,)), **fields)
    with pytest.raises(ValueError, match=r"without shots and channels. Received: 'test'"):
        simulate(circuit, INPUTS, {})
