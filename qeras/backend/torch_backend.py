"""Registration of a hand-written gradient with PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from qeras.backend.registration import Backward, Forward


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`."""

    class Run(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            outputs, ctx.residuals = forward(tensors)
            ctx.save_for_backward(*tensors, *outputs)
            ctx.count = len(tensors)
            return tuple(outputs)

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            saved = ctx.saved_tensors
            tensors, outputs = saved[: ctx.count], saved[ctx.count :]
            if twice and torch.is_grad_enabled():  # only when create_graph=True asks for more
                return _plain_gradient(forward, tensors, cotangents)
            return tuple(backward(tensors, ctx.residuals, list(outputs), cotangents))

    def run(tensors: Sequence[Any]) -> list[Any]:
        # Exporters take the graph as it is traced, and know no functions of ours in it.
        if torch.jit.is_tracing() or not torch.is_grad_enabled():
            return list(forward(tensors)[0])
        return list(Run.apply(*tensors))

    return run


def _plain_gradient(forward: Forward, tensors: Any, cotangents: Any) -> Any:
    """The gradient with a graph of its own, through the forward pass by autograd."""
    needed = [tensor for tensor in tensors if tensor.requires_grad]
    outputs, _ = forward(tensors)
    found = iter(torch.autograd.grad(outputs, needed, cotangents, create_graph=True))
    return tuple(next(found) if tensor.requires_grad else None for tensor in tensors)


def on_host(forward: Any, backward: Any, width: int) -> Callable[[Sequence[Any]], Any]:
    """See `qeras.backend.registration`. PyTorch says which gradients it needs."""

    class Run(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            ctx.save_for_backward(*tensors)
            return _tensor(forward([_array(tensor) for tensor in tensors]), tensors[0])

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, cotangent: Any) -> Any:
            tensors = ctx.saved_tensors
            arrays = [_array(tensor) for tensor in tensors]
            gradients = backward(arrays, _array(cotangent), ctx.needs_input_grad)
            return tuple(
                _tensor(gradient, tensor) if needed else None
                for gradient, tensor, needed in zip(
                    gradients, tensors, ctx.needs_input_grad, strict=True
                )
            )

    def run(tensors: Sequence[Any]) -> Any:
        first = tensors[0]
        if first.device.type == "meta":  # Keras asks for shapes alone
            return first.new_empty((first.shape[0], width))
        return Run.apply(*tensors)

    return torch.compiler.disable(run)


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


def _tensor(array: np.ndarray, like: Any) -> Any:
    return torch.as_tensor(array, dtype=like.dtype, device=like.device)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`. A model saved on JAX asks to be compiled; then the
    model around the engine is, and the engine runs as it is, in few and large kernels."""
    return torch.compiler.disable(function)


def _known_constants(eager: dict[int, Any]) -> dict[int, Any]:
    """While a model is exported tensors only stand for numbers, so none of them is kept."""
    return {} if torch.compiler.is_exporting() else eager


def _is_exported() -> bool:
    return torch.compiler.is_exporting() or torch.jit.is_tracing()


def _transpose(tensor: Any, axes: Sequence[int] | None = None) -> Any:
    return tensor.t() if axes is None else tensor.permute(axes)


def _rotation(sign: int) -> Callable[..., Any]:
    """See `arrays.rotate_stacked`: three passes over memory, and one array for the result."""

    def rotate(cube: Any, cos: Any, sin: Any) -> Any:
        result = cube * cos
        result[:, 0].addcmul_(cube[:, 1], sin, value=-sign)
        result[:, 1].addcmul_(cube[:, 0], sin, value=sign)
        return result

    return rotate


# keras.ops looks for symbolic tensors and converts every argument: 7 of the 12
# microseconds that a call on a small tensor takes, and a step makes about a hundred.
ARRAYS: dict[str, Callable[..., Any]] = {
    "broadcast_to": torch.broadcast_to,
    "concatenate": torch.cat,
    "cos": torch.cos,
    "reshape": torch.reshape,
    "rotate_back_stacked": _rotation(-1),
    "rotate_stacked": _rotation(1),
    "sin": torch.sin,
    "stack": torch.stack,
    "sum": torch.sum,
    "swapaxes": torch.swapaxes,
    "gather": lambda tensor, index, axis=0: torch.index_select(tensor, axis, index),
    "transpose": _transpose,
    "unstack": lambda tensor, axis: torch.unbind(tensor, axis),
    "zeros_like": torch.zeros_like,
    "known_constants": _known_constants,
    "is_exported": _is_exported,
    "make_complex": torch.complex,
    # Of these, and of view_as_complex, keras.ops gives 32 bits where it is given 64.
    "arctan2": torch.arctan2,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
