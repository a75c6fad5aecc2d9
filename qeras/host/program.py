"""A QNode ready to be run by PennyLane, with the face of `qeras.pipeline.Program`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml
from keras import ops

from qeras.backend.arrays import make_complex
from qeras.backend.registration import on_host
from qeras.capture.errors import CaptureError
from qeras.capture.signature import name_of
from qeras.host.errors import HostWarning, add_note
from qeras.host.execution import Execution
from qeras.host.reasons import Reason, method_name
from qeras.host.record import Recorder, check_samples_stay_apart
from qeras.host.results import HostReadouts, flattened, readouts_of, stand_in
from qeras.host.training_state import give_values_back

Array = np.ndarray
DISCRETE = ("SampleMP", "CountsMP", "ClassicalShadowMP")  # results without a derivative
ROWS = 3  # samples that must stay apart in a circuit with a batch axis


@dataclass(frozen=True)
class Recording:
    """What a QNode's function showed when it ran for a probe sample.

    Attributes:
        name: of the function.
        keys: of a dictionary of results.
        single: whether it returns one measurement, not in a list.
        operations: of the function's own tape.
        measurements: names of PennyLane's classes.
    """

    name: str
    keys: tuple[str, ...]
    single: bool
    operations: tuple[Any, ...]
    measurements: tuple[str, ...]


@dataclass(frozen=True)
class HostPlan:
    """What PennyLane will run.

    Attributes:
        readouts: shapes of the results.
        circuits: how many the device gets for one sample.
        operations: of all of them together.
        wires: of the widest one.
    """

    readouts: HostReadouts
    circuits: int
    operations: int
    wires: int


class HostProgram:
    """A QNode that PennyLane runs.

    Its function runs once here, on a probe sample, and then once for each sample of each
    call. Nothing is executed on the device before the first call, but for systems other
    than qubits, whose shapes only a run of one sample shows.

    Args:
        qnode: never changed.
        weight_shapes: shape of each weight, by argument name.
        features: length of the inputs' last axis.
        input_name: the argument that takes the inputs.
        reason: why the engine does not run it.

    Attributes:
        captured: what the function showed.
        plan: what will run.
        sources: names of the inputs and weights that results depend on.

    Raises:
        CaptureError: for a QNode that PennyLane cannot run either.
    """

    def __init__(
        self,
        qnode: qml.QNode,
        weight_shapes: Mapping[str, tuple[int, ...]],
        features: int,
        input_name: str,
        reason: Reason,
    ):
        self.qnode = qnode
        self.reason = reason
        self.sources = frozenset((input_name, *weight_shapes))
        self._names = tuple(weight_shapes)
        self._inputs_are_followed = True
        weights = _probe_weights(weight_shapes)
        self._recorder, sample = _recorder(qnode, input_name, features, weights)
        try:
            self._prepare(sample, weights)
        except CaptureError:
            raise
        except Exception as error:
            raise CaptureError(
                f"Expected a QNode that PennyLane runs on {qnode.device.name!r}. "
                f"Received: {name_of(qnode)!r}; {type(error).__name__}: {error}"
            ) from error
        self._run = on_host(self._forward, self._backward, self.plan.readouts.width)

    @property
    def gradient(self) -> str | None:
        """The method that gives the gradient, by PennyLane's name."""
        return method_name(self.execution.config.gradient_method)

    def run(self, inputs: Any, weights: Mapping[str, Any], flat: bool = False) -> list[Any]:
        """As `qeras.pipeline.Program.run`."""
        values = self._run([inputs, *(weights[name] for name in self._names)])
        parts, start = [], 0
        for readout in self.plan.readouts.readouts:
            size = int(np.prod(readout.shape))
            part = values[:, start : start + size]
            start += size
            if readout.is_complex:
                part = make_complex(part, values[:, start : start + size])
                start += size
            parts.append(part)
        if not flat:
            return [
                ops.reshape(part, (-1, *readout.shape))
                for part, readout in zip(parts, self.plan.readouts.readouts, strict=True)
            ]
        if any(readout.is_complex for readout in self.plan.readouts.readouts):
            parts = [ops.cast(part, _complex_of(values)) for part in parts]
        return [ops.concatenate(parts, axis=1)]

    # ------------------------------------------------------------------ inside

    def _prepare(self, sample: Array, weights: Mapping[str, Array]) -> None:
        """Find out what will run, from a probe sample."""
        qnode, recorder = self.qnode, self._recorder
        pipeline = qnode.compile_pipeline
        if pipeline.is_informative or pipeline.has_classical_cotransform():
            raise CaptureError(
                f"Expected transforms that give results of {name_of(qnode)!r} itself. Received: "
                f"{', '.join(map(str, pipeline))}, which computes something about "
                "the circuit. Give the layer the QNode without it."
            )
        inputs = sample[None] if recorder.batched else sample
        with _quiet():
            config = qml.workflow.construct_execution_config(qnode)(
                **{recorder.input_name: inputs, **weights}
            )
            self.execution = Execution(qnode, config)
            tape, returned = recorder.tape(sample, weights)
            self.captured = Recording(
                name=name_of(qnode),
                keys=tuple(returned) if isinstance(returned, Mapping) else (),
                single=isinstance(returned, qml.measurements.MeasurementProcess)
                and not tape.shots.has_partitioned_shots,
                operations=tuple(tape.operations),
                measurements=tuple(type(one).__name__ for one in tape.measurements),
            )
            self.plan = self._plan(tape)

    def _forward(self, arrays: Sequence[Array]) -> Array:
        """All results (batch, width) for inputs (batch, features) and weights."""
        inputs, *weights = map(_doubles, arrays)
        with _weights_kept():
            return np.asarray(self._values(inputs, self._named(weights), False))

    def _backward(
        self, arrays: Sequence[Array], cotangent: Array, needed: Sequence[bool | None]
    ) -> list[Array]:
        """Gradients of inputs and weights, zeros for those that are not needed.

        Where nobody knows whether those of the inputs are (None), and autograd cannot follow
        the inputs through the circuit, they are nan, with a warning.
        """
        self._check_differentiable()
        doubles = [_doubles(array) for array in arrays]
        wanted = [need is not False for need in needed]
        unknown = needed[0] is None
        if unknown and not self._inputs_are_followed:
            wanted[0] = False
        with _weights_kept():
            try:
                gradients = self._gradients(doubles, _doubles(cotangent), wanted)
            except (TypeError, ValueError) as error:
                if not (unknown and wanted[0]):
                    raise
                wanted[0] = False
                gradients = self._gradients(doubles, _doubles(cotangent), wanted)
                self._inputs_are_followed = False
                warnings.warn(_not_followed(self.captured.name, error), HostWarning, stacklevel=2)
        if not self._inputs_are_followed:
            gradients[0] = np.full_like(doubles[0], np.nan)
        return gradients

    def _named(self, weights: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self._names, weights, strict=True))

    def _values(self, inputs: Any, weights: Mapping[str, Any], differentiable: bool) -> Any:
        readouts = self.plan.readouts
        if not len(inputs):
            return np.zeros((0, readouts.width))
        with _quiet():
            tapes = self._tapes(inputs, weights)
            execution = self.execution
            run = execution.differentiable_results if differentiable else execution.results
            return anp.stack([flattened(result, readouts) for result in run(tapes)])

    def _tapes(self, inputs: Any, weights: Mapping[str, Any]) -> list[Any]:
        try:
            return self._recorder.tapes(inputs, weights)
        except Exception as error:
            add_note(
                error,
                f"It came up while the function {self.captured.name!r} ran on a sample. Where a "
                "gradient is asked for, inputs and weights are arrays of autograd: write functions "
                "of them with Python arithmetic, qml.math or pennylane.numpy, and a number times "
                "an operator as qml.s_prod(number, operator).",
            )
            raise

    def _gradients(
        self, doubles: Sequence[Array], cotangent: Array, needed: Sequence[bool]
    ) -> list[Array]:
        gradients = [np.zeros_like(array) for array in doubles]
        chosen = [index for index, wanted in enumerate(needed) if wanted]
        if not chosen or not len(doubles[0]):
            return gradients

        def values(given: Any) -> Any:
            full = list(doubles)
            for position, index in enumerate(chosen):
                full[index] = given[position]
            return self._values(full[0], self._named(full[1:]), True)

        with _quiet():
            pull_back, _ = autograd.core.make_vjp(values, tuple(doubles[i] for i in chosen))
            found = pull_back(cotangent)
        for position, index in enumerate(chosen):
            gradients[index] = np.asarray(found[position], dtype=float)
        return gradients

    def _check_differentiable(self) -> None:
        """Refuse a gradient that does not exist.

        Raises:
            ValueError: naming the measurement or the device that has none.
        """
        discrete = [name for name in self.captured.measurements if name in DISCRETE]
        if discrete:
            raise ValueError(
                f"Expected results with a gradient where one is asked for. Received: "
                f"{discrete[0]} of {self.captured.name!r}, whose results are discrete; return "
                "expval, var or probs, or freeze the layer and what is before it."
            )
        if self.gradient is None:
            raise ValueError(
                f"Expected a device with a gradient where one is asked for. Received: "
                f"{self.qnode.device.name!r}, for which PennyLane has none; freeze the layer and "
                "what is before it, or use another device."
            )

    def _plan(self, tape: qml.tape.QuantumScript) -> HostPlan:
        circuits = self.execution.prepared((tape,))
        return HostPlan(
            readouts=readouts_of(self._one_result(tape), tape, self.qnode.device),
            circuits=len(circuits),
            operations=sum(len(circuit.operations) for circuit in circuits),
            wires=max((len(circuit.wires) for circuit in circuits), default=0),
        )

    def _one_result(self, tape: qml.tape.QuantumScript) -> Any:
        """A result of one sample, or something of its shape."""
        if not _only_qubits(tape):
            return self.execution.results((tape,))[0]
        tapes, post_processing = self.qnode.compile_pipeline((tape,))
        with np.errstate(all="ignore"):
            return post_processing([stand_in(one, self.qnode.device) for one in tapes])[0]


