"""The layer's arguments in one form, and shapes of its results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any, Protocol

Shape = tuple[int | None, ...]


class Returned(Protocol):
    """How a QNode returns its results, on either road."""

    @property
    def name(self) -> str: ...
    @property
    def keys(self) -> tuple[str, ...]: ...
    @property
    def single(self) -> bool: ...


class Result(Protocol):
    """One result of a sample, on either road."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def is_complex(self) -> bool: ...


class Results(Protocol):
    """All results of a sample; `size` is their length flattened and concatenated."""

    @property
    def size(self) -> int: ...
    @property
    def readouts(self) -> Sequence[Result]: ...


def weight_shapes_of(weight_shapes: Any) -> dict[str, tuple[int, ...]]:
    """Shapes as tuples: an int above 1 is a vector, 1 and 0 are scalars.

    Raises:
        TypeError: if it is not a dictionary of ints, tuples and lists of ints.
        ValueError: for a negative size.
    """
    if not isinstance(weight_shapes, Mapping):
        raise TypeError(
            'Expected weight_shapes to be a dictionary such as {"weights": (3, 2)}. '
            f"Received: weight_shapes={weight_shapes!r}"
        )
    return {str(name): _shape(name, shape) for name, shape in weight_shapes.items()}


def _shape(name: str, shape: Any) -> tuple[int, ...]:
    sizes = [shape] if isinstance(shape, Integral) else shape
    valid = isinstance(sizes, Iterable) and not isinstance(sizes, str)
    sizes = list(sizes) if valid else [None]
    if not all(isinstance(size, Integral) for size in sizes):
        raise TypeError(
            f"Expected the shape of {name!r} to be an int or a tuple of ints. "
            f"Received: weight_shapes[{name!r}]={shape!r}"
        )
    if any(int(size) < 0 for size in sizes):
        raise ValueError(
            f"Expected sizes of at least 0. Received: weight_shapes[{name!r}]={shape!r}"
        )
    if isinstance(shape, Integral):
        return (int(shape),) if int(shape) > 1 else ()
    return tuple(int(size) for size in sizes)


def output_dim_of(output_dim: Any) -> int | tuple[int, ...] | None:
    """`[5]`, `(5,)` and `5` alike as 5; more numbers as a tuple.

    Raises:
        TypeError: if it is neither None, an int nor a sequence of ints.
    """
    if output_dim is None or isinstance(output_dim, Integral):
        return None if output_dim is None else int(output_dim)
    valid = isinstance(output_dim, Sequence) and not isinstance(output_dim, str)
    if not valid or not output_dim or not all(isinstance(n, Integral) for n in output_dim):
        raise TypeError(
            "Expected output_dim to be an int, a tuple of ints or None. "
            f"Received: output_dim={output_dim!r}"
        )
    sizes = tuple(int(n) for n in output_dim)
    return sizes[0] if len(sizes) == 1 else sizes


def check_output_dim(
    output_dim: int | tuple[int, ...] | None, circuit: Returned, readouts: Results
) -> None:
    """Check a given `output_dim` against what the circuit measures.

    Raises:
        ValueError: if it is neither the number of values nor the shape of the result.
    """
    if output_dim is None or output_dim == readouts.size:
        return
    shape = sample_shape(circuit, readouts)
    if not isinstance(shape, dict) and output_dim == shape:
        return
    raise ValueError(
        f"Expected output_dim={readouts.size}, the number of values that {circuit.name!r} "
        f"returns for a sample (shape {shape}). Received: output_dim={output_dim!r}. "
        "It may also be left out."
    )


def sample_shape(
    circuit: Returned, readouts: Results
) -> tuple[int, ...] | dict[str, tuple[int, ...]]:
    """Shape of the layer's result for one sample, or of each of a dictionary's."""
    if circuit.keys:
        shapes = (readout.shape for readout in readouts.readouts)
        return dict(zip(circuit.keys, shapes, strict=True))
    if circuit.single:
        return readouts.readouts[0].shape
    return (readouts.size,)
