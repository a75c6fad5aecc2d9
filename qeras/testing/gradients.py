"""The law of a gradient: it is the derivative of the function that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

ValueAndGradients = Callable[..., tuple[float, Sequence[np.ndarray]]]


def assert_gradient_ok(
    function: ValueAndGradients,
    arrays: Sequence[np.ndarray],
    step: float = 1e-5,
    tolerance: float = 1e-7,
    seed: int = 0,
) -> None:
    """Check gradients along random directions against central differences.

    Each array has a direction of its own, so that an error in one gradient cannot hide
    behind another. The defaults fit a function of order one in float64, where the
    difference is good to step squared; in float32 nothing smaller than 1e-3 can be seen.

    Args:
        function: of the arrays; gives a number and its gradient by each of them.
        arrays: where.
        step: of the differences.
        tolerance: how far slope and difference may be apart, absolute and relative.
        seed: of the directions.

    Raises:
        AssertionError: if a gradient has another shape than its array or another slope
            than the function.
    """
    generator = np.random.default_rng(seed)
    _, gradients = function(*arrays)
    for place, (array, gradient) in enumerate(zip(arrays, gradients, strict=True)):
        assert np.shape(gradient) == np.shape(array), (
            f"gradient {place} has shape {np.shape(gradient)}, its array {np.shape(array)}"
        )
        direction = generator.normal(size=np.shape(array))
        ahead, behind = (
            function(*arrays[:place], array + sign * step * direction, *arrays[place + 1 :])[0]
            for sign in (1, -1)
        )
        np.testing.assert_allclose(
            np.sum(direction * gradient),
            (ahead - behind) / (2 * step),
            rtol=tolerance,
            atol=tolerance,
            err_msg=f"gradient {place}",
        )
