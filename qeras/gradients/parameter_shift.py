"""Parameter-shift: the gradient of results with shots, from runs with shots of their own.

Every angle of the circuit is shifted on its own, by the rule of its gate, and all shifted
circuits of all samples run as one batch. The estimate is unbiased, because a mean is one
and the rule is a sum of means; what lies between angles and weights is differentiated
exactly, by the backend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    angles: list[Expression] = []
    entries: list[Expression] = []
    rules: list[tuple[np.ndarray, np.ndarray]] = []
    drafts: list[list[tuple[str, int] | Expression]] = []
    for operation in circuit.operations:
        draft: list[tuple[str, int] | Expression] = []
        for number, parameter in enumerate(operation.parameters):
            if isinstance(parameter, Constant):
                draft.append(parameter)
            elif number == 0 and _is_shifted(operation):
                draft.append(("angle", len(angles)))
                angles.append(parameter)
                rules.append(shift_rule(frequencies_of(operation)))
            else:
                draft.append(("entry", len(entries)))
                entries.append(parameter)
        drafts.append(draft)

    def placed(one: tuple[str, int] | Expression) -> Expression:
        if isinstance(one, Expression):
            return one
        kind, number = one
        offset = len(angles) if kind == "entry" else 0
        return reference(circuit.input_name, offset + number)

    operations = tuple(
        replace(operation, parameters=tuple(map(placed, draft)))
        for operation, draft in zip(circuit.operations, drafts, strict=True)
    )
    shifted = replace(
        circuit,
        features=len(angles) + len(entries),
        weight_shapes={},
        operations=operations,
        measurements=tuple(map(_without_coefficients, circuit.measurements)),
    )
    return Shifts(
        shifted,
        tuple(angles),
        tuple(entries),
        _parts(rules, len(circuit.wires)),
    )


def _without_coefficients(item: Measurement) -> Measurement:
    """Means are multiplied by coefficients outside of the shifted runs."""
    terms = tuple(replace(term, coefficient=ONE) for term in item.observable)
    return replace(item, observable=terms)


def _is_shifted(operation: Operation) -> bool:
    if operation.gate == "Evolution":
        return all(isinstance(one, Constant) for one in operation.parameters[1:])
    return is_rotation(operation)


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
