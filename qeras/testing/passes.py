"""The law of a pass: same results, input untouched, nothing left for a second run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qeras.circuit.circuit import Circuit
from qeras.testing.random_circuits import random_values
from qeras.testing.reference import simulate


def assert_pass_ok(rewrite: Callable[[Circuit], Circuit], circuit: Circuit, seed: int = 0) -> None:
    """Check a pass on one circuit, on random inputs and weights, in complex128.

    Raises:
        AssertionError: if results differ by more than 1e-10, if the circuit was changed, or
            if a second run changes the first one's result.
    """
    before = str(circuit)
    rewritten = rewrite(circuit)
    assert str(circuit) == before, "the pass changed its input"
    again = rewrite(rewritten)
    assert str(again) == str(rewritten), f"a second run changes\n{rewritten}\nto\n{again}"
    inputs, weights = random_values(circuit, seed, 1)
    expected = simulate(circuit, inputs[0], weights)
    found = simulate(rewritten, inputs[0], weights)
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-10)
