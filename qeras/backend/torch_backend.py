"""Registration of a hand-written gradient with PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

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


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """See `qeras.backend.registration`. A model saved on JAX asks to be compiled; then the
    model around the engine is, and the engine runs as it is, in few and large kernels."""
    return torch.compiler.disable(function)


def _transpose(tensor: Any, axes: Sequence[int] | None = None) -> Any:
    return tensor.t() if axes is None else tensor.permute(axes)


def _rotate(re: Any, im: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
    """(re + i im) (cos + i sin) in four passes over memory instead of six."""
    return (
        torch.addcmul(re * cos, im, sin, value=-1),
        torch.addcmul(re * sin, im, cos),
    )


# keras.ops looks for symbolic tensors and converts every argument: 7 of the 12
# microseconds that a call on a small tensor takes, and a step makes about a hundred.
ARRAYS: dict[str, Callable[..., Any]] = {
    "broadcast_to": torch.broadcast_to,
    "concatenate": torch.cat,
    "cos": torch.cos,
    "reshape": torch.reshape,
    "rotate": _rotate,
    "sin": torch.sin,
    "stack": torch.stack,
    "sum": torch.sum,
    "swapaxes": torch.swapaxes,
    "gather": lambda tensor, index: torch.index_select(tensor, 0, index),
    "transpose": _transpose,
    "zeros_like": torch.zeros_like,
    "make_complex": torch.complex,
    # Of these, and of view_as_complex, keras.ops gives 32 bits where it is given 64.
    "arctan2": torch.arctan2,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
