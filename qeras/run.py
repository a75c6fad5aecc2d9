"""A plan without shots at work: inputs and weights -> results.

What differs between backends' own differentiation and the hand-written one is where they meet:
functions of weights and inputs are the backend's, from what angles are read from to what
results are read from it is ours (`Passes`), and what is read from a state is the backend's again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from qeras.backend import arrays
from qeras.backend.registration import Work, differentiable
from qeras.execution.context import Constants, Tensor
from qeras.execution.parameters import Pools, angles_of, others_of, pools_gradient, pools_of
from qeras.execution.sheets import from_parts, parts, squares, squares_backward
from qeras.execution.simulate import Simulator
from qeras.execution.steps import Parameters
from qeras.measurements.densities import flattened, read_density
from qeras.measurements.expectations import sums_of_squares, sums_of_squares_backward
from qeras.measurements.final_state import FinalState
from qeras.measurements.read import read, read_flat
from qeras.measurements.states import normalised
from qeras.plan.planner import Plan
from qeras.plan.readouts import Expectations


class Run:
    """A plan at one precision and, on torch, on one device.

    Args:
        plan: of a circuit without shots.
        dtype: of the run.
        flat: give one tensor for all measurements.
    """

    def __init__(self, plan: Plan, dtype: str, flat: bool):
        self.plan = plan
        self.flat = flat
        self.constants = Constants(dtype)
        self.passes = Passes(plan, self.constants)

    def __call__(self, inputs: Tensor, weights: Mapping[str, Tensor]) -> list[Tensor]:
        """Results; see `qeras.pipeline.Program.run`."""
        name, program = self.plan.circuit.input_name, self.plan.parameters
        pools = pools_of(program, inputs, name, weights, self.constants)
        entries, coefficients = others_of(program, pools, self.constants)
        found = self.passes(pools, entries)
        if not self.plan.layout.batched:
            columns = ops.zeros_like(inputs[:, 0])
            found = [part + columns for part in found]
        if self.plan.circuit.postselects:
            found = list(normalised((found[0], found[1])))
        readouts, constants = self.plan.readouts, self.constants
        if self.plan.is_density:
            results = read_density(readouts, (found[0], found[1]), coefficients, constants)
            return [flattened(readouts, results, constants)] if self.flat else results
        final = self.passes.final_state(found)
        if self.flat:
            return [read_flat(readouts, final, coefficients, constants)]
        return read(readouts, final, coefficients, constants)


class Passes:
    """The forward pass and the backward one, as one differentiable function.

    Attributes:
        squared: whether it ends with the probabilities of basis states: half the numbers, and a
            gradient in one product.
        summed: whether it ends with rows of expectation values.
    """

    def __init__(self, plan: Plan, constants: Constants):
        self.plan = plan
        self.constants = constants
        self.simulator = Simulator(plan.layout, constants)
        self.squared = (
            plan.readouts.of_probabilities and not plan.is_density and not plan.circuit.postselects
        )
        self.summed = self.squared and plan.readouts.of_rows
        self._present: list[bool] = []
        work = Work(2**plan.layout.width, plan.layout.amplitudes)
        self._run = differentiable(self._forward, self._backward, work=work)

    def __call__(self, pools: Pools, entries: Sequence[Tensor | None]) -> list[Tensor]:
        """What results are read from: rows, squares, or real and imaginary part of the state."""
        program = self.plan.parameters
        shared = None if program.shared.angles is None else pools.shared
        per_sample = None if program.per_sample.angles is None else pools.per_sample
        given = [shared, per_sample, *entries]
        self._present = [value is not None for value in given]
        return self._run([value for value in given if value is not None])

    def final_state(self, found: Sequence[Tensor]) -> FinalState:
        """What `__call__` gave."""
        if self.summed:
            return FinalState(rows=found[0])
        return FinalState(squares=found[0]) if self.squared else FinalState((found[0], found[1]))

    def _forward(self, tensors: Sequence[Any]) -> tuple[list[Tensor], Any]:
        parameters = self._parameters(tensors)
        state, kept = self.simulator.forward(parameters)
        residuals = (state, kept, parameters)
        if not self.squared:
            return [arrays.contiguous(part) for part in parts(state)], residuals
        found = squares(state)
        if self.summed:
            found = sums_of_squares(self._expectations, found, self.constants)
        return [found], residuals

    def _backward(
        self,
        tensors: Sequence[Any],
        residuals: Any,
        cotangents: Sequence[Any],
    ) -> list[Tensor]:
        state, kept, parameters = residuals
        cotangent = self._to_state(state, cotangents)
        gradients = self.simulator.backward(parameters, kept, state, cotangent)
        found = pools_gradient(self.plan.parameters, gradients, self.constants)
        return [gradient for gradient in found if gradient is not None]

    def _to_state(self, state: Any, cotangents: Sequence[Any]) -> Any:
        """Cotangent of the final state."""
        if not self.squared:
            return from_parts(*cotangents)
        (own,) = cotangents
        if self.summed:
            own = sums_of_squares_backward(self._expectations, own, self.constants)
        return squares_backward(state, own)

    @property
    def _expectations(self) -> Expectations:
        assert self.plan.readouts.expectations is not None
        return self.plan.readouts.expectations

    def _parameters(self, tensors: Sequence[Any]) -> Parameters:
        given = iter(tensors)
        shared, per_sample, *entries = (
            next(given) if present else None for present in self._present
        )
        angles = angles_of(self.plan.parameters, Pools(shared, per_sample), self.constants)
        return Parameters(*angles, *entries)
