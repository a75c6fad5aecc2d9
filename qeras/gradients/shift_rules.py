r"""Shift rules: the derivative of a trigonometric polynomial from its values elsewhere.

The result of a circuit, as a function of the angle of one gate \(e^{i\theta G}\), is a
trigonometric polynomial whose frequencies are the differences of eigenvalues of G. So

\[ f'(\theta) = \sum_\mu c_\mu \left(f(\theta + x_\mu) - f(\theta - x_\mu)\right) \]

where the \(c\) solve \(\sum_\mu 2 c_\mu \sin(\Omega_l x_\mu) = \Omega_l\) for each
frequency \(\Omega_l\) (Wierichs, Izaac, Wang, Lin, arXiv:2107.12390).
"""

from __future__ import annotations

import numpy as np

from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import Constant
from qeras.circuit.gates import GATES

TOLERANCE = 1e-9  # differences of eigenvalues closer than this are one frequency


def frequencies_of(operation: Operation) -> np.ndarray:
    """The positive differences of the generator's eigenvalues, controls included."""
    gate = GATES[operation.gate]
    if gate.rotation is not None:
        levels = gate.rotation(operation).diagonal
    else:
        entries = [one.value for one in operation.parameters[1:] if isinstance(one, Constant)]
        half = len(entries) // 2
        matrix = np.array(entries[:half]) + 1j * np.array(entries[half:])
        side = 2 ** len(operation.wires)
        levels = np.linalg.eigvalsh(matrix.reshape(side, side))
    if operation.controls:
        levels = np.append(levels, 0.0)
    differences = np.sort(np.abs(levels[:, None] - levels[None, :]).ravel())
    distinct = differences[np.concatenate([[True], np.diff(differences) > TOLERANCE])]
    return distinct[distinct > TOLERANCE]


def shift_rule(frequencies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(shifts, coefficients), both (2 * frequencies,): f' is the sum of coefficients times
    values at the shifted angle."""
    count = len(frequencies)
    if not count:
        return np.zeros(0), np.zeros(0)
    shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * frequencies.min())
    sines = 2 * np.sin(np.outer(frequencies, shifts))
    coefficients = np.linalg.solve(sines, frequencies)
    return np.concatenate([shifts, -shifts]), np.concatenate([coefficients, -coefficients])
