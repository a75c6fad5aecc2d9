"""Templates built and taken back, against dense products in complex128."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import ops

from qeras.backend import arrays
from qeras.circuit.circuit import Operation
from qeras.circuit.expressions import ZERO, Expression, reference
from qeras.execution.context import Constants, Tensor, packed
from qeras.execution.templates import build, build_backward
from qeras.plan.blocks import block
from qeras.plan.factors import Factor
from qeras.plan.lowering import lower
from qeras.plan.moves import Template
from qeras.plan.real import real_factors
from qeras.plan.templates import templates_of
from qeras.testing.reference import evaluate
from tests import backends
from tests.plan.dense import FIXED, ROTATIONS, circuit_of, factors_of, product

WIRES = 2
WEIGHTS = np.random.default_rng(0).uniform(-2, 2, 40)


def numbers(template: Template, matrices: Tensor) -> np.ndarray:
    """Matrices that are held as moves use them, as complex ones."""
    found = ops.convert_to_numpy(matrices)
    if template.real or np.iscomplexobj(found):
        return found
    half = template.size
    unpacked = found[:, :half, :half] + 1j * found[:, half:, :half]
    np.testing.assert_allclose(found, packed(unpacked), atol=1e-12)
    return unpacked


def held_cotangents(template: Template, matrices: np.ndarray) -> Tensor:
    """The gradient of `sum(Re(conj(cotangents) * matrices))` by the matrices as held."""
    if template.real or arrays.holds_complex():
        return ops.convert_to_tensor(matrices)
    return ops.convert_to_tensor(packed(matrices) / 2)


class Built:
    """Blocks of lists of factors, built in float64."""

    def __init__(self, blocks: list[list[Factor]], wires: int = WIRES, real: bool = False):
        self.blocks, self.wires, self.real = blocks, wires, real
        self.expressions: list[Expression] = []
        made = [block(factors, tuple(range(wires)), real) for factors in blocks]
        self.templates, self.place = templates_of(made, self._take)

    def _take(self, expressions: Sequence[Expression]) -> int:
        start = len(self.expressions)
        self.expressions += expressions
        return start

    def expected(self, weights: np.ndarray) -> list[np.ndarray]:
        matrices = [product(own, self.wires, {"weights": weights}) for own in self.blocks]
        return [matrix.real if self.real else matrix for matrix in matrices]

    def run(self, cotangents: list[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray]:
        """The blocks' matrices, and the gradient of `sum(Re(conj(cotangents) * matrices))`."""
        slots = np.array(evaluate(self.expressions, {"weights": WEIGHTS}))
        gradient = np.zeros(len(slots))
        with backends.precision("float64"):
            angles = ops.convert_to_tensor(slots, dtype="float64")
            own = [self._cotangents(number, cotangents) for number in range(len(self.templates))]
            found, back = backends.compiled(self._there_and_back)(angles, own)
            matrices = list(map(numbers, self.templates, found))
            for template, slopes in zip(self.templates, back, strict=True):
                if slopes is not None:
                    stop = template.start + template.slots
                    gradient[template.start : stop] = ops.convert_to_numpy(slopes)
        return [matrices[template][index] for template, index in self.place], gradient

    def _there_and_back(self, angles: Tensor, cotangents: list[Tensor]) -> tuple[list, list]:
        """Each template's matrices, and the gradient of its slots, None where it has none."""
        constants = Constants("float64")
        found, kept = zip(*(build(one, angles, constants) for one in self.templates), strict=True)
        back = [
            None if memory is None else build_backward(template, cotangent, memory, constants)
            for template, cotangent, memory in zip(self.templates, cotangents, kept, strict=True)
        ]
        return list(found), back

    def _cotangents(self, template: int, cotangents: list[np.ndarray]) -> object:
        """Those of one template, in the order of its matrices."""
        own = sorted(
            (index, number) for number, (t, index) in enumerate(self.place) if t == template
        )
        stacked = np.stack([cotangents[number] for _, number in own])
        return held_cotangents(self.templates[template], stacked)

    def check(self) -> None:
        """Matrices, and gradients by weights against central differences."""
        generator = np.random.default_rng(1)
        expected = self.expected(WEIGHTS)
        cotangents = [
            generator.normal(size=matrix.shape)
            + (0 if self.real else 1j) * generator.normal(size=matrix.shape)
            for matrix in expected
        ]
        matrices, gradient = self.run(cotangents)
        for found, matrix in zip(matrices, expected, strict=True):
            np.testing.assert_allclose(found, matrix, atol=1e-10)
        direction = generator.normal(size=WEIGHTS.shape)
        np.testing.assert_allclose(
            gradient @ self._slopes(direction), self._difference(direction, cotangents), atol=1e-6
        )

    def _slopes(self, direction: np.ndarray) -> np.ndarray:
        """How the slots change along a direction of the weights; they are linear in them."""
        ends = [
            np.array(evaluate(self.expressions, {"weights": WEIGHTS + sign * direction}))
            for sign in (1, -1)
        ]
        return (ends[0] - ends[1]) / 2

    def _difference(self, direction: np.ndarray, cotangents: list[np.ndarray]) -> float:
        step = 1e-5
        ends = [self.expected(WEIGHTS + sign * step * direction) for sign in (1, -1)]
        return sum(
            float(np.sum(np.real(cotangent.conj() * (plus - minus)))) / (2 * step)
            for cotangent, plus, minus in zip(cotangents, *ends, strict=True)
        )


