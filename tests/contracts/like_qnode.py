"""A program's values and gradients beside those of its QNode, one sample at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml

from tests.backends import differentiate


def assert_like_qnode(
    run: Callable[..., Any], qnode: qml.QNode, inputs: np.ndarray, w: np.ndarray, atol: float
) -> None:
    """`run` has a list of results of `inputs` and the weights "w" in double precision;
    values agree to `atol`, gradients to ten times that."""
    rows = [[np.asarray(one) for one in qnode(row, w)] for row in inputs]
    expected = [np.stack(column) for column in zip(*rows, strict=True)]
    generator = np.random.default_rng(1)
    cotangents = [generator.normal(size=one.shape) for one in expected]

    def functional(inputs: Any, w: Any) -> Any:
        total = 0.0
        for sample in range(len(inputs)):
            results = qnode(inputs[sample], w)
            for cotangent, result in zip(cotangents, results, strict=True):
                total = total + anp.sum(cotangent[sample] * result)
        return total

    to_inputs, to_w = autograd.grad(functional, (0, 1))(inputs, w)
    found, of_inputs, of_weights = differentiate(run, inputs, {"w": w}, cotangents, "float64")
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=atol)
    np.testing.assert_allclose(of_inputs, to_inputs, atol=10 * atol)
    np.testing.assert_allclose(of_weights["w"], to_w, atol=10 * atol)
