"""Observables on qubits: their expectation value and their variance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pennylane as qml
from scipy import sparse

from tests.conformance.example import Example, qubit
from tests.conformance.readings import Reading

HERMITIAN = np.array([[0.3, 0.2j], [-0.2j, -0.5]])
MATRIX = sparse.csr_matrix(np.kron(HERMITIAN, np.diag([1.0, -2.0])))


@dataclass(frozen=True)
class Observable:
    """An operator that is measured.

    Attributes:
        kind: its class.
        make: makes it, on wires 0 and 1 at most, with eigenvalues of at most 2 in size.
        variance: whether PennyLane has one.
    """

    kind: type
    make: Callable[[], Any]
    variance: bool = True

    def example(self) -> Example:
        """Its expectation value and variance."""

        def returned(wires: int) -> Any:
            mean = qml.expval(self.make())
            return [mean, qml.var(self.make())] if self.variance else mean

        return qubit(self.kind, entangled, returned=returned)

    def reading(self) -> Reading:
        """Its expectation value with shots."""
        return Reading("expval", self.kind, lambda: qml.expval(self.make()), (), width=10.0)


def entangled(x: Any) -> None:
    qml.CRY(x[0], [0, 1])


OBSERVABLES = [
    *(
        Observable(kind, partial(kind, 0))
        for kind in (qml.X, qml.Y, qml.Z, qml.Hadamard, qml.Identity)
    ),
    Observable(qml.Hermitian, lambda: qml.Hermitian(HERMITIAN, 0)),
    Observable(qml.Projector, lambda: qml.Projector([1, 0], [0, 1])),
    Observable(
        qml.ops.qubit.observables.BasisStateProjector, lambda: qml.Projector([0, 1], [0, 1])
    ),
    Observable(
        qml.ops.qubit.observables.StateVectorProjector, lambda: qml.Projector([0.6, 0.8], [0])
    ),
    Observable(qml.SparseHamiltonian, lambda: qml.SparseHamiltonian(MATRIX, [0, 1]), False),
    Observable(qml.ops.op_math.Prod, lambda: qml.X(0) @ qml.Y(1)),
    Observable(qml.ops.op_math.Sum, lambda: qml.X(0) + qml.Z(1)),
    Observable(qml.ops.op_math.SProd, lambda: qml.s_prod(0.7, qml.Y(0))),
    Observable(
        qml.ops.op_math.LinearCombination,
        lambda: qml.Hamiltonian([0.7, -0.2], [qml.X(0), qml.Z(0) @ qml.Z(1)]),
    ),
    Observable(qml.ops.op_math.Adjoint, lambda: qml.adjoint(qml.Hermitian(HERMITIAN, 0))),
    Observable(qml.ops.op_math.Pow, lambda: qml.pow(qml.prod(qml.X(0), qml.Z(1)), 2)),
    Observable(qml.ops.op_math.Exp, lambda: qml.exp(qml.Z(0), 0.4)),
    Observable(qml.ops.op_math.Controlled, lambda: qml.ctrl(qml.Hermitian(HERMITIAN, 1), 0)),
]
