"""Memory is lent again when nobody holds what was made in it, and never before."""

from __future__ import annotations

import platform
import subprocess
import sys
import threading

import pytest
import torch

from qeras.backend import arrays
from qeras.backend.torch_workspace import LEAST_BYTES, MOST_BLOCKS, Workspace, empty

ROWS = LEAST_BYTES // 8
LIKE = torch.zeros(1, dtype=torch.complex64)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


def lent(rows: int = ROWS) -> torch.Tensor:
    found = empty((rows, 2), LIKE)
    assert found is not None
    return found


def test_what_is_lent(workspace: Workspace) -> None:
    with workspace.at_hand():
        array = lent()
    assert array.shape == (ROWS, 2)
    assert array.dtype == LIKE.dtype
    assert array.is_contiguous()


def test_memory_is_used_again(workspace: Workspace) -> None:
    with workspace.at_hand():
        first = lent()
        place = first.data_ptr()
        del first
        assert lent().data_ptr() == place
    assert len(workspace.blocks) == 1


@pytest.mark.parametrize("view", [lambda a: a[3:], torch.view_as_real, lambda a: a.T.detach()])
def test_a_view_holds_it(workspace: Workspace, view: object) -> None:
    with workspace.at_hand():
        array = lent()
        place = array.data_ptr()
        held = view(array)  # type: ignore[operator]
        del array
        other = lent()
        assert other.data_ptr() != place
        del held
        assert lent().data_ptr() == place


def test_autograd_holds_it(workspace: Workspace) -> None:
    factor = torch.ones(1, requires_grad=True)
    with workspace.at_hand():
        array = lent().real.fill_(3.0)
        product = (factor * array).sum()
        del array
        lent().zero_()
    product.backward()
    assert factor.grad is not None
    assert factor.grad.item() == 3 * 2 * ROWS


def test_smaller_arrays_fit_if_not_much_smaller(workspace: Workspace) -> None:
    with workspace.at_hand():
        place = lent(4 * ROWS).data_ptr()
        assert lent(3 * ROWS).data_ptr() == place
        assert lent(ROWS).data_ptr() != place


def test_few_blocks_are_kept(workspace: Workspace) -> None:
    with workspace.at_hand():
        held = [lent() for _ in range(MOST_BLOCKS + 3)]
        assert len(workspace.blocks) == MOST_BLOCKS
        assert len({array.data_ptr() for array in held}) == MOST_BLOCKS + 3
        held.clear()
        large = lent(8 * ROWS)  # takes the place of a block that is too small for it
        assert len(workspace.blocks) == MOST_BLOCKS
        place = large.data_ptr()
        del large
        assert lent(8 * ROWS).data_ptr() == place


def test_none(workspace: Workspace) -> None:
    assert empty((ROWS, 2), LIKE) is None
    with workspace.at_hand():
        assert empty((2, 2), LIKE) is None
        assert empty((ROWS, 2), LIKE.to("meta")) is None
        found = []
        thread = threading.Thread(target=lambda: found.append(empty((ROWS, 2), LIKE)))
        thread.start()
        thread.join()
        assert found == [None]
    assert empty((ROWS, 2), LIKE) is None


def test_workspaces_within_each_other(workspace: Workspace) -> None:
    other = Workspace()
    with workspace.at_hand():
        with other.at_hand():
            lent()
        lent()
    assert (len(workspace.blocks), len(other.blocks)) == (1, 1)


def test_after_an_error(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), workspace.at_hand():
        print(1 / 0)
    assert empty((ROWS, 2), LIKE) is None


@pytest.mark.parametrize("columns", [2, 1])
def test_real_factors_of_complex_numbers(workspace: Workspace, columns: int) -> None:
    numbers = torch.randn(ROWS, 2, dtype=LIKE.dtype)
    factors = torch.randn(ROWS, columns)
    expected, kept = numbers * factors, (numbers.clone(), factors.clone())
    with workspace.at_hand():
        found = arrays.times_factors(numbers, factors)
    assert len(workspace.blocks) == 1
    assert not workspace.blocks[0].is_free
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close((numbers, factors), kept)


# Bytes that the C library takes from the system for an array, and not from its heap.
_FROM_THE_SYSTEM = """
import ctypes
import torch
from qeras.backend.torch_workspace import Workspace

class Info(ctypes.Structure):  # of glibc's malloc.h; the fifth counts what is mapped
    _fields_ = [(str(number), ctypes.c_size_t) for number in range(10)]

count = ctypes.CDLL(None).mallinfo2
count.restype = Info
{before}
mapped = getattr(count(), "4")
array = torch.empty(2**24, dtype=torch.uint8)
print(getattr(count(), "4") - mapped)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="how the GNU C library keeps memory")
def test_the_c_library_keeps_what_is_free() -> None:
    def mapped(before: str) -> int:
        command = [sys.executable, "-c", _FROM_THE_SYSTEM.format(before=before)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert mapped("") >= 2**24  # it would be given back as soon as it is free
    assert mapped("Workspace()") == 0
