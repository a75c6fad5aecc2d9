"""Registration of a hand-written gradient with PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from keras import ops

from qeras.backend.registration import Backward, Forward, Work
from qeras.backend.torch_chunks import Chunks
from qeras.backend.torch_replay import Replay, is_recording
from qeras.backend.torch_workspace import Workspace, empty


def differentiable(
    forward: Forward, backward: Backward, twice: bool = True, work: Work | None = None
) -> Callable[[Sequence[Any]], list[Any]]:
    """See `qeras.backend.registration`."""
    passes: Any = _AsTheyAre(forward, backward)
    if work is not None:
        passes = Chunks(Replay(forward, backward, work.total), work.amplitudes)
    workspace = Workspace()

    class Run(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            with workspace.at_hand():
                outputs, ctx.residuals = passes.forward(tensors)
            ctx.save_for_backward(*tensors)
            return tuple(outputs)

        @staticmethod
        def backward(ctx: Any, *cotangents: Any) -> Any:
            tensors = ctx.saved_tensors
            if twice and torch.is_grad_enabled():  # only when create_graph=True asks for more
                return _plain_gradient(forward, tensors, cotangents)
            with workspace.at_hand():
                return tuple(passes.backward(tensors, ctx.residuals, cotangents))

    def run(tensors: Sequence[Any]) -> list[Any]:
        # Exporters take the graph as it is traced, and know no functions of ours in it.
        if _is_exported():
            return list(forward(tensors)[0])
        if torch.is_grad_enabled():
            return list(Run.apply(*tensors))
        with workspace.at_hand():
            return passes.outputs(tensors)

    return run


@dataclass(frozen=True)
class _AsTheyAre:
    """Passes as `Replay` has them, never recorded."""

    forward: Forward
    backward: Backward

    def outputs(self, tensors: Sequence[Any]) -> list[Any]:
        return list(self.forward(tensors)[0])


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


def _known_constants(eager: dict[int, Any], array: np.ndarray) -> dict[int, Any]:
    """While a model is exported tensors only stand for numbers, so none of them is kept."""
    return {} if torch.compiler.is_exporting() else eager


def _constant(array: np.ndarray) -> Any:
    """A tensor that training may use too, also where the first call is an inference."""
    with torch.inference_mode(False):
        return ops.convert_to_tensor(array)


def _is_exported() -> bool:
    return torch.compiler.is_exporting() or torch.jit.is_tracing()


def _transpose(tensor: Any, axes: Sequence[int] | None = None) -> Any:
    return tensor.t() if axes is None else tensor.permute(axes)


def _holds_complex() -> bool:
    """Formats to export to have no complex numbers."""
    return is_recording() or not _is_exported()


def _complex_view(array: Any) -> Any:
    return torch.view_as_complex(_reshape(array, (array.shape[0], -1, 2)))


def _times_each(matrix: Any, blocks: Any) -> Any:
    """`@` finds out by several views that the matrix is one for all."""
    place = empty(blocks.shape, blocks)
    return torch.bmm(matrix.expand(int(blocks.shape[0]), -1, -1), blocks, out=place)


def _times_pairs(first: Any, second: Any) -> Any:
    place = empty((*first.shape[:2], second.shape[2]), first)
    return torch.bmm(first, second, out=place)


def _times_factors(first: Any, second: Any) -> Any:
    """Real factors of complex numbers torch would make complex in memory of its own: a step on
    16 wires, batch 16, had 876 page faults, and has 86."""
    shape = torch.broadcast_shapes(first.shape, getattr(second, "shape", ()))
    place = empty(shape, first)
    if place is not None and first.is_complex() and not torch.is_complex(second):
        return place.copy_(second).mul_(first)
    return torch.mul(first, second, out=place)


def _sum_of_squares(re: Any, im: Any) -> Any:
    place = empty(re.shape, re)
    return torch.mul(re, re, out=place).addcmul_(im, im)


def _conj(array: Any) -> Any:
    place = empty(array.shape, array)
    return torch.conj(array) if place is None else torch.conj_physical(array, out=place)


def _make_complex(real: Any, imaginary: Any) -> Any:
    shape = torch.broadcast_shapes(real.shape, imaginary.shape)
    place = empty((*shape, 2), real)
    out = None if place is None else torch.view_as_complex(place)
    return torch.complex(real, imaginary, out=out)


def _contiguous(array: Any) -> Any:
    place = None if array.is_contiguous() else empty(array.shape, array)
    return array.contiguous() if place is None else place.copy_(array)


def _times_one(first: Any, second: Any) -> Any:
    return torch.mm(first, second, out=empty((first.shape[0], second.shape[1]), second))


def _reshape(tensor: Any, shape: Sequence[int]) -> Any:
    """A recording would compute the sizes each time: 24 of them forward on 8 wires."""
    return torch.reshape(tensor, [int(size) for size in shape] if is_recording() else shape)


def _split(tensor: Any, parts: int, axis: int) -> Any:
    return torch.chunk(tensor, parts, axis)


def _gather(tensor: Any, index: Any, axis: int = 0) -> Any:
    place = empty((index.shape[0], *tensor.shape[1:]), tensor) if axis == 0 else None
    return torch.index_select(tensor, axis, index, out=place)


# keras.ops looks for symbolic tensors and converts every argument: 7 of the 12
# microseconds that a call on a small tensor takes, and a step makes about a hundred.
# On 12 wires 1.3 ms, and a real one 0.9: of the same memory, one kernel either way.
COMPLEX_COST = 1.5

ARRAYS: dict[str, Callable[..., Any]] = {
    "broadcast_to": torch.broadcast_to,
    "complex_view": _complex_view,
    "concatenate": torch.cat,
    "conj": _conj,
    "constant": _constant,
    "contiguous": _contiguous,
    "cos": torch.cos,
    "gather": _gather,
    "holds_complex": _holds_complex,
    "imag": torch.imag,
    "is_complex": torch.is_complex,
    "is_exported": _is_exported,
    "known_constants": _known_constants,
    "make_complex": _make_complex,
    "real": torch.real,
    "real_view": torch.view_as_real,
    "reshape": _reshape,
    "sin": torch.sin,
    "split": _split,
    "square": torch.square,
    "stack": torch.stack,
    "sum": torch.sum,
    "swapaxes": torch.swapaxes,
    "sum_of_squares": _sum_of_squares,
    "times_each": _times_each,
    "times_factors": _times_factors,
    "times_one": _times_one,
    "times_pairs": _times_pairs,
    "transpose": _transpose,
    "unstack": torch.unbind,
    "zeros_like": torch.zeros_like,
    # Of these, and of view_as_complex, keras.ops gives 32 bits where it is given 64.
    "arctan2": torch.arctan2,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
}