def _recorder(
    qnode: qml.QNode, input_name: str, features: int, weights: Mapping[str, Array]
) -> tuple[Recorder, Array]:
    """The form in which the QNode's function takes its inputs, and a sample that it takes.

    Raises:
        CaptureError: if it takes none.
    """
    errors: list[Exception] = []
    for sample in _probe_samples(features):
        for batched in (False, True):
            recorder = Recorder(qnode, input_name, batched)
            try:
                with _quiet():
                    recorder.tape(sample, weights)
                    if batched:
                        rows = np.stack([sample] * ROWS) * np.arange(1, ROWS + 1)[:, None]
                        check_samples_stay_apart(qnode, input_name, rows, weights)
                return recorder, sample
            except CaptureError:
                raise
            except Exception as error:
                errors.append(error)
                if not isinstance(error, IndexError):
                    break
    raise CaptureError(
        f"Expected {name_of(qnode)!r} to run on {input_name!r} of {features} features and weights "
        f"of shapes { ({name: value.shape for name, value in weights.items()}) }. "
        f"Received: {type(errors[0]).__name__}: {errors[0]}"
    ) from errors[0]


def _probe_samples(features: int) -> Iterator[Array]:
    """Samples to try: a basis state, which may also be a state's amplitudes or bits; numbers
    that are all different; zeros."""
    yield np.eye(1, features)[0]
    yield np.linspace(0.1, 0.9, features)
    yield np.zeros(features)


