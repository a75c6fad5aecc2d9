"""Preparation of states: basis states, state vectors, and their unitaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pennylane as qml

from qeras.capture import scalar as sc
from qeras.capture.arrays import FUNCTIONS, Array, to_array
from qeras.capture.errors import CaptureError
from qeras.capture.inverse import entries
from qeras.capture.operations import check_axes, operations
from qeras.capture.scalar import Scalar, real_part
from qeras.capture.symbol import unwrap
from qeras.capture.wires import touched, wire_labels
from qeras.circuit.circuit import Operation, Wire
from qeras.circuit.expressions import ONE, ZERO, Constant, Expression, call, constant

# How far from 1 a norm may be where PennyLane prepares a state by gates.
NORM_TOLERANCE = 1e-3


@operations.register(qml.StatePrep)
@operations.register(qml.MottonenStatePreparation)
@operations.register(qml.MultiplexerStatePreparation)
def _(operator: Any) -> list[Operation]:
    state = operator.data[0]
    sparse = qml.math.get_interface(state) == "scipy"
    array = to_array(state.toarray().reshape(-1) if sparse else unwrap(state))
    check_axes(array, 1, operator)
    return [Operation("StatePrep", wire_labels(operator.wires), entries(array))]


@operations.register(qml.BasisState)
def _(operator: qml.BasisState) -> list[Operation]:
    bits = to_array(unwrap(operator.data[0]))
    return [
        step
        for wire, bit in zip(wire_labels(operator.wires), bits, strict=True)
        for step in _flip(wire, bit)
    ]


def _flip(wire: Wire, bit: Scalar) -> list[Operation]:
    """X to the power of a bit. A value that is no bit makes the sample's results nan, as
    it cannot be an error once the circuit runs."""
    if bit.value is not None:
        return [Operation("PauliX", (wire,))] if bit.value else []
    value = real_part(bit, "a bit of BasisState")
    angle = call("add", value, sc.nan_unless(_is_bit(value)))
    return [
        Operation("RX", (wire,), (call("multiply", angle, constant(np.pi)),)),
        Operation("GlobalPhase", (), (call("multiply", angle, constant(-np.pi / 2)),)),
    ]


def _is_bit(value: Expression) -> Expression:
    return call("maximum", call("equal", value, ZERO), call("equal", value, ONE))


def as_unitary(steps: Iterable[Operation]) -> list[Operation]:
    """The operations where state vectors are prepared by gates, as is needed where their
    wires are not in |0...0>, and to invert or control them.

    Raises:
        CaptureError: if a constant state vector is not of norm 1.
    """
    return [
        part
        for step in steps
        for part in (_by_rotations(step) if step.gate == "StatePrep" else [step])
    ]


def _by_rotations(step: Operation) -> list[Operation]:
    """Wire by wire, RY controlled by all wires before, then the amplitudes' phases.

    Both of PennyLane's decompositions, after arXiv:quant-ph/0407010 and quant-ph/0208112,
    are this unitary: their other gates are these two, written with CNOT."""
    vector = _unit_vector(step)
    moduli = FUNCTIONS["square"](FUNCTIONS["real"](vector))
    moduli = moduli + FUNCTIONS["square"](FUNCTIONS["imag"](vector))
    result: list[Operation] = []
    for position, wire in enumerate(step.wires):
        before = step.wires[:position]
        halves = FUNCTIONS["sum"](moduli.reshape(2**position, 2, -1), axis=2)
        for (zero, one), values in zip(
            halves, product((False, True), repeat=position), strict=True
        ):
            angle = _half_angle(zero, one).re
            if angle is not ZERO:
                theta = call("multiply", angle, constant(2.0))
                result.append(Operation("RY", (wire,), (theta,), before, values))
    return result + [
        Operation("GlobalPhase", (), (call("negative", angle),), step.wires, values)
        for angle, values in zip(
            map(_phase, vector), product((False, True), repeat=len(step.wires)), strict=True
        )
        if angle is not ZERO
    ]


def _half_angle(zero: Scalar, one: Scalar) -> Scalar:
    """The angle of (sqrt(zero), sqrt(one)), 0 where both are zero."""
    cosine = sc.where(sc.truth(zero + one), _root(zero), Scalar(ONE))
    return Scalar(call("arctan2", _root(one).re, cosine.re))


def _root(square: Scalar) -> Scalar:
    """The square root; at zero, where it has none, its derivative is taken for 0."""
    positive = sc.truth(square)
    return sc.where(positive, sc.sqrt(sc.where(positive, square, Scalar(ONE))), Scalar(ZERO))


def _phase(amplitude: Scalar) -> Expression:
    """The argument in radians, 0 where the amplitude is zero."""
    if amplitude.is_real:
        return sc.where(
            Scalar(call("less", amplitude.re, ZERO)), Scalar(constant(np.pi)), Scalar(ZERO)
        ).re
    return sc.angle(sc.where(sc.truth(amplitude), amplitude, Scalar(ONE))).re


def _unit_vector(step: Operation) -> Array:
    """The state vector over its norm, nan where PennyLane refuses that norm: a value cannot
    be an error once the circuit runs.

    Raises:
        CaptureError: if that is known already.
    """
    half = len(step.parameters) // 2
    pairs = zip(step.parameters[:half], step.parameters[half:], strict=True)
    vector = to_array([Scalar(re, im) for re, im in pairs])
    norm = FUNCTIONS["norm"](vector).item()
    distance = sc.absolute(norm - 1.0).re
    if isinstance(distance, Constant):
        if not distance.value <= NORM_TOLERANCE:
            raise CaptureError(
                f"Expected a state of norm 1 to be prepared behind other operations, controlled "
                f"or inverted. Received: norm {norm.value} on wires {list(step.wires)}. Write "
                "normalize=True, or divide the state by its norm."
            )
        return vector / norm
    right = call("less_equal", distance, constant(NORM_TOLERANCE))
    return vector / Scalar(call("add", norm.re, sc.nan_unless(right)))


def on_fresh_wires(
    steps: Sequence[Operation], first_as_given: bool, sampled: bool
) -> list[Operation]:
    """The operations of a circuit, where `StatePrep` stays only on wires that no operation
    touched before.

    PennyLane takes the state vector of a circuit's very first operation as it is
    (`first_as_given`), and prepares every other one by gates, which do not know its norm.
    With shots (`sampled`) those of inputs and weights stay gates, which have shift rules."""
    result: list[Operation] = []
    used: set[Wire] = set()
    for position, step in enumerate(steps):
        parts = [step]
        if step.gate == "StatePrep" and not (first_as_given and position == 0):
            unit = replace(step, parameters=entries(_unit_vector(step)))
            known = all(isinstance(one, Constant) for one in unit.parameters)
            stays = used.isdisjoint(step.wires) and (known or not sampled)
            parts = [unit] if stays else _by_rotations(step)
        used.update(touched(parts))
        result += parts
    return result
