"""The gradient methods by themselves; the layer's use of them is in tests/contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from keras import ops

from qeras.gradients.methods import check_method, refuse_gradient, with_zero_gradients
from tests.differentiation import gradients, numbers

X = np.array([1.0, 2.0], "float32")


@pytest.mark.parametrize("method", ["best", "backprop", "adjoint", "device", None])
def test_exact_methods_and_none(method: str | None) -> None:
    check_method(method)


@pytest.mark.parametrize("method", ["parameter-shift", "finite-diff", "spsa", "hadamard", len])
def test_other_methods(method: Any) -> None:
    with pytest.raises(ValueError, match=r"diff_method is one of.*Received: diff_method=.*'best'"):
        check_method(method)


def test_refused_gradient() -> None:
    (result,) = refuse_gradient([ops.convert_to_tensor(X)])
    np.testing.assert_array_equal(numbers(result), X)
    with pytest.raises(ValueError, match=r"Received: diff_method=None; write @qml.qnode"):
        gradients(lambda tensor: ops.sum(refuse_gradient([tensor * 2])[0]), X)


def test_zero_gradients() -> None:
    def total(tensor: Any, unused: Any) -> Any:
        first, second = with_zero_gradients([tensor, 2 * tensor], [unused])
        return ops.sum(first * second)

    to_tensor, to_unused = gradients(total, X, np.array([[np.nan, np.inf]]))
    np.testing.assert_allclose(to_tensor, 4 * X)
    np.testing.assert_array_equal(to_unused, [[0, 0]])
