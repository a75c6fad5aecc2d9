"""Expectation values of Pauli words as sums over basis states, all words together.

With P|k> = i^y (-1)^(k.z) |k xor x>, words of equal x share one product of amplitudes, and
each is a sum of it with signs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qeras.plan.phases import UNSPLIT_WIDTH
from qeras.plan.readouts import SignedSums

# Numbers of the signs behind all patterns, zero but for a word's own pattern. Up to there one
# product sums all words; beyond, each word takes its pattern's sums: 190 words of two axes on
# 20 wires would be 2^23 numbers, 20 of one axis are 2^18.
MAX_ENTRIES = 2**18

Word = tuple[tuple[int, str], ...]  # (axis, letter) in order of axes, no identities


def signed_sums(words: Sequence[Word], width: int) -> tuple[list[SignedSums], list[Word]]:
    """Sums, and the words in the order in which the sums give them."""
    groups: dict[tuple[int, bool], list[Word]] = {}
    for word in words:
        flips = sum(1 << (width - 1 - axis) for axis, letter in word if letter in "XY")
        odd = sum(letter == "Y" for _, letter in word) % 2 == 1
        groups.setdefault((flips, odd), []).append(word)
    sums = [_group(flips, odd, members, width) for (flips, odd), members in groups.items()]
    return sums, [word for members in groups.values() for word in members]


def signed_sums_of_z(words: Sequence[tuple[int, ...]], width: int) -> SignedSums:
    """The sums of products of Z, each on some axes, over probabilities of `width` axes."""
    return _group(0, False, [tuple((axis, "Z") for axis in axes) for axes in words], width)


def _group(flips: int, odd: bool, words: Sequence[Word], width: int) -> SignedSums:
    source = np.arange(2**width) ^ flips if flips else None
    split = width if width <= UNSPLIT_WIDTH else width // 2
    left = np.stack([_signs(word, 0, split) for word in words])
    # (-i)^y, whose real or imaginary unit `imaginary` says, gives the word's own sign.
    own = np.array([(1, 1, -1, -1)[sum(c == "Y" for _, c in word) % 4] for word in words])
    if split == width:
        return SignedSums(source, odd, left * own[:, None], None, None)
    patterns, index = np.unique(left, axis=0, return_inverse=True)
    right = np.stack([_signs(word, split, width) for word in words]) * own[:, None]
    if right.size * len(patterns) <= MAX_ENTRIES:
        every = np.eye(len(patterns))[index.reshape(-1), :, None] * right[:, None, :]
        return SignedSums(source, odd, patterns, None, every.reshape(len(words), -1))
    return SignedSums(source, odd, patterns, index.reshape(-1), right)


def _signs(word: Word, first: int, last: int) -> np.ndarray:
    """(-1) to the number of ones under Z and Y on axes first to last."""
    signs: np.ndarray = np.ones(1)
    letters = dict(word)
    for axis in range(first, last):
        signs = np.kron(signs, [1.0, -1.0] if letters.get(axis, "I") in "YZ" else [1.0, 1.0])
    return signs
