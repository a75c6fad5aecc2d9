"""Results of PennyLane as numbers side by side, and the shapes that they have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pennylane as qml
from pennylane import measurements as mp

from qeras.capture.errors import CaptureError

_SEQUENCES = (tuple, list, autograd.builtins.SequenceBox)


@dataclass(frozen=True)
class HostReadout:
    """One result.

    Attributes:
        shape: for one sample.
        is_complex: whether it has an imaginary part.
        outcomes: of `counts`, the outcomes that its entries count, in their order.
    """

    shape: tuple[int, ...]
    is_complex: bool = False
    outcomes: tuple[Any, ...] = ()


@dataclass(frozen=True)
class HostReadouts:
    """All results of a QNode."""

    readouts: tuple[HostReadout, ...]

    @cached_property
    def size(self) -> int:
        """Length of all results of a sample, flattened and concatenated."""
        return sum(int(np.prod(readout.shape)) for readout in self.readouts)

    @cached_property
    def width(self) -> int:
        """The same in real numbers: a complex one takes two."""
        return sum(
            int(np.prod(readout.shape)) * (2 if readout.is_complex else 1)
            for readout in self.readouts
        )


def leaves(result: Any) -> list[Any]:
    """The arrays and counts of a nest of results."""
    if isinstance(result, _SEQUENCES):
        return [leaf for item in result for leaf in leaves(item)]
    return [result]


def outcomes_of(process: Any) -> tuple[Any, ...]:
    """What `counts` may find, in the order of its entries: the eigenvalues of an observable,
    the bitstrings of wires and of mid-circuit measurements, ascending."""
    if isinstance(process.mv, Sequence):
        return _bitstrings(len(process.mv))
    if process.mv is not None:
        return tuple(sorted({_outcome(value) for _, value in process.mv.items()}))
    if process.obs is not None or process._eigvals is not None:
        return tuple(sorted({_outcome(value) for value in np.real(process.eigvals())}))
    return _bitstrings(len(process.wires))


def _bitstrings(wires: int) -> tuple[str, ...]:
    return tuple(format(index, f"0{wires}b") for index in range(2**wires))


def _outcome(value: Any) -> Any:
    """Keys of counts are compared to a few digits, as eigenvalues are rounded."""
    return value if isinstance(value, str) else round(float(np.real(value)), 6) + 0.0


def dense_counts(counts: Mapping[Any, Any], outcomes: Sequence[Any]) -> np.ndarray:
    """How often each of `outcomes` was found.

    Raises:
        ValueError: if another one was found.
    """
    found = {_outcome(key): int(value) for key, value in counts.items()}
    unknown = [key for key in found if key not in outcomes]
    if unknown:
        raise ValueError(
            f"Expected counts of the outcomes {list(outcomes)}. Received: {unknown[0]!r}"
        )
    return np.array([found.get(outcome, 0) for outcome in outcomes], dtype=float)


def flattened(result: Any, readouts: HostReadouts) -> Any:
    """All results of a sample as one real vector (width,): real parts, then imaginary ones,
    result by result. Differentiable by autograd.

    Raises:
        ValueError: if a result has another shape than was foreseen.
    """
    found = leaves(result)
    if len(found) != len(readouts.readouts):
        raise ValueError(
            f"Expected {len(readouts.readouts)} results for a sample, as for the first one. "
            f"Received: {len(found)}; a branch of the circuit measures something else."
        )
    parts: list[Any] = []
    for leaf, readout in zip(found, readouts.readouts, strict=True):
        value = dense_counts(leaf, readout.outcomes) if isinstance(leaf, Mapping) else leaf
        size = int(np.prod(readout.shape))
        if int(np.prod(qml.math.shape(value))) != size:
            raise ValueError(
                f"Expected a result of shape {readout.shape} for each sample. "
                f"Received: shape {tuple(qml.math.shape(value))}"
            )
        vector = anp.reshape(value, (size,))
        parts += [anp.real(vector), anp.imag(vector)] if readout.is_complex else [anp.real(vector)]
    return anp.concatenate(parts) if parts else np.zeros(0)


def stand_in(tape: qml.tape.QuantumScript, device: qml.devices.Device) -> Any:
    """Something of the shape of the tape's results, without running it.

    Raises:
        CaptureError: for a measurement whose shape PennyLane does not know.
    """
    wires = len(device.wires) if device.wires else len(tape.wires)
    copies = [
        tuple(_stand_in(process, shots, wires) for process in tape.measurements)
        for shots in (list(tape.shots) or [None])
    ]
    given = [copy[0] if len(copy) == 1 else copy for copy in copies]
    return tuple(given) if tape.shots.has_partitioned_shots else given[0]


def _stand_in(process: Any, shots: int | None, wires: int) -> Any:
    if isinstance(process, mp.CountsMP):
        return {_key(process, wires): shots}
    try:
        shape = process.shape(shots=shots, num_device_wires=wires)
    except NotImplementedError as error:
        raise CaptureError(
            f"Expected a measurement of PennyLane with a known shape. Received: {process}"
        ) from error
    return np.full(shape, 0.5, dtype=complex if process.numeric_type is complex else float)


def _key(process: Any, wires: int) -> Any:
    return outcomes_of(process)[0] if process.wires or process.mv is not None else "0" * wires


def readouts_of(
    result: Any, tape: qml.tape.QuantumScript, device: qml.devices.Device
) -> HostReadouts:
    """The shapes of one sample's result; outcomes of counts are those of the tape."""
    wires = len(device.wires) if device.wires else len(tape.wires)
    processes = list(tape.measurements) * max(1, tape.shots.num_copies)
    found = leaves(result)
    readouts = []
    for index, leaf in enumerate(found):
        if isinstance(leaf, Mapping):
            process = processes[index]
            known = process.wires or process.mv is not None
            outcomes = outcomes_of(process) if known else _bitstrings(wires)
            readouts.append(HostReadout((len(outcomes),), outcomes=outcomes))
        else:
            is_complex = np.iscomplexobj(leaf)
            readouts.append(HostReadout(tuple(np.shape(leaf)), is_complex))
    return HostReadouts(tuple(readouts))
