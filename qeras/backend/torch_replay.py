"""Recorded passes: what torch did for tensors of some shapes, done again without Python.

Eager torch spends a small circuit's step in Python: 8 wires, batch 32, forward and back,
take 3.0 ms eagerly and 1.0 ms recorded. `torch.jit.trace` records in about twenty times
that. It is deprecated in favour of `torch.compile`, which needs a C++ compiler and many
seconds; where it is gone, passes run as they are.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

from qeras.backend.registration import Backward, Forward

# Calls with the same shapes before they are recorded: recording takes 60 ms where a step
# saves 2 (8 wires), so what is called thirty times takes as long either way.
CALLS_BEFORE = 20

# Numbers that a recorded pass may compute, as recording holds them all at once: 130 MB for
# 12 wires, 6 layers, batch 64. Larger states spend their time in kernels, not in Python.
MAX_NUMBERS = 2**23

# Shapes for which recordings are kept, the last used ones.
MAX_SHAPES = 8

# Python 3.14 has no support for it.
_HAS_TRACE = hasattr(torch.jit, "trace") and sys.version_info < (3, 14)

_TENSOR = object()
_thread = threading.local()
_lock = threading.RLock()


def is_recording() -> bool:
    """Whether this thread records a pass here, and not for an export."""
    return getattr(_thread, "recording", False)


@dataclass(eq=False)
class _Recording:
    """The passes for tensors of some shapes."""

    calls: int = 0
    outputs: Callable[..., Any] | None = None  # of the forward pass alone
    forward: Callable[..., Any] | None = None
    backward: Callable[..., Any] | None = None
    count: int = 0  # of the forward pass's outputs; its tensors for the way back follow
    structure: Any = None  # in which those tensors are put for the backward pass
    leaves: Sequence[Any] = ()  # of the structure, `_TENSOR` in the place of each tensor


@dataclass(eq=False)
class _Residuals:
    """Tensors of a recorded forward pass for its backward pass."""

    recording: _Recording
    tensors: Sequence[Any]


class Replay:
    """A forward and a backward pass, recorded once they were called often.

    Args:
        forward, backward: see `registration.differentiable`.
        work: see there.
    """

    def __init__(self, forward: Forward, backward: Backward, work: int):
        self._forward = forward
        self._backward = backward
        self._work = work
        self._recordings: OrderedDict[Any, _Recording] = OrderedDict()

    def outputs(self, tensors: Sequence[Any]) -> list[Any]:
        """The forward pass where there is no way back."""
        recording = self._recording(tensors)
        if recording is None:
            return list(self._forward(tensors)[0])
        if recording.outputs is None:
            recording.outputs = _recorded(lambda *own: tuple(self._forward(own)[0]), tensors)
        return list(recording.outputs(*tensors))

    def forward(self, tensors: Sequence[Any]) -> tuple[list[Any], Any]:
        """The forward pass; its residuals are for `backward` only."""
        recording = self._recording(tensors)
        if recording is None:
            return self._forward(tensors)
        if recording.forward is None:
            recording.forward = _recorded(lambda *own: self._flat(recording, own), tensors)
        found = recording.forward(*tensors)
        residuals = _Residuals(recording, found[recording.count :])
        return list(found[: recording.count]), residuals

    def backward(
        self, tensors: Sequence[Any], residuals: Any, cotangents: Sequence[Any]
    ) -> list[Any]:
        """The backward pass."""
        if not isinstance(residuals, _Residuals):
            return self._backward(tensors, residuals, cotangents)
        recording = residuals.recording
        given = (*cotangents, *tensors, *residuals.tensors)
        if recording.backward is None:
            recording.backward = _recorded(
                lambda *own: self._flat_backward(recording, len(tensors), own), given
            )
        return list(recording.backward(*given))

    def _recording(self, tensors: Sequence[Any]) -> _Recording | None:
        """The recording to use; None where passes run as they are."""
        if not _can_record(tensors):
            return None
        batch = max((tensor.shape[1] for tensor in tensors if tensor.ndim == 2), default=1)
        if self._work * batch > MAX_NUMBERS:
            return None
        key = tuple((tensor.shape, tensor.dtype, tensor.device) for tensor in tensors)
        with _lock:
            recording = self._recordings.setdefault(key, _Recording())
            self._recordings.move_to_end(key)
            if len(self._recordings) > MAX_SHAPES:
                self._recordings.popitem(last=False)
            recording.calls += 1
        return recording if recording.calls > CALLS_BEFORE else None

    def _flat(self, recording: _Recording, tensors: Sequence[Any]) -> tuple[Any, ...]:
        """Outputs, then all tensors among the residuals."""
        outputs, residuals = self._forward(tensors)
        leaves, recording.structure = pytree.tree_flatten(residuals)
        recording.leaves = [_TENSOR if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        recording.count = len(outputs)
        return (*outputs, *(leaf for leaf in leaves if isinstance(leaf, torch.Tensor)))

    def _flat_backward(
        self, recording: _Recording, width: int, given: Sequence[Any]
    ) -> tuple[Any, ...]:
        start = recording.count
        cotangents, tensors = given[:start], given[start : start + width]
        rest = iter(given[start + width :])
        leaves = [next(rest) if leaf is _TENSOR else leaf for leaf in recording.leaves]
        residuals = pytree.tree_unflatten(leaves, recording.structure)
        return tuple(self._backward(tensors, residuals, cotangents))


def _can_record(tensors: Sequence[Any]) -> bool:
    """Whether these are plain tensors and torch does nothing but compute."""
    return (
        _HAS_TRACE
        and all(type(tensor) is torch.Tensor and tensor.device.type != "meta" for tensor in tensors)
        and not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
        and not any(map(torch.is_autocast_enabled, ("cpu", "cuda")))
    )


def _recorded(function: Callable[..., Any], tensors: Sequence[Any]) -> Callable[..., Any]:
    """What the function does for tensors of these shapes."""
    with _lock, torch.no_grad(), warnings.catch_warnings():
        # It is deprecated, and warns of every shape that it takes for a constant.
        warnings.simplefilter("ignore")
        _thread.recording = True
        try:
            trace = torch.jit.trace(function, tuple(tensors), check_trace=False)
        finally:
            _thread.recording = False

    def replay(*own: Any) -> Any:
        # Its optimiser takes 60 ms more and gains nothing here.
        with torch.jit.optimized_execution(False):
            return trace(*own)

    return replay
