"""Passes over a few samples at a time.

The memory of large states is that of some samples, whatever the batch: 16 wires, batch 16,
take 73 MB in place of 107, in the same time. Compilers of the other backends would make a
program of each chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from qeras.backend.torch_workspace import empty

# Amplitudes of a chunk's state: 16 wires, batch 16, take 125 ms at once, 118 in two chunks and
# 157 in four.
AMPLITUDES = 2**19

# Products with blocks of fewer columns are slower: 20 wires, 8 samples, 459 ms at once and 568
# in two chunks. Beyond so many amplitudes in all memory matters more.
LEAST_SAMPLES = 8
MOST_AMPLITUDES = 2**24


class Chunks:
    """Passes in chunks of the batch, the last axis of their two-dimensional tensors.

    Args:
        passes: a pair of passes, as `torch_replay.Replay` has them.
        amplitudes: of one sample's state.
    """

    def __init__(self, passes: Any, amplitudes: int):
        self._passes = passes
        least = min(LEAST_SAMPLES, MOST_AMPLITUDES // amplitudes)
        self._samples = max(AMPLITUDES // amplitudes, least, 1)

    def outputs(self, tensors: Sequence[Any]) -> list[Any]:
        """Of the forward pass where there is no way back."""
        parts = self._split(tensors)
        if parts is None:
            return self._passes.outputs(tensors)
        return _side_by_side([self._passes.outputs(part) for part in parts])

    def forward(self, tensors: Sequence[Any]) -> tuple[list[Any], Any]:
        """The forward pass; its residuals are for `backward` only."""
        parts = self._split(tensors)
        if parts is None:
            return self._passes.forward(tensors)
        found = [self._passes.forward(part) for part in parts]
        residuals = _Residuals(parts, [own for _, own in found])
        return _side_by_side([outputs for outputs, _ in found]), residuals

    def backward(
        self, tensors: Sequence[Any], residuals: Any, cotangents: Sequence[Any]
    ) -> list[Any]:
        """The backward pass: what all samples share gets the sum of the chunks' gradients."""
        if not isinstance(residuals, _Residuals):
            return self._passes.backward(tensors, residuals, cotangents)
        widths = [_batch(part) for part in residuals.parts]
        pieces = zip(*(torch.split(one, widths, dim=1) for one in cotangents), strict=True)
        found = []
        for part, own, piece in zip(residuals.parts, residuals.of_parts, pieces, strict=True):
            given = [one.contiguous() for one in piece]
            found.append(self._passes.backward(part, own, given))
        return [
            torch.cat(own, dim=1) if own[0].ndim == 2 else torch.stack(own).sum(dim=0)
            for own in zip(*found, strict=True)
        ]

    def _split(self, tensors: Sequence[Any]) -> list[list[Any]] | None:
        """The tensors of each chunk; None if there is one chunk."""
        batch = _batch(tensors)
        count = -(-batch // self._samples)
        if count <= 1:
            return None
        chunks = [
            [own.contiguous() for own in torch.tensor_split(one, count, dim=1)]
            if one.ndim == 2
            else [one] * count
            for one in tensors
        ]
        return [list(part) for part in zip(*chunks, strict=True)]


@dataclass(eq=False)
class _Residuals:
    """What each chunk's backward pass needs."""

    parts: list[list[Any]]
    of_parts: list[Any]


def _batch(tensors: Sequence[Any]) -> int:
    return max((one.shape[1] for one in tensors if one.ndim == 2), default=1)


def _side_by_side(outputs: Sequence[Sequence[Any]]) -> list[Any]:
    return [_joined(own) for own in zip(*outputs, strict=True)]


def _joined(parts: Sequence[Any]) -> Any:
    shape = (parts[0].shape[0], sum(part.shape[1] for part in parts))
    return torch.cat(parts, dim=1, out=empty(shape, parts[0]))
