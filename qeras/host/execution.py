"""Tapes of a whole batch to results, and to results with derivatives: one submission each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import autograd
import pennylane as qml
from pennylane.workflow import jacobian_products

from qeras.capture.signature import name_of
from qeras.host.errors import naming_the_circuit

Tapes = Sequence[qml.tape.QuantumScript]


class Execution:
    """How PennyLane runs the tapes of a QNode.

    As in `qml.execute`, tapes go through the QNode's own transforms, then through those of
    its gradient method (`outer`), then through those of its device (`inner`).

    Attributes:
        qnode: never changed.
        config: PennyLane's, resolved for the QNode's `diff_method`.
    """

    def __init__(self, qnode: qml.QNode, config: qml.devices.ExecutionConfig):
        self.qnode = qnode
        self.config = replace(config, interface="numpy")
        self.outer = qml.CompilePipeline()
        self.inner = qml.CompilePipeline()
        expand = getattr(config.gradient_method, "expand_transform", None)
        if expand:
            self.outer.add_transform(qml.transform(expand), **config.gradient_keyword_arguments)
        of_device = qnode.device.preprocess_transforms(self.config)
        if config.use_device_gradient:
            self.outer += of_device
        else:
            self.inner += of_device

    @property
    def is_backprop(self) -> bool:
        """Whether derivatives come from differentiating the simulator itself."""
        return self.config.gradient_method == "backprop"

    def prepared(self, tapes: Tapes) -> Tapes:
        """The circuits that the device is given for tapes; nothing is run."""
        tapes, _ = self.qnode.compile_pipeline(tapes)
        tapes, _ = self.outer(tapes)
        tapes, _ = self.inner(tapes)
        return tapes

    def results(self, tapes: Tapes) -> Sequence[Any]:
        """Results of each tape, after all post-processing. Errors of the device and of
        PennyLane come up as they are, with a note that names the circuit."""
        with naming_the_circuit(name_of(self.qnode), self.qnode.device.name, tapes):
            return self._results(tuple(tapes))

    def differentiable_results(self, tapes: Tapes) -> Sequence[Any]:
        """The same for tapes whose parameters autograd follows. Results and derivatives are
        one submission."""
        with naming_the_circuit(name_of(self.qnode), self.qnode.device.name, tapes):
            return self._differentiable_results(tuple(tapes))

    def _results(self, tapes: Tapes) -> Sequence[Any]:
        tapes, after_user = self.qnode.compile_pipeline(tapes)
        tapes, after_outer = self.outer(tapes)
        return after_user(after_outer(self._execute(tapes)))

    def _differentiable_results(self, tapes: Tapes) -> Sequence[Any]:
        tapes, after_user = self.qnode.compile_pipeline(tapes)
        tapes, after_outer = self.outer(tapes)
        results = self._execute(tapes) if self.is_backprop else self._with_jacobians(tapes)
        return after_user(after_outer(results))

    def _execute(self, tapes: Tapes) -> Sequence[Any]:
        tapes, after = self.inner(tapes)
        if not tapes:
            return after(())
        return after(self.qnode.device.execute(tapes, execution_config=self.config))

    def _with_jacobians(self, tapes: Tapes) -> Sequence[Any]:
        """Results whose derivatives by the tapes' parameters are PennyLane's Jacobians."""
        tapes = _marked(tapes)
        numbers, _ = qml.transforms.convert_to_numpy_parameters(tapes)
        results, jacobians = self._calculator().execute_and_compute_jacobian(tuple(numbers))
        parameters = autograd.builtins.tuple(
            [autograd.builtins.list(tape.get_parameters()) for tape in tapes]
        )
        return _known(parameters, results, jacobians, tuple(numbers))

    def _calculator(self) -> jacobian_products.JacobianProductCalculator:
        config, device = self.config, self.qnode.device
        if config.use_device_jacobian_product:
            return jacobian_products.DeviceJacobianProducts(device, config)
        if config.use_device_gradient:
            return jacobian_products.DeviceDerivatives(device, config)
        return jacobian_products.TransformJacobianProducts(
            self._execute, config.gradient_method, config.gradient_keyword_arguments
        )


def _marked(tapes: Tapes) -> Tapes:
    """The tapes with the parameters that autograd follows as their trainable ones."""
    marked = []
    for tape in tapes:
        tape = tape.copy()
        parameters = tape.get_parameters(trainable_only=False)
        tape.trainable_params = qml.math.get_trainable_indices(parameters)
        marked.append(tape)
    return marked


@autograd.extend.primitive
def _known(parameters: Any, results: Any, jacobians: Any, tapes: Tapes) -> Any:
    """The results, as functions of the tapes' parameters with these Jacobians."""
    return _tuples(results)


def _vector_jacobian(_: Any, parameters: Any, results: Any, jacobians: Any, tapes: Tapes) -> Any:
    def pull_back(cotangents: Any) -> Any:
        return tuple(
            _of_one_tape(tape, jacobian, cotangent)
            for tape, jacobian, cotangent in zip(tapes, jacobians, cotangents, strict=True)
        )

    return pull_back


autograd.extend.defvjp(_known, _vector_jacobian, argnums=[0])


def _of_one_tape(tape: qml.tape.QuantumScript, jacobian: Any, cotangent: Any) -> list[Any]:
    if not tape.trainable_params:
        return []
    several = len(tape.measurements) > 1
    product = qml.gradients.compute_vjp_multi if several else qml.gradients.compute_vjp_single
    if not tape.shots.has_partitioned_shots:
        return list(product(cotangent, jacobian))
    copies = [product(one, part) for one, part in zip(cotangent, jacobian, strict=True)]
    return list(sum(copies))


def _tuples(result: Any) -> Any:
    """Results in the containers that autograd knows; counts have no derivative and stay."""
    if isinstance(result, tuple | list):
        return tuple(_tuples(item) for item in result)
    return result if isinstance(result, dict) else autograd.numpy.array(result)
