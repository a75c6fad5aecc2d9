"""`assert_gradient_ok`: right gradients pass, wrong ones do not."""

from __future__ import annotations

import numpy as np
import pytest

from qeras.testing.gradients import assert_gradient_ok

pytestmark = pytest.mark.backend_independent
ARRAYS = (np.array([0.3, -1.2]), np.array([[0.5]]))


def _function(wrong: float = 1.0):
    def value_and_gradients(x, w):
        value = np.sin(x).sum() * w[0, 0] ** 2
        return value, (np.cos(x) * w[0, 0] ** 2, wrong * 2 * w * np.sin(x).sum())

    return value_and_gradients


def test_a_derivative() -> None:
    assert_gradient_ok(_function(), ARRAYS)


def test_a_factor_too_much() -> None:
    with pytest.raises(AssertionError, match="gradient 1"):
        assert_gradient_ok(_function(wrong=1.001), ARRAYS)


def test_another_shape() -> None:
    with pytest.raises(AssertionError, match=r"gradient 0 has shape \(\), its array \(2,\)"):
        assert_gradient_ok(lambda x: (0.0, (np.array(1.0),)), ARRAYS[:1])