def _probe_weights(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    generator = np.random.default_rng(0)
    return {name: np.asarray(generator.uniform(0.1, 1.0, shape)) for name, shape in shapes.items()}


def _not_followed(name: str, error: Exception) -> str:
    return (
        f"autograd cannot follow the inputs through {name!r}, so their gradient is nan; weights "
        f"are trained. TensorFlow does not say whether it is used. From: {error}"
    )


@contextmanager
def _weights_kept() -> Iterator[None]:
    """An error leaves a model that is trained with its weights."""
    try:
        yield
    except Exception:
        give_values_back()
        raise


def _only_qubits(tape: qml.tape.QuantumScript) -> bool:
    """Whether shapes of results are powers of two."""
    return not any(
        isinstance(operation, qml.operation.CV) or ".qutrit" in type(operation).__module__
        for operation in tape.operations
    )


def _doubles(array: Any) -> Array:
    return np.asarray(array, dtype=float)


def _complex_of(tensor: Any) -> str:
    return "complex128" if "64" in str(tensor.dtype) else "complex64"


@contextmanager
def _quiet() -> Iterator[None]:
    """Without warnings of results and tapes that depend on no parameter, whose gradient is
    zero, and of gradients of real numbers that went through complex amplitudes."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=np.exceptions.ComplexWarning)
        warnings.filterwarnings(
            "ignore", "Attempted to compute the gradient of a tape with no train", UserWarning
        )
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        yield
