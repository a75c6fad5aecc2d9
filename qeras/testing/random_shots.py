"""Random measurements with shots: all kinds that a number of shots can be asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qeras.circuit.circuit import Circuit, Measurement, Term
from qeras.testing.random_circuits import Maker


def with_shots(circuit: Circuit, seed: int, shots: int, measurements: int | None = None) -> Circuit:
    """A `random_circuit` that measures anew, with shots.

    Args:
        circuit: it is not changed.
        seed: equal seeds give equal measurements.
        shots: of each group of measurements that are read together.
        measurements: how many; by default 1 to 5.
    """
    maker = Maker.of(circuit, seed)
    count = int(maker.generator.integers(1, 6)) if measurements is None else measurements
    chosen = tuple(_measurement(maker) for _ in range(count))
    return replace(circuit, measurements=chosen, keys=(), single=count == 1, shots=(shots,))


def _measurement(maker: Maker) -> Measurement:
    kinds: list[Callable[[], Measurement]] = [
        lambda: Measurement("expval", observable=maker.observable(True)),
        lambda: Measurement("expval", observable=(_term(maker, True),)),
        lambda: Measurement("var", observable=(_term(maker, True),)),
        maker.probabilities,
        lambda: Measurement("sample", wires=maker.some(4)),
        lambda: Measurement("sample", observable=(_term(maker, False),)),
        lambda: Measurement("counts", wires=maker.some(4)),
        lambda: Measurement("counts", observable=(_term(maker, False),)),
    ]
    return kinds[int(maker.generator.integers(len(kinds)))]()


def _term(maker: Maker, may_have_symbols: bool) -> Term:
    """A Pauli word or a matrix, with a coefficient of order one."""
    symbolic = may_have_symbols and maker.generator.random() < 0.4
    return maker.word(symbolic) if maker.generator.random() < 0.7 else maker.matrix(symbolic)