def rotations(names: str, wires: int = WIRES, start: int = 0) -> list[Factor]:
    """Layers of rotations X, Y, Z, of Hadamards H, and chains of CNOTs C."""
    operations: list[Operation] = []
    for name in names:
        for wire in range(wires):
            if name == "H":
                operations.append(Operation("Hadamard", (wire,)))
            elif name == "C":
                target = ((wire + 1) % wires,)
                operations.append(
                    Operation("PauliX", target, controls=(wire,), control_values=(True,))
                )
            else:
                operations.append(Operation(f"R{name}", (wire,), (reference("weights", start),)))
                start += 1
    return lower(circuit_of(operations, wires))


def only(built: Built) -> Template:
    (template,) = built.templates
    return template


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.sampled_from(ROTATIONS + FIXED), max_size=7), min_size=1, max_size=3),
    st.integers(0, 1000),
)
def test_any_blocks(names: list[list[str]], seed: int) -> None:
    Built([factors_of(own, WIRES, seed + number) for number, own in enumerate(names)]).check()


@pytest.mark.parametrize("names", ["ZYZC", "HZYZCH", "ZYZC" * 3, "HZYZH" * 2, "XHY", "XYXY"])
@pytest.mark.parametrize("count", [1, 3])
def test_blocks_of_layers(names: str, count: int) -> None:
    built = Built([rotations(names, start=6 * number) for number in range(count)])
    assert only(built).count == count
    built.check()


def test_real_blocks() -> None:
    factors = list(real_factors(rotations("YHY", 3)))
    built = Built([factors], wires=3, real=True)
    assert only(built).size == 8
    assert not only(built).has_phases
    built.check()


def test_fewer_rotations_are_angles_of_zero() -> None:
    whole, part = rotations("ZYZ"), rotations("ZYZ", start=6)
    del part[3], part[0]
    built = Built([part, whole])
    assert only(built).count == 2
    assert built.expressions.count(ZERO) == 2
    built.check()


def test_outer_constants_may_differ() -> None:
    built = Built([rotations("HZYZCH"), rotations("ZYZ", start=6), rotations("ZYZH", start=12)])
    template = only(built)
    assert (template.variants, template.count) == (1, 3)
    assert template.after is not None
    assert template.after.shape == (3, 4, 4)
    built.check()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_variants_are_padded(order: list[int]) -> None:
    """Matrices of another permutation, of which there are fewer."""
    blocks = [rotations("ZYZC"), rotations("ZYZC", start=6), rotations("ZYZ", start=12)]
    built = Built([blocks[number] for number in order])
    template = only(built)
    assert (template.variants, template.count) == (2, 2)
    assert template.gradient_rows is not None
    built.check()


def test_constants_differ_between_variants() -> None:
    built = Built([rotations("ZYZHZYZ"), rotations("ZYZCHZYZ")])
    assert only(built).variants * only(built).count == 2
    built.check()


def test_fixed_matrices() -> None:
    built = Built([rotations("HC"), rotations("H"), rotations("HC")])
    assert [template.size for template in built.templates] == [4, 4]
    assert built.expressions == []
    built.check()
