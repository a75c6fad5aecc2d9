"""The map: capture -> passes -> plan -> run, each stage kept and printable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import keras
from keras import ops

from qeras.backend import arrays
from qeras.backend.registration import Work, compiled, differentiable
from qeras.circuit.circuit import Circuit
from qeras.execution.context import Constants, Tensor
from qeras.execution.parameters import others_of, pools_of, selected, selected_backward
from qeras.execution.sheets import from_parts, parts, squares, squares_backward
from qeras.execution.simulate import Simulator
from qeras.execution.steps import Parameters
from qeras.measurements.densities import flattened, read_density
from qeras.measurements.expectations import sums_of_squares, sums_of_squares_backward
from qeras.measurements.final_state import FinalState
from qeras.measurements.read import read, read_flat
from qeras.measurements.states import normalised
from qeras.passes.default import optimise
from qeras.plan.parameters import Program as ParameterPart
from qeras.plan.planner import Plan, plan
from qeras.plan.readouts import Expectations
from qeras.sampling.run import SampledRun, ShiftPlan


class Program:
    """A circuit ready to run.

    Attributes:
        captured: the circuit as captured.
        circuit: after the passes.
        plan: what runs.
        sources: names of the inputs and weights that results depend on.
    """

    def __init__(self, captured: Circuit):
        self.captured = captured
        self.circuit = optimise(captured)
        self.plan: Plan = plan(self.circuit, arrays.least_saved, arrays.complex_cost)
        self.sources = self.circuit.sources()
        self._runs: dict[tuple[str, str, bool], Callable[..., list[Tensor]]] = {}

    @cached_property
    def shift_plan(self) -> ShiftPlan:
        """What the gradient of a circuit with shots needs."""
        return ShiftPlan(self.circuit)

    def run(
        self,
        inputs: Tensor,
        weights: Mapping[str, Tensor],
        flat: bool = False,
        seed: Tensor | None = None,
    ) -> list[Tensor]:
        """Results of all measurements for a batch.

        Args:
            inputs: (batch, features), float32 or float64.
            weights: by name, in the shapes of the circuit and the dtype of the inputs.
            flat: give one tensor for all measurements.
            seed: (2,), of a `keras.random.SeedGenerator`, for a circuit with shots.

        Returns:
            One tensor a measurement, (batch, *shape); complex for `state` and
            `density_matrix`. If `flat`, all of them flattened and side by side,
            (batch, total); complex if one of them is.
        """
        dtype = ops.dtype(inputs)
        # Constants live on a device: Keras traces torch models on "meta" before it runs them.
        device = str(inputs.device) if keras.backend.backend() == "torch" else ""
        place = (dtype, device, flat)
        if place not in self._runs:
            self._runs[place] = compiled(self._new_run(dtype, flat))
        if self.circuit.shots:
            return self._runs[place](inputs, weights, seed)
        return self._runs[place](inputs, weights)

    def _new_run(self, dtype: str, flat: bool) -> Callable[..., list[Tensor]]:
        if self.circuit.shots:
            return SampledRun(self.plan, self.shift_plan, dtype, flat).__call__
        return _Run(self.plan, dtype, flat).__call__


class _Run:
    """A plan at one precision and, on torch, on one device."""

    def __init__(self, plan: Plan, dtype: str, flat: bool):
        self.plan = plan
        self.flat = flat
        self.constants = Constants(dtype)
        self.simulator = Simulator(plan.layout, self.constants)
        self.postselects = plan.circuit.postselects
        # Half the numbers, and a gradient in one product.
        self.squared = (
            plan.readouts.of_probabilities and not plan.is_density and not self.postselects
        )
        # All that is read, and its gradient, by the passes.
        self.summed = self.squared and plan.readouts.of_rows
        self._present: list[bool] = []
        work = Work(2**plan.layout.width, plan.layout.amplitudes)
        self._state = differentiable(self._forward, self._backward, work=work)

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> list[Tensor]:
        circuit, program = self.plan.circuit, self.plan.parameters
        pools = pools_of(program, inputs, circuit.input_name, weights, self.constants)
        entries, coefficients = others_of(program, pools, self.constants)
        angles = [
            None if own.angles is None else pool
            for own, pool in zip((program.shared, program.per_sample), pools, strict=True)
        ]
        given = [*angles, *entries]
        self._present = [value is not None for value in given]
        found = self._state([value for value in given if value is not None])
        if not self.plan.layout.batched:
            columns = ops.zeros_like(inputs[:, 0])
            found = [part + columns for part in found]
        if self.postselects:
            found = list(normalised((found[0], found[1])))
        if self.plan.is_density:
            state = (found[0], found[1])
            results = read_density(self.plan.readouts, state, coefficients, self.constants)
            if self.flat:
                return [flattened(self.plan.readouts, results, self.constants)]
            return results
        final = self._final(found)
        if self.flat:
            return [read_flat(self.plan.readouts, final, coefficients, self.constants)]
        return read(self.plan.readouts, final, coefficients, self.constants)

    def _final(self, found: Sequence[Tensor]) -> FinalState:
        if self.summed:
            return FinalState(rows=found[0])
        return FinalState(squares=found[0]) if self.squared else FinalState((found[0], found[1]))

    def _forward(self, tensors: Sequence[Any]) -> tuple[list[Tensor], Any]:
        parameters = self._parameters(tensors)
        state, residuals = self.simulator.forward(parameters)
        kept = (state, residuals, parameters)
        if not self.squared:
            return [arrays.contiguous(part) for part in parts(state)], kept
        found = squares(state)
        if self.summed:
            found = sums_of_squares(self._expectations, found, self.constants)
        return [found], kept

    def _backward(
        self,
        tensors: Sequence[Any],
        residuals: Any,
        cotangents: Sequence[Any],
    ) -> list[Tensor]:
        state, kept, parameters = residuals
        if self.squared:
            cotangent = squares_backward(state, self._to_squares(cotangents[0]))
        else:
            cotangent = from_parts(*cotangents)
        gradients = self.simulator.backward(parameters, kept, state, cotangent)
        program = self.plan.parameters
        shared = self._to_pool(program.shared, gradients.shared)
        per_sample = self._to_pool(program.per_sample, gradients.per_sample)
        found = gradients._replace(shared=shared, per_sample=per_sample)
        return [gradient for gradient in found if gradient is not None]

    def _to_squares(self, cotangent: Tensor) -> Tensor:
        if not self.summed:
            return cotangent
        return sums_of_squares_backward(self._expectations, cotangent, self.constants)

    def _to_pool(self, program: ParameterPart, gradient: Tensor | None) -> Tensor | None:
        if program.angles is None or gradient is None:
            return gradient
        return selected_backward(program.angles, gradient, self.constants)

    @property
    def _expectations(self) -> Expectations:
        assert self.plan.readouts.expectations is not None
        return self.plan.readouts.expectations

    def _parameters(self, tensors: Sequence[Any]) -> Parameters:
        """Angles of the pools, and the entries."""
        given = iter(tensors)
        shared, per_sample, *entries = (
            next(given) if present else None for present in self._present
        )
        program = self.plan.parameters
        return Parameters(
            selected(program.shared.angles, shared, self.constants),
            selected(program.per_sample.angles, per_sample, self.constants),
            *entries,
        )
