"""What may go into a layer."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_features(shape: tuple[Any, ...], expected: int | None, name: str) -> int:
    """Length of the last axis, which must be known and as in `build`.

    Raises:
        ValueError: if there is no last axis, or its length is unknown, 0 or not `expected`.
    """
    if not shape or not shape[-1]:
        raise ValueError(
            f"Expected inputs of {name!r} with a known number of features in the last axis. "
            f"Received: shape={shape}; give the features' number, as in Input((features,))."
        )
    if expected is not None and shape[-1] != expected:
        raise ValueError(
            f"Expected inputs of {name!r} with {expected} features in the last axis, as when it "
            f"was built. Received: shape={shape}; make another layer for other inputs."
        )
    return int(shape[-1])


def check_values(inputs: Any) -> None:
    """Refuse what is not real numbers.

    Raises:
        TypeError: for strings, objects and complex numbers.
    """
    dtype = getattr(inputs, "dtype", None)
    if dtype is None:
        dtype = np.asarray(inputs).dtype
    kind = getattr(dtype, "kind", None) or str(getattr(dtype, "name", dtype))
    if kind in ("U", "S", "O", "c") or "string" in kind or "complex" in kind:
        raise TypeError(
            "Expected inputs of real numbers: floats, integers or booleans. "
            f"Received: inputs of dtype {dtype}"
        )
