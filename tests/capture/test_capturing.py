"""From QNode to circuit: devices, wires, containers, transforms, errors."""

from __future__ import annotations

import math
from functools import partial
from importlib import import_module

import keras
import numpy as np
import pennylane as qml
import pytest

from qeras.capture import CaptureError, capture
from qeras.capture.wires import wire_label
from qeras.testing.reference import simulate


def _capture(function, features=3, shapes=None, device=None, **options):
    device = device or qml.device("default.qubit", wires=3)
    return capture(qml.QNode(function, device, **options), shapes or {}, features)


def rotations(inputs):
    qml.AngleEmbedding(inputs, wires=range(3))
    return qml.expval(qml.Z(0))


def test_facts_of_the_circuit():
    def named(inputs, w):
        qml.RX(inputs[0] * w[0], "a")
        return qml.expval(qml.Z("a")), qml.state()

    circuit = _capture(named, 2, {"w": (2,)}, qml.device("default.qubit", wires=["b", "a"]))
    assert (circuit.name, circuit.wires) == ("named", ("b", "a"))
    assert (circuit.features, circuit.input_name) == (2, "inputs")
    assert circuit.weight_shapes == {"w": (2,)}
    assert circuit.measurements[1].wires == ("b", "a")
    assert (circuit.single, circuit.keys) == (False, ())


def test_the_function_runs_once():
    runs = []

    def function(inputs):
        runs.append(inputs.shape)
        return rotations(inputs)

    _capture(function)
    assert runs == [(3,)]


def test_the_qnode_stays():
    qnode = qml.QNode(rotations, qml.device("default.qubit", wires=3))
    before = {key: repr(value) for key, value in vars(qnode).items()}
    capture(qnode, {}, 3)
    assert {key: repr(value) for key, value in vars(qnode).items()} == before


def test_arguments_by_name():
    def function(w, v=0.3, inputs=None, **rest):
        qml.RX(w, 0)
        qml.RX(v[0], 0)
        qml.RX(inputs[0], 0)
        qml.RX(rest["u"], 0)
        return qml.expval(qml.Z(0))

    circuit = _capture(function, 1, {"v": (1,), "w": (), "u": ()})
    shown = [repr(operation.parameters[0]) for operation in circuit.operations]
    assert shown == ["w[0]", "v[0]", "inputs[0]", "u[0]"]


def test_another_input_name():
    qnode = qml.QNode(lambda x: rotations(x), qml.device("default.qubit"))
    circuit = capture(qnode, {}, 3, input_name="x")
    assert circuit.sources() == {"x"}
    assert circuit.input_name == "x"


@pytest.mark.parametrize(
    ("container", "single", "keys"),
    [
        (lambda a, b: a, True, ()),
        (lambda a, b: [a], False, ()),
        (lambda a, b: (a, b), False, ()),
        (lambda a, b: [a, b], False, ()),
        (lambda a, b: {"p": a, "q": b}, False, ("p", "q")),
    ],
)
def test_containers(container, single, keys):
    def function(inputs):
        first = qml.expval(qml.Z(0))
        second = qml.probs(wires=1) if container(0, 1) not in (0, [0]) else None
        return container(first, second)

    circuit = _capture(function)
    assert (circuit.single, circuit.keys) == (single, keys)


@pytest.mark.parametrize("name", ["default.qubit", "lightning.qubit", "reference.qubit"])
def test_devices(name):
    assert len(_capture(rotations, device=qml.device(name, wires=3)).operations) == 3


def test_other_device():
    with pytest.raises(CaptureError, match=r"devices default.qubit.*device='null.qubit'"):
        _capture(rotations, device=qml.device("null.qubit", wires=3))


def test_shots():
    assert _capture(rotations, shots=100).shots == (100,)


def test_lightning_agrees():
    qnode = qml.QNode(rotations, qml.device("lightning.qubit", wires=3))
    inputs = np.array([0.1, 0.2, 0.3])
    (found,) = simulate(capture(qnode, {}, 3), inputs, {})
    np.testing.assert_allclose(found, qnode(inputs), atol=1e-12)


