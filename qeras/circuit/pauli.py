"""Products of Pauli words, each a tuple of (wire, letter) without identities."""

from __future__ import annotations

from qeras.circuit.circuit import Wire

Word = tuple[tuple[Wire, str], ...]

_PRODUCTS = {("X", "Y"): ("Z", 1j), ("Y", "Z"): ("X", 1j), ("Z", "X"): ("Y", 1j)}
_PRODUCTS |= {(b, a): (c, -phase) for (a, b), (c, phase) in _PRODUCTS.items()}


def multiply(first: Word, second: Word) -> tuple[complex, Word]:
    """(phase, word) of the product of two words."""
    letters = dict(first)
    phase: complex = 1.0
    for wire, letter in second:
        mine = letters.pop(wire, None)
        if mine is None:
            letters[wire] = letter
        elif mine != letter:
            letters[wire], factor = _PRODUCTS[mine, letter]
            phase *= factor
    return phase, tuple(letters.items())
