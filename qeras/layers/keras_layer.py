"""`KerasLayer`: a PennyLane QNode as a Keras 3 layer."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from qeras.capture.qnode_view import QNodeView
from qeras.circuit.checks import check
from qeras.circuit.circuit import Circuit
from qeras.gradients.methods import refuse_gradient, with_zero_gradients
from qeras.host import HostWarning
from qeras.host.reasons import method_name
from qeras.layers.explanation import Explanation, engine_text, explanation, host_warning
from qeras.layers.initial import GlorotUniform
from qeras.layers.inputs import check_features, check_values
from qeras.layers.saving import HostedQNode, Uncaptured, check_config, check_same
from qeras.layers.shapes import (
    Results,
    Returned,
    check_output_dim,
    output_dim_of,
    sample_shape,
    weight_shapes_of,
)
from qeras.layers.sources import CircuitSource, QNodeSource, Source
from qeras.pipeline import Program

if TYPE_CHECKING:
    from qeras.host.program import HostProgram

DEFAULT_INPUT_ARG = "inputs"


@keras.saving.register_keras_serializable(package="qeras")
class KerasLayer(keras.layers.Layer, QNodeView):
    """Quantum layer that runs a QNode on every sample of a batch.

    The QNode is written for one sample: `inputs` is the sample's last axis, so
    `inputs[0]` is its first feature. Every other argument of the QNode is a weight.

    Args:
        qnode: a `qml.QNode` with an argument for the inputs. It is never changed.
        weight_shapes: the shape of each weight by argument name. An int above 1 is a
            vector, 1 is a scalar, a tuple or list is that shape.
        output_dim: number of values that the QNode returns for a sample, or the shape;
            checked against the circuit, and may be left out.
        weight_specs: by weight name, keyword arguments of `add_weight`: initializer,
            regularizer, constraint, trainable.
        input_arg: name of the QNode's argument that takes the inputs, "inputs" by
            default.
        road: "native" for Qeras's engine, "host" for PennyLane itself; "auto" is the engine
            for every QNode that it can run, and PennyLane, with a warning, for others.
        seed: of the random numbers of a QNode with shots, as that of
            `keras.layers.Dropout`; by default it comes from `keras.utils.set_random_seed`.
        **kwargs: of `keras.layers.Layer`, such as `name`, `dtype` and `trainable`.

    Input shape:
        `(..., features)`, or `(features,)` for one sample.

    Output shape:
        One measurement: `(..., *measurement_shape)`. A list or tuple of them: each
        flattened, all concatenated, `(..., total)`. A dictionary of measurements: a
        dictionary of tensors. Real results have the layer's compute dtype, `state` and
        `density_matrix` are complex64, or complex128 where that is float64.

    Raises:
        TypeError, ValueError: for a QNode, shapes or an `output_dim` that do not fit;
            the message says what to write.

    Example:

    >>> @qml.qnode(qml.device("default.qubit", wires=2))
    ... def circuit(inputs, weights):
    ...     qml.AngleEmbedding(inputs, wires=range(2))
    ...     qml.BasicEntanglerLayers(weights, wires=range(2))
    ...     return [qml.expval(qml.Z(i)) for i in range(2)]
    >>> layer = KerasLayer(circuit, {"weights": (6, 2)})
    >>> layer(np.zeros((5, 2))).shape
    (5, 2)
    """

    _default_input_arg = DEFAULT_INPUT_ARG

    def __init__(
        self,
        qnode: Any,
        weight_shapes: Mapping[str, Any],
        output_dim: Any = None,
        weight_specs: Mapping[str, Mapping[str, Any]] | None = None,
        input_arg: str | None = None,
        road: str = "auto",
        seed: int | None = None,
        **kwargs: Any,
    ):
        shapes = weight_shapes_of(weight_shapes)
        input_arg = input_arg or self._default_input_arg
        source: Source = (
            qnode
            if isinstance(qnode, CircuitSource)
            else QNodeSource(qnode, shapes, input_arg, road)
        )
        specs = _weight_specs(weight_specs, shapes)
        # Angles and state stay at float32 at least, so Keras must not cast for us.
        super().__init__(autocast=False, **kwargs)
        self._check_float64()
        self._source = source
        self.input_arg = input_arg
        self.weight_shapes = shapes
        self.output_dim = output_dim_of(output_dim)
        self.weight_specs = specs
        self.seed = seed
        if source.shots and source.reason is None:
            self.seed_generator = keras.random.SeedGenerator(seed)
        self._programs: dict[int, Program | HostProgram] = {}
        self._warned = False
        self._features: int | None = None
        self.supports_jit = self._source.reason is None  # compiled steps hide a device's errors
        self._variables_by_name = {
            name: self.add_weight(
                shape=shape,
                name=name,
                autocast=False,
                **_with_initializer(specs.get(name, {})),
            )
            for name, shape in shapes.items()
        }

    # ------------------------------------------------------------------ facts

    @classmethod
    def set_input_argument(cls, input_name: str = DEFAULT_INPUT_ARG) -> None:
        """Name of the inputs' argument for layers that are made later without `input_arg`."""
        cls._default_input_arg = input_name

    @property
    def qnode_weights(self) -> dict[str, keras.Variable]:
        """The weights by argument name."""
        return dict(self._variables_by_name)

    @property
    def qnode(self) -> Any:
        """The QNode; of a layer that was loaded, one made of the circuit, by PennyLane."""
        return self._source.qnode

    @property
    def diff_method(self) -> Any:
        return self._source.diff_method

    @property
    def engine(self) -> str:
        """Which road the layer takes, and why."""
        return engine_text(self._source)

    def explain(self) -> Explanation:
        """A report: the road and why, gates before and after passes, moves, memory, gradient.

        Raises:
            ValueError: if the layer is not built.
        """
        return explanation(self._source, self._built_program("explained"))

    @property
    def circuit(self) -> Circuit:
        """The captured circuit.

        Raises:
            ValueError: if the layer is not built, so that the number of features is unknown,
                or PennyLane runs its QNode.
        """
        program = self._built_program("known")
        if isinstance(program, Program):
            return program.captured
        raise ValueError(
            f"Expected a layer whose circuit was captured. Received: {self!r}, which PennyLane "
            f"runs; its QNode is layer.qnode."
        )

    def weight_values(self) -> dict[str, Any]:
        """The weights' present values by argument name, as NumPy arrays."""
        return {
            name: ops.convert_to_numpy(variable.value)
            for name, variable in self._variables_by_name.items()
        }

    def to_openqasm(self, inputs: Any) -> str:
        """The circuit for one sample and the present weights as an OpenQASM 3 program.

        Args:
            inputs: one sample, (features,).

        Raises:
            ValueError: if the layer is not built, or for inputs of another shape.
        """
        from qeras.capture import to_openqasm  # imports PennyLane

        values = {self.input_arg: inputs, **self.weight_values()}
        return to_openqasm(self.circuit, values)

    def __repr__(self) -> str:
        return f"<KerasLayer name={self.name}, func={self._source.name}, engine={self.engine}>"

    __str__ = __repr__

    # ------------------------------------------------------------------ life of a layer

    def build(self, input_shape: Any) -> None:
        """Capture the circuit for inputs of `input_shape[-1]` features.

        Raises:
            ValueError: if that is not known, or the circuit cannot be captured or does
                not fit `output_dim`.
        """
        features = check_features(tuple(input_shape), self._features, self.name)
        self._program(features)
        self._features = features
        self.built = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        check_values(inputs)
        shape = getattr(inputs, "shape", None)
        if shape is not None:
            check_features(tuple(shape), self._features, self.name)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Results of the QNode for inputs (..., features)."""
        check_features(tuple(inputs.shape), self._features, self.name)
        program = self._program(inputs.shape[-1])
        dtype = self._run_dtype()
        leading = ops.shape(inputs)[:-1]
        # On the device in use, which differs from theirs where Keras traces a torch model.
        rows = ops.convert_to_tensor(inputs)
        if len(leading) != 1:
            rows = ops.reshape(rows, (-1, inputs.shape[-1]))
        flat = _cast(rows, dtype)
        weights = {
            name: _cast(_value(variable), dtype)
            for name, variable in self._variables_by_name.items()
        }
        circuit = program.captured
        native = program.circuit if isinstance(program, Program) else None
        seed = {"seed": self.seed_generator.next()} if native and native.shots else {}
        results = with_zero_gradients(
            program.run(flat, weights, flat=not (circuit.keys or circuit.single), **seed),
            [weights[name] for name in weights if name not in program.sources],
        )
        if self.diff_method is None:
            results = refuse_gradient(results)
        return self._arranged(program, results, leading)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(..., *sample shape), or a dictionary of them."""
        leading = tuple(input_shape)[:-1]
        program = self._program(check_features(tuple(input_shape), self._features, self.name))
        shape = sample_shape(program.captured, program.plan.readouts)
        if isinstance(shape, dict):
            return {key: (*leading, *value) for key, value in shape.items()}
        return (*leading, *shape)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Symbolic results of symbolic inputs."""
        shape = self.compute_output_shape(inputs.shape)
        program = self._program(inputs.shape[-1])
        complexes = [readout.is_complex for readout in program.plan.readouts.readouts]
        if isinstance(shape, dict):
            return {
                key: keras.KerasTensor(shape[key], dtype=self._result_dtype(is_complex))
                for key, is_complex in zip(shape, complexes, strict=True)
            }
        return keras.KerasTensor(shape, dtype=self._result_dtype(any(complexes)))

    # ------------------------------------------------------------------ saving

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make the layer again, without the QNode's source.

        Before the first `build` the circuit is not known, and the QNode itself stands in its
        place: good for another layer, but not for a file."""
        saved = self._saved_qnode()
        specs = {
            name: {key: keras.saving.serialize_keras_object(value) for key, value in spec.items()}
            for name, spec in self.weight_specs.items()
        }
        return {
            **super().get_config(),
            "qnode": saved,
            "weight_shapes": {name: list(shape) for name, shape in self.weight_shapes.items()},
            "output_dim": _listed(self.output_dim),
            "weight_specs": specs,
            "input_arg": self.input_arg,
            "diff_method": method_name(self.diff_method),
            "road": self._source.road,
            **({"seed": self.seed} if self._source.shots else {}),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> KerasLayer:
        """The layer of a `get_config`.

        Raises:
            ValueError: for a config that `get_config` did not make.
        """
        check_config(config)
        config = dict(config)
        config["weight_specs"] = {
            name: {key: keras.saving.deserialize_keras_object(value) for key, value in spec.items()}
            for name, spec in config["weight_specs"].items()
        }
        saved, diff_method = config.pop("qnode"), config.pop("diff_method")
        road = config.pop("road", "auto")  # files of earlier versions have none
        if isinstance(saved, Mapping):
            saved = keras.saving.deserialize_keras_object(saved)
        if isinstance(saved, Uncaptured | HostedQNode):
            return cls(saved.qnode, road=road, **config)
        circuit = Circuit.from_json(saved)
        check_same("weight_shapes", config.pop("weight_shapes"), circuit)
        check_same("input_arg", config.pop("input_arg"), circuit)
        return cls.from_circuit(circuit, diff_method=diff_method, **config)

    @classmethod
    def from_circuit(
        cls, circuit: Circuit, diff_method: str | None = "best", **kwargs: Any
    ) -> KerasLayer:
        """A layer of a circuit, built for its number of features; PennyLane is not needed.

        Args:
            circuit: such as `layer.circuit` of another layer, or `Circuit.from_json(text)`.
            diff_method: as of a QNode: "best" is the exact gradient, None refuses one.
            **kwargs: `output_dim`, `weight_specs`, `seed`, and those of `keras.layers.Layer`.

        Raises:
            ValueError: for a circuit that takes more memory than there is, or does not fit
                `output_dim`.
        """
        check(circuit)
        program = Program(circuit)  # before there are weights, as it looks at the memory
        source = CircuitSource(circuit, diff_method)
        layer = cls(source, circuit.weight_shapes, input_arg=circuit.input_name, **kwargs)
        check_output_dim(layer.output_dim, circuit, program.plan.readouts)
        layer._programs[circuit.features] = program
        layer._features = circuit.features
        return layer

    # ------------------------------------------------------------------ inside

    def _saved_qnode(self) -> Any:
        """What stands for the QNode in a config."""
        if self._source.reason is not None:
            return HostedQNode(self.qnode, self._source.reason)
        return Uncaptured(self.qnode) if self._features is None else self.circuit.to_json()

    def _program(self, features: int) -> Program | HostProgram:
        """The program for a number of features; the QNode's function runs once for each."""
        if features not in self._programs:
            program = self._source.program(features)
            check_output_dim(self.output_dim, program.captured, program.plan.readouts)
            self._programs[features] = program
            self.supports_jit = self.supports_jit and isinstance(program, Program)
            self._warn_of_host()
        return self._programs[features]

    def _built_program(self, what: str) -> Program | HostProgram:
        if self._features is None:
            raise ValueError(
                f"Expected a built layer, whose circuit is {what}. Received: {self!r} that is "
                "not built; call it on data, or build it by layer.build((None, features))."
            )
        return self._program(self._features)

    def _warn_of_host(self) -> None:
        """Once in a layer's life, and not where the host road was asked for."""
        source = self._source
        if source.reason is None or source.road == "host" or self._warned:
            return
        self._warned = True
        text = host_warning(self.name, source.name, source.reason)
        warnings.warn(text, HostWarning, stacklevel=2)

    def _check_float64(self) -> None:
        """Refuse float64 on a backend that has none switched on.

        Raises:
            ValueError: on JAX without x64.
        """
        if self.compute_dtype != "float64":
            return
        widest = ops.convert_to_tensor(np.zeros((), "float64")).dtype
        if keras.backend.standardize_dtype(widest) != "float64":
            raise ValueError(
                "Expected a backend that computes in float64. Received: dtype='float64' on JAX "
                "without 64-bit numbers; write jax.config.update('jax_enable_x64', True) at the "
                "start of the program, or use dtype='float32'."
            )

    def _run_dtype(self) -> str:
        """float64 where the layer computes in it, else float32."""
        return "float64" if self.compute_dtype == "float64" else "float32"

    def _result_dtype(self, is_complex: bool) -> str:
        if is_complex:
            return "complex128" if self.compute_dtype == "float64" else "complex64"
        return self.compute_dtype

    def _arranged(self, program: Program | HostProgram, results: list[Any], leading: Any) -> Any:
        """Results in the container of the QNode, with the inputs' leading axes."""
        circuit: Returned = program.captured
        readouts: Results = program.plan.readouts
        if not (circuit.keys or circuit.single):
            is_complex = any(readout.is_complex for readout in readouts.readouts)
            return self._shaped(results[0], (readouts.size,), is_complex, leading)
        shaped = [
            self._shaped(result, readout.shape, readout.is_complex, leading)
            for result, readout in zip(results, readouts.readouts, strict=True)
        ]
        return dict(zip(circuit.keys, shaped, strict=True)) if circuit.keys else shaped[0]

    def _shaped(self, result: Any, shape: tuple[int, ...], is_complex: bool, leading: Any) -> Any:
        result = _cast(result, self._result_dtype(is_complex))
        return result if len(leading) == 1 else ops.reshape(result, (*leading, *shape))


def _listed(output_dim: int | tuple[int, ...] | None) -> int | list[int] | None:
    """Without tuples, which JSON does not have."""
    return list(output_dim) if isinstance(output_dim, tuple) else output_dim


def _cast(tensor: Any, dtype: str) -> Any:
    """keras.ops.cast takes its time, eagerly, also where there is nothing to do."""
    same = keras.backend.standardize_dtype(tensor.dtype) == dtype
    return tensor if same else ops.cast(tensor, dtype)


def _value(variable: keras.Variable) -> Any:
    """The variable's value; TensorFlow would differentiate a frozen one too."""
    return variable.value if variable.trainable else ops.stop_gradient(variable.value)


def _with_initializer(spec: dict[str, Any]) -> dict[str, Any]:
    """The default one draws a seed where it is made, so only if it is used."""
    return spec if "initializer" in spec else {"initializer": GlorotUniform(), **spec}


def _weight_specs(
    weight_specs: Mapping[str, Mapping[str, Any]] | None, shapes: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    specs = {name: dict(spec) for name, spec in (weight_specs or {}).items()}
    unknown = [name for name in specs if name not in shapes]
    if unknown:
        raise ValueError(
            f"Expected weight_specs of the weights {list(shapes)}. "
            f"Received: weight_specs for {unknown}"
        )
    for name, spec in specs.items():
        if {"name", "shape", "autocast"} & set(spec):
            raise ValueError(
                "Expected keyword arguments of add_weight other than name and shape, which "
                "weight_shapes says, and autocast, which would round angles. "
                f"Received: weight_specs[{name!r}]={spec!r}"
            )
    return specs
