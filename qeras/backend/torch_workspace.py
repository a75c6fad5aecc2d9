"""Memory that the large arrays of a run take again and again.

The C library gives a freed state back to the operating system, and every page of the next
one costs a fault, as much in all as the arithmetic on it; and states between small arrays
leave holes that nothing fits.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import torch

# Smaller arrays stay in the C library's own lists.
LEAST_BYTES = 2**20

# Blocks that are kept; a large state's way back holds fewer at a time.
MOST_BLOCKS = 12

# Just below the largest array that the GNU C library learns from: 32 MiB with its own bytes.
_MOST_LEARNT = 2**25 - 2**13

_thread = threading.local()


@dataclass(eq=False)
class _Block:
    """Memory, and who uses it now."""

    memory: np.ndarray
    user: weakref.ref[np.ndarray] | None = None

    @property
    def is_free(self) -> bool:
        return self.user is None or self.user() is None

    def lend(self, size: int) -> np.ndarray:
        """Its first bytes; in use as long as a tensor holds this array."""
        user = self.memory[:size]
        self.user = weakref.ref(user)
        return user


@dataclass(eq=False)
class Workspace:
    """Blocks of memory for the results of one program's large operations."""

    blocks: list[_Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        _keep_freed_memory()

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Within, in this thread, `empty` takes from here."""
        before = getattr(_thread, "workspace", None)
        _thread.workspace = self
        try:
            yield
        finally:
            _thread.workspace = before

    def take(self, size: int) -> np.ndarray:
        """`size` bytes that nobody uses."""
        free = [block for block in self.blocks if block.is_free]
        fitting = [block for block in free if size <= block.memory.nbytes <= 2 * size]
        if fitting:
            return min(fitting, key=lambda block: block.memory.nbytes).lend(size)
        block = _Block(np.empty(size, "uint8"))
        if len(self.blocks) == MOST_BLOCKS and free:
            self.blocks.remove(free[0])
        if len(self.blocks) < MOST_BLOCKS:
            self.blocks.append(block)
        return block.lend(size)


def empty(shape: Sequence[int], like: torch.Tensor) -> torch.Tensor | None:
    """Memory for a result of this shape; None where torch takes it itself."""
    workspace = getattr(_thread, "workspace", None)
    if workspace is None or torch.jit.is_tracing() or like.device.type != "cpu":
        return None
    size = math.prod(shape) * like.element_size()
    if size < LEAST_BYTES:
        return None
    return torch.from_numpy(workspace.take(size)).view(like.dtype).view(shape)


def _keep_freed_memory() -> None:
    """Let the C library keep what others than a workspace free: recorded passes, phases.

    GNU's gives the top of its heap back beyond twice the largest mapped array that was freed so
    far: 12 wires, batch 64, with arrays of 2 MiB, had 0 to 20 000 page faults a step, as arrays
    happened to lie, and took 25 to 45 ms. So one of nearly 32 MiB, never touched, is freed here;
    then it keeps up to 64 MiB, as in any program that once freed so large an array.
    """
    np.empty(_MOST_LEARNT, "uint8")  # torch's might be on another device
