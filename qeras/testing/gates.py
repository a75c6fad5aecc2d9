"""The law of a gate: a unitary, and the engine's result equal to the reference simulator's."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from qeras.circuit.circuit import Circuit, Measurement, Operation, Wire
from qeras.circuit.expressions import Reference, constant, topological
from qeras.circuit.operation_checks import validate
from qeras.pipeline import Program
from qeras.testing.random_circuits import random_values
from qeras.testing.reference import evaluate, matrix_of, simulate

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


def assert_gate_ok(operation: Operation, wires: tuple[Wire, ...], seed: int = 0) -> None:
    """Check an operation behind rotations that leave no amplitude of the state zero.

    Args:
        operation: its parameters may depend on a source named "inputs", which differs from
            sample to sample, and on others, which are weights.
        wires: of the circuit; more than five take the planner's road for wide circuits.
        seed: of the values of inputs and weights.

    Raises:
        ValueError: if the operation is not as the gate table says.
        AssertionError: if its matrix is not unitary or the final state is another one, to
            1e-5 in float32 and 1e-12 in float64, whichever `keras.config.floatx()` says.
    """
    validate(operation)
    circuit = circuit_of_gate(operation, wires)
    inputs, weights = random_values(circuit, seed, batch=3)
    for row in inputs:
        numbers = evaluate(operation.parameters, {"inputs": row, **weights})
        matrix = matrix_of(operation, numbers)
        np.testing.assert_allclose(matrix @ matrix.conj().T, np.eye(len(matrix)), atol=1e-12)
    dtype = keras.config.floatx()
    (found,) = Program(circuit).run(
        ops.convert_to_tensor(inputs, dtype=dtype),
        {name: ops.convert_to_tensor(weight, dtype=dtype) for name, weight in weights.items()},
    )
    expected = [simulate(circuit, row, weights)[0] for row in inputs]
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, atol=TOLERANCE[dtype])


def circuit_of_gate(operation: Operation, wires: tuple[Wire, ...]) -> Circuit:
    """RY and RZ by fixed angles on each wire, the operation, and the state."""
    sizes = {"inputs": 1}
    for node in topological(operation.parameters):
        if isinstance(node, Reference):
            sizes[node.source] = max(sizes.get(node.source, 0), node.index + 1)
    features = sizes.pop("inputs")
    start = [
        Operation(gate, (wire,), (constant(angle + 0.3 * place),))
        for gate, angle in (("RY", 0.4), ("RZ", -0.7))
        for place, wire in enumerate(wires)
    ]
    return Circuit(
        name=operation.gate,
        wires=wires,
        features=features,
        input_name="inputs",
        weight_shapes={name: (size,) for name, size in sizes.items()},
        operations=(*start, operation),
        measurements=(Measurement("state", wires=wires),),
        single=True,
    )
