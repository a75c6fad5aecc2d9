"""Arrays of constants in JSON: base64 of little-endian numbers, with type and shape."""

from __future__ import annotations

import base64
import binascii
import math
from typing import Any

import numpy as np

from qeras.circuit.fields import integer, items, table, unexpected

DTYPES = {"float64": np.dtype("<f8"), "complex128": np.dtype("<c16")}
MAX_RANK = 32


def encode(array: np.ndarray) -> dict[str, Any]:
    """The array as a JSON object; complex if it is, else float64."""
    name = "complex128" if np.iscomplexobj(array) else "float64"
    data = np.ascontiguousarray(array, DTYPES[name]).tobytes()
    text = base64.b64encode(data).decode("ascii")
    return {"dtype": name, "shape": list(np.shape(array)), "data": text}


def decode(value: Any, where: str, dtype: str) -> np.ndarray:
    """The array of an `encode`; its length is checked before memory is taken.

    Raises:
        ValueError: for another type, a shape that does not match the data, text that is
            not base64, or numbers that are not finite.
    """
    fields = table(value, where, ("dtype", "shape", "data"))
    if fields["dtype"] != dtype:
        raise unexpected(f"{where}.dtype to be {dtype!r}", fields["dtype"])
    shape = shape_of(fields["shape"], f"{where}.shape")
    data, size = fields["data"], math.prod(shape) * DTYPES[dtype].itemsize
    expected = f"{where}.data to be the base64 of {size} bytes, for shape {shape}"
    if not isinstance(data, str) or len(data) != 4 * -(-size // 3):
        raise unexpected(expected, data)
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise unexpected(expected, data) from None
    if len(raw) != size:
        raise unexpected(expected, f"{len(raw)} bytes")
    array = np.frombuffer(raw, DTYPES[dtype]).reshape(shape)
    if not np.isfinite(array).all():
        raise unexpected(f"{where} to be finite numbers", array[~np.isfinite(array)].item(0))
    return array


def shape_of(value: Any, where: str) -> tuple[int, ...]:
    """A shape of at most `MAX_RANK` axes.

    Raises:
        ValueError: for what is not one.
    """
    sizes = items(value, where)
    if len(sizes) > MAX_RANK:
        raise unexpected(f"{where} of at most {MAX_RANK} axes", f"{len(sizes)} axes")
    return tuple(integer(size, f"{where}[{axis}]") for axis, size in enumerate(sizes))