@pytest.mark.parametrize(
    "wires",
    [(0, 1, 2), (2, 0, 1), (5, 3, 7), ("b", "a", "c"), ("a", 0, 1), (1, 2, 3), (0, 2, 1)],
)
def test_order_of_wires_on_a_device_without_wires(agree, wires):
    first, second, third = wires

    def function(inputs):
        qml.Barrier([third])
        qml.CRX(inputs[0] + 1, wires=[first, second])
        qml.RX(inputs[1], wires=first)
        qml.AngleEmbedding(inputs[:2], wires=[second, third])
        return qml.state(), qml.probs(), qml.expval(qml.Z("measured"))

    circuit = agree(function, wires=None)
    assert set(circuit.wires) == {*wires, "measured"}


def test_wire_that_the_device_lacks():
    def function(inputs):
        qml.RX(inputs[0], wires=7)
        return qml.expval(qml.Z(0))

    with pytest.raises(CaptureError, match=r"device, \[0, 1, 2\]. Received: wire 7 in 'function'"):
        _capture(function)


def test_measured_wire_that_the_device_lacks():
    with pytest.raises(CaptureError, match=r"Received: wire 'q'"):
        _capture(lambda inputs: qml.probs(wires=[0, "q"]))


def test_labels_of_wires():
    assert wire_label(np.int64(3)) == 3
    assert type(wire_label(np.int64(3))) is int
    with pytest.raises(CaptureError, match=r"integers or strings. Received: wire \(0, 1\) of type"):
        wire_label((0, 1))


def mixed_rotations(inputs, w):
    qml.AngleEmbedding(inputs, wires=range(3))
    qml.RX(w[0], 0)
    qml.RX(w[1], 0)
    qml.H(1)
    qml.H(1)
    qml.RZ(w[2], 1)
    qml.Rot(w[0], w[1], w[2], 2)
    qml.Rot(w[1], w[1], inputs[0], 2)
    qml.SWAP([0, 2])
    return qml.expval(qml.Z(0)), qml.probs(wires=[1, 2])


@pytest.mark.parametrize(
    ("transform", "operations"),
    [
        (qml.transforms.merge_rotations, 9),
        (qml.transforms.cancel_inverses, 9),
        (qml.transforms.single_qubit_fusion, None),
        (qml.transforms.undo_swaps, 10),
        (qml.transforms.commute_controlled, 11),
        (qml.compile, 6),
        (qml.transforms.decompose, 11),
        (qml.defer_measurements, 11),
    ],
)
def test_transforms_of_one_circuit(agree, transform, operations):
    circuit = agree(mixed_rotations, {"w": (3,)}, wires=3, transform=transform)
    assert operations in (None, len(circuit.operations))


def test_transform_with_several_circuits():
    def function(inputs):
        qml.RX(inputs[0], 0)
        return qml.expval(qml.Z(0)), qml.expval(qml.X(0))

    qnode = qml.transforms.split_non_commuting(
        qml.QNode(function, qml.device("default.qubit", wires=1))
    )
    with pytest.raises(CaptureError, match=r"split_non_commuting.*which give 2 circuits"):
        capture(qnode, {}, 3)


def test_transform_that_computes_with_results():
    @qml.transform
    def doubled(tape):
        return (tape,), lambda results: 2 * results[0]

    with pytest.raises(CaptureError, match=r"change its circuit only.*compute with the results"):
        capture(doubled(qml.QNode(rotations, qml.device("default.qubit"))), {}, 3)


def test_errors_of_the_function_are_chained():
    def function(inputs):
        return 1 / 0

    with pytest.raises(
        CaptureError, match=r"'function' to run on 'inputs' of 3 .*division"
    ) as info:
        _capture(function)
    assert isinstance(info.value.__cause__, ZeroDivisionError)


def test_wrong_number_of_features():
    with pytest.raises(CaptureError, match=r"of 4 features.*ValueError: Features must"):
        _capture(rotations, features=4)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda inputs: None, "to return a measurement.*Received: None"),
        (lambda inputs: [], r"to return a measurement.*Received: \[\]"),
        (lambda inputs: [[qml.expval(qml.Z(0))]], "to return a measurement"),
        (lambda inputs: (qml.expval(qml.Z(0)), 1), "to return a measurement"),
    ],
)
def test_function_without_measurements(function, match):
    with pytest.raises(CaptureError, match=match):
        _capture(function)


def test_measurements_out_of_order():
    def function(inputs):
        first, second = qml.expval(qml.Z(0)), qml.expval(qml.Z(1))
        return second, first

    with pytest.raises(CaptureError, match=r"in the order in which they are made"):
        _capture(function)


