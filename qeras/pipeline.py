"""The map: capture -> passes -> plan -> run, each stage kept and printable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import keras
from keras import ops

from qeras.backend import arrays
from qeras.backend.registration import compiled
from qeras.circuit.circuit import Circuit
from qeras.execution.context import Tensor
from qeras.passes.default import optimise
from qeras.plan.planner import Plan, plan
from qeras.run import Run
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
        return Run(self.plan, dtype, flat).__call__
