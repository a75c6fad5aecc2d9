"""Recorded passes give what the passes themselves give, and are recorded only where they may."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, NamedTuple

import pytest
import torch

from qeras.backend import torch_replay
from qeras.backend.torch_replay import CALLS_BEFORE, MAX_NUMBERS, MAX_SHAPES, Replay, is_recording


class Kept(NamedTuple):
    sine: Any
    nothing: None
    others: list[Any]


class Passes:
    """sin(a b) and its gradients; counts how often they run themselves."""

    def __init__(self) -> None:
        self.forwards = 0
        self.backwards = 0

    def forward(self, tensors: Any) -> tuple[list[Any], Kept]:
        self.forwards += 1
        angle = tensors[0][:, None] * tensors[1]
        return [torch.sin(angle)], Kept(torch.cos(angle), None, [tensors[1] + 0, "text"])

    def backward(self, tensors: Any, kept: Kept, cotangents: Any) -> list[Any]:
        self.backwards += 1
        assert kept.nothing is None
        assert kept.others[1] == "text"
        slope = cotangents[0] * kept.sine
        return [(slope * kept.others[0]).sum(1), slope * tensors[0][:, None]]


@pytest.fixture
def passes() -> Passes:
    return Passes()


def call(replay: Replay, batch: int = 3) -> tuple[Any, list[Any]]:
    tensors = [torch.rand(4), torch.rand(4, batch)]
    cotangent = torch.rand(4, batch)
    outputs, residuals = replay.forward(tensors)
    return (tensors, cotangent), [
        *outputs,
        *replay.backward(tensors, residuals, [cotangent]),
    ]


def expected(given: Any) -> list[Any]:
    (first, second), cotangent = given
    angle = first[:, None] * second
    slope = cotangent * torch.cos(angle)
    return [torch.sin(angle), (slope * second).sum(1), slope * first[:, None]]


def test_values_before_and_after(passes: Passes) -> None:
    replay = Replay(passes.forward, passes.backward, work=1)
    for _ in range(CALLS_BEFORE + 5):
        given, found = call(replay)
        for one, other in zip(found, expected(given), strict=True):
            torch.testing.assert_close(one, other)
    # Recording runs each once more.
    assert (passes.forwards, passes.backwards) == (CALLS_BEFORE + 1, CALLS_BEFORE + 1)
    assert not is_recording()


def test_each_shape_is_recorded_by_itself(passes: Passes) -> None:
    replay = Replay(passes.forward, passes.backward, work=1)
    for batch in (3, 5, 3):
        for _ in range(CALLS_BEFORE + 1):
            given, found = call(replay, batch)
            torch.testing.assert_close(found[0], expected(given)[0])
    assert passes.forwards == 2 * (CALLS_BEFORE + 1)


def test_the_last_shapes_are_kept(passes: Passes) -> None:
    replay = Replay(passes.forward, passes.backward, work=1)
    for batch in range(1, MAX_SHAPES + 3):
        for _ in range(CALLS_BEFORE + 1):
            call(replay, batch)
    assert len(replay._recordings) == MAX_SHAPES
    before = passes.forwards
    call(replay, MAX_SHAPES + 2)
    assert passes.forwards == before
    call(replay, 1)
    assert passes.forwards == before + 1


def test_outputs_alone(passes: Passes) -> None:
    replay = Replay(passes.forward, passes.backward, work=1)
    for _ in range(CALLS_BEFORE + 3):
        tensors = [torch.rand(4), torch.rand(4, 2)]
        (found,) = replay.outputs(tensors)
        torch.testing.assert_close(found, torch.sin(tensors[0][:, None] * tensors[1]))
    assert passes.forwards == CALLS_BEFORE + 1


@pytest.mark.parametrize(
    ("work", "context"),
    [(MAX_NUMBERS, nullcontext()), (1, torch.autocast("cpu"))],
    ids=["too large", "autocast"],
)
def test_not_recorded(passes: Passes, work: int, context: Any) -> None:
    replay = Replay(passes.forward, passes.backward, work)
    with context:
        for _ in range(CALLS_BEFORE + 3):
            call(replay)
    assert passes.forwards == CALLS_BEFORE + 3


def test_not_where_torch_cannot(passes: Passes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_replay, "_HAS_TRACE", False)
    replay = Replay(passes.forward, passes.backward, work=1)
    for _ in range(CALLS_BEFORE + 3):
        call(replay)
    assert passes.forwards == CALLS_BEFORE + 3


def test_an_error_while_recording(passes: Passes) -> None:
    def forward(tensors: Any) -> Any:
        if is_recording():
            raise ValueError("not now")
        return passes.forward(tensors)

    replay = Replay(forward, passes.backward, work=1)
    for _ in range(CALLS_BEFORE):
        call(replay)
    with pytest.raises(ValueError, match="not now"):
        call(replay)
    assert not is_recording()