def test_measurement_that_is_not_returned():
    def function(inputs):
        qml.expval(qml.Z(0))
        return qml.expval(qml.Z(1))

    with pytest.raises(CaptureError, match=r"return all of its measurements"):
        _capture(function)


def applied(function):
    def quantum_function(inputs):
        function(inputs)
        return qml.expval(qml.Z(0))

    return quantum_function


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (
            lambda x: qml.DepolarizingChannel(0.1, 0),
            "the device default.mixed. Received: Depolarizing",
        ),
        (lambda x: qml.pauli_measure("X", 0), "unitary. Received: PauliMeasure"),
        (lambda x: qml.Hermitian(np.diag([1, 2]), 0), "Hermitian on wires .* is not unitary"),
        (lambda x: qml.QubitUnitary(np.diag([1, 2]), 0), "QubitUnitary .* is not unitary"),
        (lambda x: qml.DiagonalQubitUnitary([1, 2], 0), "DiagonalQubitUnitary .* is not unitary"),
        (lambda x: qml.Beamsplitter(0.1, 0.2, [0, 1]), "unitary. Received: Beamsplitter"),
        (
            lambda x: qml.RX(x, 0),
            r"one number for a parameter of RX on .*shape \(3,\).*inputs\[0\]",
        ),
        (lambda x: qml.RX(x[0] * 1j, 0), "a real number for a parameter of RX"),
        (lambda x: qml.QubitUnitary(np.stack([np.eye(2)] * 3), 0), "2 axes for QubitUnitary"),
        (lambda x: qml.X(0) if x[0] > 0 else None, "the truth .*qml.math.where"),
        (lambda x: qml.SpecialUnitary(qml.math.stack([x, x]), 0), "1 axes for SpecialUnitary"),
        (
            lambda x: qml.pow(qml.prod(qml.RX(x[0], 0), qml.RX(x[1], 1)), 0.5),
            r"mixes at most two basis states.*Received: \(RX.*\)\*\*0.5",
        ),
        (
            lambda x: qml.pow(qml.Hermitian(np.diag([1.0, 2.0]), 0), x[0]),
            "matrix is not unitary",
        ),
        (
            lambda x: qml.QROMStatePreparation(qml.math.hstack([x, x[0]]), [0, 1], [2], [3]),
            r"`int\(...\)` of an input or a weight",
        ),
        (
            lambda x: qml.QDrift(qml.dot(x, [qml.X(0), qml.Z(1), qml.Y(0)]), 0.5, n=2, seed=3),
            r"the numbers .* of an input or a weight",
        ),
        (lambda x: qml.RX(math.sin(x[0]), 0), r"functions of `math` call too"),
        (lambda x: list(keras.ops.sin(x)), "Iterating over a symbolic KerasTensor"),
    ],
)
def test_what_is_no_operation(function, match):
    with pytest.raises(CaptureError, match=match):
        _capture(applied(function))


def test_function_without_a_name():
    qnode = qml.QNode(partial(mixed_rotations, w=[0.1, 0.2, 0.3]), qml.device("default.qubit"))
    assert capture(qnode, {}, 3).name == "partial"


@pytest.mark.every_backend
def test_function_of_a_backend():
    """Frameworks refuse symbols in their own words; ours say what to write."""
    name = keras.backend.backend()

    def function(inputs):
        sine = import_module({"jax": "jax.numpy"}.get(name, name)).sin
        qml.RX(sine(inputs[0]), wires=0)
        return qml.expval(qml.Z(0))

    expected = "a TensorFlow tensor" if name == "tensorflow" else r"TypeError.*`qml.math`.*NumPy\)"
    with pytest.raises(CaptureError, match=expected):
        _capture(function)


def test_templates_that_do_not_decompose():
    def noisy(weights, wires):
        qml.DepolarizingChannel(0.1, wires[0])

    def wrong(weights, wires):
        qml.RX(weights.angle, wires[0])

    for block, match in [
        (noisy, "the device default.mixed. Received: TTN"),
        (
            wrong,
            r"TTN to decompose for symbols of inputs and weights. Received: AttributeError",
        ),
    ]:
        with pytest.raises(CaptureError, match=match):
            _capture(applied(lambda x, block=block: qml.TTN(range(2), 2, block, 1, [x[:1]])))
