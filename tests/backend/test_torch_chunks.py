"""Passes in chunks of the batch give what they give for the whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from qeras.backend.torch_chunks import AMPLITUDES, LEAST_SAMPLES, MOST_AMPLITUDES, Chunks


class Passes:
    """sin(a b) and its gradients; remembers the batches of its runs."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def outputs(self, tensors: Sequence[Any]) -> list[Any]:
        return self.forward(tensors)[0]

    def forward(self, tensors: Sequence[Any]) -> tuple[list[Any], Any]:
        self.batches.append(tensors[1].shape[1])
        angle = tensors[0][:, None] * tensors[1]
        return [torch.sin(angle), angle], torch.cos(angle)

    def backward(self, tensors: Sequence[Any], cosine: Any, cotangents: Sequence[Any]) -> list[Any]:
        self.batches.append(tensors[1].shape[1])
        slope = cotangents[0] * cosine + cotangents[1]
        return [(slope * tensors[1]).sum(1), slope * tensors[0][:, None]]


@pytest.mark.parametrize(
    ("batch", "parts"), [(4, [4]), (LEAST_SAMPLES, [8]), (9, [5, 4]), (20, [7, 7, 6])]
)
def test_whole_batch_and_chunks(batch: int, parts: list[int]) -> None:
    passes = Passes()
    chunks = Chunks(passes, AMPLITUDES)
    tensors = [torch.rand(5), torch.rand(5, batch)]
    cotangents = [torch.rand(5, batch), torch.rand(5, batch)]
    outputs, residuals = chunks.forward(tensors)
    found = [*outputs, *chunks.backward(tensors, residuals, cotangents)]
    assert passes.batches == parts * 2
    whole, cosine = Passes().forward(tensors)
    expected = [*whole, *Passes().backward(tensors, cosine, cotangents)]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
    for one, other in zip(chunks.outputs(tensors), whole, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize(
    ("amplitudes", "samples"),
    [(2, AMPLITUDES // 2), (AMPLITUDES, 8), (2**22, 4), (MOST_AMPLITUDES, 1), (2**30, 1)],
)
def test_samples_of_a_chunk(amplitudes: int, samples: int) -> None:
    passes = Passes()
    chunks = Chunks(passes, amplitudes)
    for batch, count in ((samples, 1), (samples + 1, 2)):
        if batch < 100:
            passes.batches.clear()
            chunks.outputs([torch.rand(1), torch.rand(1, batch)])
            assert len(passes.batches) == count


def test_tensors_without_a_batch() -> None:
    class Shared(Passes):
        def forward(self, tensors: Sequence[Any]) -> tuple[list[Any], Any]:
            return [2 * tensors[0]], None

    (found,) = Chunks(Shared(), MOST_AMPLITUDES).outputs([torch.ones(3)])
    torch.testing.assert_close(found, torch.full((3,), 2.0))
