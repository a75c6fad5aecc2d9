"""Run a circuit with shots: the engine's probabilities, drawn shots, parameter-shift."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
from keras import ops

from qeras.backend import arrays
from qeras.backend.registration import differentiable
from qeras.circuit.circuit import Circuit
from qeras.circuit.expressions import Expression
from qeras.execution.context import Constants, State, Tensor
from qeras.execution.parameters import evaluate_parameters
from qeras.execution.sheets import parts
from qeras.execution.simulate import Simulator
from qeras.execution.steps import Parameters
from qeras.gradients.methods import refused
from qeras.gradients.parameter_shift import Shifts, shifts_of
from qeras.measurements.expectations import combined
from qeras.measurements.states import normalised
from qeras.plan.parameters import ParameterProgram, Requests, compile_parameters
from qeras.plan.planner import Plan, plan
from qeras.plan.sample_groups import SampledReadouts
from qeras.sampling.statistics import Statistics, of_density, of_state, statistics
from qeras.sampling.streams import Stream, packed

FORWARD, BACKWARD = 0, 1  # branches of the stream

NO_SHIFT_RULE = (
    "Expected gradients of angles, which have a shift rule, with shots. Received: a gradient of "
    "entries of a state or matrix that depend on inputs or weights; encode them in angles, or "
    "run without shots."
)
NO_SHIFT_RULE_AFTER_SELECTION = (
    "Expected gradients of a circuit without postselection, with shots: what is divided by the "
    "probability of the selected outcome has no shift rule. Received: a gradient of a circuit "
    "that postselects; run without shots."
)
NO_SECOND_GRADIENT = (
    "Expected first gradients of results with shots. Received: a gradient of the gradient; run "
    "without shots for it."
)
NO_EXPORT = (
    "Expected a circuit without shots in what PyTorch exports, because no format takes its random "
    "generators along. Received: an export of {name!r} with shots={shots}. Export a model with "
    "KerasLayer(qml.set_shots(qnode, None), ...) that has the weights of this one."
)
NO_GRADIENT_OF_SAMPLES = (
    "Expected gradients of expval, var and probs. Received: a gradient of {kinds}, which are "
    "drawn at random and have none; return expval, or keep the loss from using them. In a list "
    "all measurements are one tensor, so return a dictionary where only some have a gradient."
)


class ShiftPlan:
    """What the gradient of a circuit with shots needs, made when it is first used.

    Attributes:
        shifts: the shifted runs.
        plan: of their circuit.
        angles, entries: make each by sample from inputs and weights; apart, so that no
            array of both is differentiated for one of them.
    """

    def __init__(self, circuit: Circuit):
        self.shifts: Shifts = shifts_of(circuit)
        self.plan: Plan = plan(self.shifts.circuit, arrays.least_saved, arrays.complex_cost)
        self.angles = _program_of(circuit, self.shifts.angles)
        self.entries = _program_of(circuit, self.shifts.entries)


def _program_of(circuit: Circuit, expressions: Sequence[Expression]) -> ParameterProgram:
    return compile_parameters(circuit, Requests((), (), ()), Requests(expressions, (), ()))


class SampledRun:
    """A plan with shots at one precision and, on torch, on one device.

    Args:
        plan: of a circuit with shots.
        shift_plan: of the same circuit.
        dtype: of the run.
        flat: give one tensor for all measurements.
    """

    def __init__(self, plan: Plan, shift_plan: ShiftPlan, dtype: str, flat: bool):
        assert isinstance(plan.readouts, SampledReadouts)
        self.plan = plan
        self.readouts = plan.readouts
        self.shift_plan = shift_plan
        self.flat = flat
        self.constants = Constants(dtype)
        self.simulator = Simulator(plan.layout, self.constants)
        self.postselects = plan.circuit.postselects
        self.shifted = Simulator(shift_plan.plan.layout, self.constants)

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor], seed: Tensor) -> list[Tensor]:
        """Results; see `qeras.pipeline.Program.run`. `seed` is (2,), of a `SeedGenerator`.

        Raises:
            ValueError: where PyTorch exports the run."""
        circuit = self.plan.circuit
        if arrays.is_exported():
            raise ValueError(NO_EXPORT.format(name=circuit.name, shots=circuit.shots))
        name = circuit.input_name
        evaluate = partial(evaluate_parameters, inputs=inputs, input_name=name, weights=weights,
                           constants=self.constants)  # fmt: skip
        parameters, coefficients = evaluate(self.plan.parameters)
        angles = evaluate(self.shift_plan.angles)[0].per_sample
        entries = evaluate(self.shift_plan.entries)[0].per_sample
        found = self._drawn(inputs, parameters, angles, entries, seed)
        rows = None
        if self.readouts.expectations is not None:
            ones = ops.ones_like(arrays.transpose(inputs)[:1])
            values = ones if found.values is None else _stacked(ones, found.values)
            rows = combined(self.readouts.expectations, values, coefficients, self.constants)
        return self._results(rows, found)

    # ------------------------------------------------------------------ forward

    def _drawn(
        self,
        inputs: Tensor,
        parameters: Parameters,
        angles: Tensor | None,
        entries: Tensor | None,
        seed: Tensor,
    ) -> Statistics:
        """The statistics, as functions of angles by parameter-shift."""
        if entries is not None:
            (entries,) = refused([entries], NO_SHIFT_RULE)
        if angles is not None and self.postselects:
            (angles,) = refused([angles], NO_SHIFT_RULE_AFTER_SELECTION)
        call = _Call(self, parameters, angles, entries, seed.dtype)
        return call.run(inputs, packed(seed, self.constants.dtype))

    def _results(self, rows: Tensor | None, found: Statistics) -> list[Tensor]:
        frequencies = iter(found.frequencies)
        results = []
        for number, readout in enumerate(self.readouts.readouts):
            if readout.kind == "expval":
                results.append(rows[readout.rows[0]])  # type: ignore[index]
            elif readout.kind == "var":
                mean, square = (rows[row] for row in readout.rows)  # type: ignore[index]
                results.append(square - mean * mean)
            elif readout.kind == "probs":
                results.append(arrays.transpose(next(frequencies)))
            else:
                message = NO_GRADIENT_OF_SAMPLES.format(kinds=readout.kind)
                results += refused([found.others[number]], message)
        if not self.flat:
            return results
        parts = [
            arrays.reshape(result, (-1, math.prod(readout.shape)))
            for result, readout in zip(results, self.readouts.readouts, strict=True)
        ]
        return [parts[0] if len(parts) == 1 else arrays.concatenate(parts, axis=1)]

    def statistics_of(
        self,
        simulator: Simulator,
        parameters: Parameters,
        columns: Tensor,
        stream: Stream,
        means_only: bool,
    ) -> Statistics:
        """Statistics of the final state; `columns` is (batch,) zeros."""
        re, im = parts(simulator.forward(parameters)[0])
        state: State = (re + columns, im + columns)
        if self.postselects:
            state = normalised(state)
        given = of_density if self.plan.is_density else of_state
        probabilities = given(state, self.readouts.width, self.constants)
        return statistics(self.readouts, probabilities, stream, self.constants, means_only)


class _Call:
    """One call: which of its tensors are there, and the two passes."""

    def __init__(
        self,
        run: SampledRun,
        parameters: Parameters,
        angles: Tensor | None,
        entries: Tensor | None,
        seed_dtype: Any,
    ):
        self.owner = run
        self.seed_dtype = keras.backend.standardize_dtype(seed_dtype)
        self.parameters = parameters
        self.angles = angles
        self.entries = entries
        self._present = [value is not None for value in (*parameters, self.angles, entries)]
        self._has_values = False
        self._others: list[int] = []

    def run(self, inputs: Tensor, seed: Tensor) -> Statistics:
        given = (*self.parameters, self.angles, self.entries)
        tensors = [inputs[:, 0], seed, *(value for value in given if value is not None)]
        outputs = differentiable(self._forward, self._backward, twice=False)(tensors)
        count = len(outputs) - len(self._others)
        means, others = outputs[:count], outputs[count:]
        values = means.pop(0) if self._has_values else None
        return Statistics(values, means, dict(zip(self._others, others, strict=True)))

    def _split(self, tensors: Sequence[Tensor]) -> tuple[Parameters, Tensor, Tensor]:
        given = iter(tensors[2:])
        found = [next(given) if present else None for present in self._present]
        return Parameters(*found[:4]), found[4], found[5]

    def _forward(self, tensors: Sequence[Tensor]) -> tuple[list[Tensor], Any]:
        owner = self.owner
        parameters, _, _ = self._split(tensors)
        found = owner.statistics_of(
            owner.simulator,
            parameters,
            ops.zeros_like(tensors[0]),
            Stream(tensors[1], self.seed_dtype, FORWARD),
            False,
        )
        self._has_values = found.values is not None
        self._others = list(found.others)
        means = found.differentiable_parts()
        outputs = [*means, *found.others.values()]
        return outputs, ()

    def _backward(
        self,
        tensors: Sequence[Tensor],
        residuals: Any,
        cotangents: Sequence[Tensor],
    ) -> list[Tensor]:
        _, angles, entries = self._split(tensors)
        gradients = [ops.zeros_like(tensor) for tensor in tensors]
        if angles is not None:
            place = 2 + sum(self._present[:4])
            means = cotangents[: len(cotangents) - len(self._others)]
            stream = Stream(tensors[1], self.seed_dtype, BACKWARD)
            found = self._shifted_gradient(angles, entries, means, stream)
            # A gradient of it would be lost where shots are drawn; so it is one of this.
            (gradients[place],) = refused([found + 0 * angles], NO_SECOND_GRADIENT)
        return gradients

    def _shifted_gradient(
        self,
        angles: Tensor,
        entries: Tensor | None,
        cotangents: Sequence[Tensor],
        stream: Stream,
    ) -> Tensor:
        """Gradient of the angles, (angles, batch)."""
        owner = self.owner
        total = None
        for delta, weight in owner.shift_plan.shifts.parts:
            delta, weight = owner.constants.real(delta), owner.constants.real(weight)
            runs = delta.shape[0]
            # (features, runs, batch), then runs and batch as one batch
            rows = angles[:, None, :] + arrays.transpose(delta)[:, :, None]
            if entries is not None:
                own = arrays.broadcast_to(
                    entries[:, None, :], (entries.shape[0], runs, ops.shape(entries)[1])
                )
                rows = arrays.concatenate([rows, own], axis=0)
            inputs = arrays.transpose(arrays.reshape(rows, (rows.shape[0], -1)))
            name = owner.plan.circuit.input_name
            parameters, _ = evaluate_parameters(
                owner.shift_plan.plan.parameters, inputs, name, {}, owner.constants
            )
            found = owner.statistics_of(
                owner.shifted, parameters, ops.zeros_like(inputs[:, 0]), stream, True
            )
            along = _along(found.differentiable_parts(), cotangents, runs)
            part = arrays.transpose(weight) @ along
            total = part if total is None else total + part
        return ops.zeros_like(angles) if total is None else total


def _along(means: Sequence[Tensor], cotangents: Sequence[Tensor], runs: int) -> Tensor:
    """Sums over results of cotangent times mean, (runs, batch)."""
    total: Any = 0.0
    for mean, cotangent in zip(means, cotangents, strict=True):
        by_run = arrays.reshape(mean, (mean.shape[0], runs, -1))
        total = total + arrays.sum(by_run * cotangent[:, None, :], axis=0)
    return total


def _stacked(ones: Tensor, values: Tensor) -> Tensor:
    return arrays.concatenate([ones, values], axis=0)
