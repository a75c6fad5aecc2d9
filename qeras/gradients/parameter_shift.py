"""Parameter-shift: the gradient of results with shots, from runs with shots of their own.

Every angle of the circuit is shifted on its own, by the rule of its gate, and all shifted
circuits of all samples run as one batch. The estimate is unbiased, because a mean is one
and the rule is a sum of means; what lies between angles and weights is differentiated
exactly, by the backend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from qeras.circuit.circuit import Circuit, Measurement, Operation
from qeras.circuit.expressions import ONE, Constant, Expression, reference
from qeras.circuit.gates import is_rotation
from qeras.gradients.shift_rules import frequencies_of, shift_rule

# Amplitudes of one sample's shifted circuits that run at once; beyond it, one part after
# the other, so that memory stays a few times that of the forward pass.
AMPLITUDES_AT_ONCE = 2**18


@dataclass(frozen=True, eq=False)
class Shifts:
    """The shifted runs of a circuit.

    Attributes:
        circuit: the circuit, whose inputs are its angles, then its entries.
        angles: expressions that are shifted.
        entries: other parameters, which have no shift rule.
        parts: of the shifted runs; each (delta, weight): delta (runs, angles) is added to
            the angles, weight (runs, angles) times results gives the gradient.
    """

    circuit: Circuit
    angles: tuple[Expression, ...]
    entries: tuple[Expression, ...]
    parts: tuple[tuple[np.ndarray, np.ndarray], ...]


def shifts_of(circuit: Circuit) -> Shifts:
    """The shifted runs of an optimised circuit, whose gates have no decomposition."""
    turning = [operation for operation in circuit.operations if _has_angle(operation)]
    angles = tuple(operation.parameters[0] for operation in turning)
    entries = tuple(entry for operation in circuit.operations for entry in _entries(operation))
    angle_numbers, entry_numbers = count(), count(len(angles))
    shifted = replace(
        circuit,
        features=len(angles) + len(entries),
        weight_shapes={},
        operations=tuple(
            _of_inputs(operation, circuit.input_name, angle_numbers, entry_numbers)
            for operation in circuit.operations
        ),
        measurements=tuple(map(_without_coefficients, circuit.measurements)),
    )
    rules = [shift_rule(frequencies_of(operation)) for operation in turning]
    return Shifts(shifted, angles, entries, _parts(rules, len(circuit.wires)))


def _has_angle(operation: Operation) -> bool:
    """Whether the first parameter is an angle that is shifted; it is none where the
    eigenvalues that it is multiplied by are not constant."""
    angle, *others = operation.parameters or (ONE,)
    if isinstance(angle, Constant):
        return False
    if operation.gate == "Evolution":
        return all(isinstance(one, Constant) for one in others)
    return is_rotation(operation)


def _entries(operation: Operation) -> list[Expression]:
    """The parameters that are neither constant nor shifted."""
    others = operation.parameters[1 if _has_angle(operation) else 0 :]
    return [one for one in others if not isinstance(one, Constant)]


def _of_inputs(
    operation: Operation, name: str, angles: Iterator[int], entries: Iterator[int]
) -> Operation:
    """The operation with the next inputs in place of its angle and its entries."""
    parameters = []
    for number, parameter in enumerate(operation.parameters):
        if not isinstance(parameter, Constant):
            is_angle = number == 0 and _has_angle(operation)
            parameter = reference(name, next(angles if is_angle else entries))
        parameters.append(parameter)
    return replace(operation, parameters=tuple(parameters))


def _without_coefficients(item: Measurement) -> Measurement:
    """Means are multiplied by coefficients outside of the shifted runs."""
    terms = tuple(replace(term, coefficient=ONE) for term in item.observable)
    return replace(item, observable=terms)


def _parts(
    rules: Sequence[tuple[np.ndarray, np.ndarray]], width: int
) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    which = np.concatenate([[n] * len(shifts) for n, (shifts, _) in enumerate(rules)] or [[]])
    if not len(which):
        return ()
    one_hot = np.eye(len(rules))[which.astype(int)]
    delta = one_hot * np.concatenate([shifts for shifts, _ in rules])[:, None]
    weight = one_hot * np.concatenate([coefficients for _, coefficients in rules])[:, None]
    size = max(1, AMPLITUDES_AT_ONCE >> width)
    starts = range(0, len(which), size)
    return tuple((delta[i : i + size], weight[i : i + size]) for i in starts)
