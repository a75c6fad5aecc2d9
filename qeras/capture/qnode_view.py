"""A QNode of the inputs alone, so that PennyLane's tools accept a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

try:
    from pennylane import QNode
except ImportError:  # layers come from files alone, and there are no tools to show them to
    QNode = object


class QNodeView(QNode):
    """Base class of objects that have a `qnode`, an `input_arg` and weights' values.

    `qml.draw`, `qml.draw_mpl` and `qml.specs` ask for a QNode by its class or read its
    parts; here these parts are the wrapped QNode's, with the weights filled in. Nothing
    is written to the wrapped QNode."""

    qnode: Any
    input_arg: str

    def weight_values(self) -> Mapping[str, Any]:
        """Values of the weights by argument name, as NumPy arrays."""
        raise NotImplementedError(f"{type(self).__name__} does not say its weights' values")

    @property
    def func(self) -> Callable[..., Any]:
        """The QNode's function of the inputs, with the weights' present values."""
        qnode, input_arg, weights = self.qnode, self.input_arg, dict(self.weight_values())

        def of_inputs(inputs: Any) -> Any:
            return qnode.func(**{input_arg: inputs, **weights})

        of_inputs.__name__ = qnode.func.__name__
        return of_inputs

    def construct(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The circuit's tape on given inputs: one positional argument, or by name."""
        values = [*args, *(kwargs[name] for name in kwargs if name == self.input_arg)]
        if len(values) != 1 or len(args) + len(kwargs) != 1:
            raise TypeError(
                f"Expected one argument of construct, {self.input_arg!r}, in args or in kwargs. "
                f"Received: args={args!r}, kwargs={dict(kwargs)!r}"
            )
        from pennylane.tape import make_qscript

        return make_qscript(self.func)(values[0])

    @property
    def device(self) -> Any:
        return self.qnode.device

    @property
    def compile_pipeline(self) -> Any:
        return self.qnode.compile_pipeline

    @property
    def transform_program(self) -> Any:
        """The former name of `compile_pipeline`. PennyLane warns of its use, and Keras reads
        every attribute of what it saves."""
        return self.qnode.compile_pipeline

    @property
    def execute_kwargs(self) -> Any:
        return self.qnode.execute_kwargs

    @property
    def diff_method(self) -> Any:
        return self.qnode.diff_method

    @property
    def gradient_kwargs(self) -> Any:
        return self.qnode.gradient_kwargs

    @property
    def interface(self) -> str:
        return self.qnode.interface

    @property
    def shots(self) -> Any:
        return self.qnode.shots

    def __dir__(self) -> list[str]:
        """Without what only shows the QNode: Keras reads every attribute that it finds here
        when it saves and loads, and that must not make a QNode of a circuit."""
        return [name for name in super().__dir__() if name not in _PARTS]

    def _get_shots(self, kwargs: dict[str, Any]) -> Any:
        return self.qnode.shots


_PARTS = {name for name, value in vars(QNodeView).items() if isinstance(value, property)}
_PARTS |= {"qnode"}
