"""Pauli matrices, and products of Pauli words: tuples of (wire, letter) without identities."""

from __future__ import annotations

import numpy as np

from qeras.circuit.circuit import Wire

Word = tuple[tuple[Wire, str], ...]

PAULI: dict[str, np.ndarray] = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}
for _matrix in PAULI.values():
    _matrix.setflags(write=False)

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
