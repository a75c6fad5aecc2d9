"""Pass: trailing X, CNOT and SWAP are taken into Pauli observables.

Measuring O after U is measuring U^-1 O U before it, and these gates turn every Pauli
word into a Pauli word with a sign, words of Z into words of Z.
"""

from __future__ import annotations

from dataclasses import replace

from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm, Term, Wire
from qeras.circuit.expressions import call
from qeras.circuit.pauli import Word, multiply


def absorb_permutations(circuit: Circuit) -> Circuit:
    """The circuit without the X, CNOT and SWAP gates that no other gate follows.

    Only where every measurement is an expval or var of Pauli words, and exact: with shots,
    words that are measured together could no longer be."""
    terms = [term for item in circuit.measurements for term in item.observable]
    words_only = not circuit.shots and all(isinstance(term, PauliTerm) for term in terms)
    if not words_only or any(item.kind not in ("expval", "var") for item in circuit.measurements):
        return circuit
    kept: list[Operation] = []
    absorbed: list[Operation] = []
    blocked: set[Wire] = set()
    for operation in reversed(circuit.operations):
        touched = {*operation.wires, *operation.controls}
        if _is_absorbable(operation) and blocked.isdisjoint(touched):
            absorbed.append(operation)
        else:
            kept.append(operation)
            blocked |= touched
    if not absorbed:
        return circuit
    return replace(
        circuit,
        operations=tuple(reversed(kept)),
        measurements=tuple(_measurement(item, absorbed) for item in circuit.measurements),
    )


def _is_absorbable(operation: Operation) -> bool:
    if operation.gate == "PauliX":
        return len(operation.controls) <= 1
    return operation.gate == "SWAP" and not operation.controls


def _measurement(item: Measurement, absorbed: list[Operation]) -> Measurement:
    return replace(item, observable=tuple(_term(term, absorbed) for term in item.observable))


def _term(term: Term, absorbed: list[Operation]) -> Term:
    assert isinstance(term, PauliTerm)
    word, sign = term.factors, 1.0
    for operation in absorbed:
        factor, word = _conjugate(word, operation)
        sign *= factor
    coefficient = term.coefficient if sign > 0 else call("negative", term.coefficient)
    return PauliTerm(coefficient, word)


def _conjugate(word: Word, operation: Operation) -> tuple[float, Word]:
    """U^-1 P U as (sign, word)."""
    if operation.gate == "SWAP":
        a, b = operation.wires
        other = {a: b, b: a}
        return 1.0, tuple((other.get(wire, wire), letter) for wire, letter in word)
    (target,) = operation.wires
    if not operation.controls:
        return _flip(word, target), word
    (control,), (value,) = operation.controls, operation.control_values
    before = 1.0 if value else _flip(word, control)
    phase, word = _controlled_x(word, control, target)
    after = 1.0 if value else _flip(word, control)
    return before * phase * after, word


def _flip(word: Word, wire: Wire) -> float:
    """The sign of X P X on a wire."""
    return -1.0 if dict(word).get(wire) in ("Y", "Z") else 1.0


def _controlled_x(word: Word, control: Wire, target: Wire) -> tuple[float, Word]:
    """CNOT P CNOT: X of the control spreads to the target, Z of the target to the control."""
    phase: complex = 1.0
    result: Word = ()
    for wire, letter in word:
        image: Word = ((wire, letter),)
        if wire == control and letter in "XY":
            image = ((control, letter), (target, "X"))
        elif wire == target and letter in "YZ":
            image = ((control, "Z"), (target, letter))
        factor, result = multiply(result, image)
        phase *= factor
    return phase.real, result
