"""The hand-written backward pass against the backend's own derivative of the forward pass,
by finite differences in double precision, on circuits that use every kind of move."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from keras import ops

from qeras.execution import simulate
from qeras.execution.context import Constants, State
from qeras.execution.parameters import evaluate_parameters
from qeras.execution.sheets import from_parts, parts
from qeras.execution.simulate import Simulator
from qeras.execution.steps import Parameters
from qeras.plan.planner import plan
from qeras.testing.random_circuits import random_circuit, random_values
from tests import backends

STEP = 1e-6


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("seed", "wires"), [(s, None) for s in range(12)] + [(90, 7), (91, 8)])
@pytest.mark.parametrize("kept_amplitudes", [0, 2**20], ids=["undone", "kept"])
def test_backward_is_the_derivative(
    seed: int, wires: int | None, kept_amplitudes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "KEPT_AMPLITUDES", kept_amplitudes)
    circuit = random_circuit(seed, wires, 12)
    inputs, weights = random_values(circuit, seed, 2)
    the_plan = plan(circuit)
    constants = Constants("float64")
    simulator = Simulator(the_plan.layout, constants)
    tensors = {name: ops.convert_to_tensor(w, "float64") for name, w in weights.items()}
    parameters, _ = evaluate_parameters(
        the_plan.parameters,
        ops.convert_to_tensor(inputs, "float64"),
        circuit.input_name,
        tensors,
        constants,
    )
    forward = backends.compiled(lambda parameters: parts(simulator.forward(parameters)[0]))
    generator = np.random.default_rng(seed)
    cotangent = tuple(generator.normal(size=ops.shape(part)) for part in forward(parameters))
    given = tuple(ops.convert_to_tensor(part, "float64") for part in cotangent)
    gradients = backends.compiled(partial(_gradients, simulator))(parameters, given)
    for place, (value, gradient) in enumerate(zip(parameters, gradients, strict=True)):
        assert (value is None) == (gradient is None)
        if value is None:
            continue
        direction = generator.normal(size=ops.shape(value))
        slope = np.sum(direction * ops.convert_to_numpy(gradient))
        ahead, behind = (
            _functional(forward, parameters, place, sign * STEP * direction, cotangent)
            for sign in (1, -1)
        )
        assert slope == pytest.approx((ahead - behind) / (2 * STEP), abs=1e-6, rel=1e-6)


def _gradients(simulator: Simulator, parameters: Parameters, cotangent: State) -> Parameters:
    state, residuals = simulator.forward(parameters)
    return simulator.backward(parameters, residuals, state, from_parts(*cotangent))


def _functional(
    forward: Callable[[Parameters], State],
    parameters: Parameters,
    place: int,
    change: np.ndarray,
    cotangent: tuple[np.ndarray, ...],
) -> float:
    moved = list(parameters)
    moved[place] = moved[place] + ops.convert_to_tensor(change, "float64")
    pairs = zip(forward(Parameters(*moved)), cotangent, strict=True)
    return float(sum(np.sum(ops.convert_to_numpy(part) * own) for part, own in pairs))
