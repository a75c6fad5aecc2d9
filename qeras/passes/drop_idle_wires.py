"""Pass: wires that no operation touches and no measurement names leave the circuit."""

from __future__ import annotations

from dataclasses import replace

from qeras.circuit.circuit import Circuit, Measurement, PauliTerm, Wire


def drop_idle_wires(circuit: Circuit) -> Circuit:
    """The circuit on the wires that it uses; one at least."""
    used: set[Wire] = set()
    for operation in circuit.operations:
        used |= {*operation.wires, *operation.controls}
    for measurement in circuit.measurements:
        used |= _named(measurement, circuit.wires)
    wires = tuple(wire for wire in circuit.wires if wire in used) or circuit.wires[:1]
    return circuit if wires == circuit.wires else replace(circuit, wires=wires)


def _named(item: Measurement, wires: tuple[Wire, ...]) -> set[Wire]:
    if item.kind == "state":
        return set(wires)
    named = {*item.wires, *item.other_wires}
    for term in item.observable:
        named |= (
            {wire for wire, _ in term.factors} if isinstance(term, PauliTerm) else set(term.wires)
        )
    return named
