"""Random circuits with every gate, function and measurement, and values to run them on.

A seed always gives the same circuit. Functions are called well inside their domains and
away from their kinks, so that results and gradients can be compared in any precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qeras.circuit.circuit import (
    Circuit,
    HermitianTerm,
    Measurement,
    Observable,
    Operation,
    PauliTerm,
    Term,
    Wire,
)
from qeras.circuit.expressions import Expression, call, constant, reference
from qeras.circuit.gates import GATES

LABELS: tuple[Wire, ...] = (0, 1, 2, 3, "a", "b", 6, 7)
WEIGHT_SHAPES = ((), (3,), (2, 2), (1, 2, 1))
# The most target wires of a gate whose size is free, by its name.
FREE_SIZES = {
    "MultiRZ": 8,
    "PauliRot": 4,
    "QubitUnitary": 3,
    "DiagonalQubitUnitary": 3,
    "Evolution": 2,
}
Matrix = tuple[tuple[complex, ...], ...]


def random_circuit(
    seed: int,
    wires: int | None = None,
    operations: int | None = None,
    gates: Sequence[str] = tuple(sorted(set(GATES) - {"StatePrep"})),
) -> Circuit:
    """A circuit of all kinds of operation, parameter and measurement.

    Args:
        seed: equal seeds give equal circuits.
        wires: how many, at most 8; by default 1 to 6.
        operations: how many gates follow the state preparation; by default 1 to 12.
        gates: names to choose from.
    """
    return Maker.start(np.random.default_rng(seed), wires).circuit(operations, gates)


def random_values(
    circuit: Circuit, seed: int, batch: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs (batch, features) and weights for a circuit, between -2 and 2.

    They are float64, and exact in float32, so that one set serves both precisions."""
    generator = np.random.default_rng(seed)

    def uniform(shape: tuple[int, ...]) -> np.ndarray:
        return generator.uniform(-2, 2, shape).astype("float32").astype("float64")

    weights = {name: uniform(shape) for name, shape in circuit.weight_shapes.items()}
    return uniform((batch, circuit.features)), weights


def random_unitary(generator: np.random.Generator, size: int) -> np.ndarray:
    """A complex unitary of `size` rows."""
    return np.linalg.qr(random_complex(generator, (size, size)))[0]


def random_hermitian(generator: np.random.Generator, size: int) -> np.ndarray:
    """A Hermitian matrix with entries of order one."""
    matrix = random_complex(generator, (size, size))
    return (matrix + matrix.conj().T) / 2


def random_complex(generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Normally distributed complex numbers."""
    return generator.normal(size=shape) + 1j * generator.normal(size=shape)


def as_tuples(matrix: np.ndarray) -> Matrix:
    """A matrix as a circuit holds it."""
    return tuple(map(tuple, matrix.tolist()))


# ---------------------------------------------------------------------- expressions


def sine(x: Expression) -> Expression:
    """sin(x): anything brought between -1 and 1."""
    return call("sin", x)


def above(x: Expression, low: float) -> Expression:
    """low + 1 + sin(x): anything brought between `low` and `low` + 2."""
    return call("add", constant(low + 1.0), sine(x))


def _scaled(x: Expression, factor: float) -> Expression:
    return call("multiply", constant(factor), sine(x))


# Each function of the allow-list on arguments inside its domain.
SAFE_CALLS: dict[str, Callable[..., Expression]] = {
    "add": lambda x, y: call("add", x, y),
    "subtract": lambda x, y: call("subtract", x, y),
    "multiply": lambda x, y: call("multiply", x, y),
    "divide": lambda x, y: call("divide", x, above(y, 0.7)),
    "power": lambda x, y: call("power", above(x, 0.5), sine(y)),
    "mod": lambda x, y: call("mod", x, above(y, 1.0)),
    "arctan2": lambda x, y: call("arctan2", x, above(y, 0.5)),
    "minimum": lambda x, y: call("minimum", x, sine(y)),
    "maximum": lambda x, y: call("maximum", x, sine(y)),
    "negative": lambda x: call("negative", x),
    "absolute": lambda x: call("absolute", x),
    "sign": lambda x: call("sign", x),
    "square": lambda x: call("square", sine(x)),
    "sqrt": lambda x: call("sqrt", above(x, 0.5)),
    "exp": lambda x: call("exp", sine(x)),
    "log": lambda x: call("log", above(x, 0.5)),
    "sin": lambda x: call("sin", x),
    "cos": lambda x: call("cos", x),
    "tan": lambda x: call("tan", sine(x)),
    "arcsin": lambda x: call("arcsin", _scaled(x, 0.8)),
    "arccos": lambda x: call("arccos", _scaled(x, 0.8)),
    "arctan": lambda x: call("arctan", x),
    "sinh": lambda x: call("sinh", sine(x)),
    "cosh": lambda x: call("cosh", sine(x)),
    "tanh": lambda x: call("tanh", x),
    "arcsinh": lambda x: call("arcsinh", x),
    "arccosh": lambda x: call("arccosh", above(x, 1.5)),
    "arctanh": lambda x: call("arctanh", _scaled(x, 0.8)),
    "floor": lambda x: call("floor", _scaled(x, 3.0)),
    "ceil": lambda x: call("ceil", _scaled(x, 3.0)),
    "round": lambda x: call("round", _scaled(x, 3.0)),
    "erf": lambda x: call("erf", x),
    "sigmoid": lambda x: call("sigmoid", x),
    "relu": lambda x: call("relu", x),
    "greater": lambda x, y: call("greater", x, sine(y)),
    "greater_equal": lambda x, y: call("greater_equal", x, sine(y)),
    "less": lambda x, y: call("less", x, sine(y)),
    "less_equal": lambda x, y: call("less_equal", x, sine(y)),
    "equal": lambda x, y: call("equal", x, sine(y)),
    "not_equal": lambda x, y: call("not_equal", x, sine(y)),
    "where": lambda x, y, z: call("where", call("greater", x, sine(y)), z, sine(x)),
}
ARGUMENTS = {name: rule.__code__.co_argcount for name, rule in SAFE_CALLS.items()}


class Parameters:
    """Makes expressions of a circuit's inputs and weights.

    Args:
        generator: of random numbers.
        sources: number of entries of each tensor, by name.
    """

    def __init__(self, generator: np.random.Generator, sources: dict[str, int]):
        self.generator = generator
        self.references = [
            reference(name, index) for name, size in sources.items() for index in range(size)
        ]

    def leaf(self) -> Expression:
        """An entry of a tensor."""
        return self.references[self.generator.integers(len(self.references))]

    def angle(self) -> Expression:
        """A constant, an entry, or a function of one or several."""
        kind = self.generator.choice(["constant", "entry", "affine", "function", "nested"])
        if kind == "constant":
            return constant(self.generator.uniform(-np.pi, np.pi))
        if kind == "entry":
            return self.leaf()
        if kind == "affine":
            factor, offset = self.generator.uniform(-2, 2, 2)
            scaled = call("multiply", constant(factor), self.leaf())
            return call("subtract", constant(offset), scaled)
        inner = self.leaf if kind == "function" else self.function
        return self.function(inner)

    def function(self, inner: Callable[[], Expression] | None = None) -> Expression:
        """A random function of random arguments."""
        name = str(self.generator.choice(sorted(SAFE_CALLS)))
        make = inner or self.leaf
        return SAFE_CALLS[name](*(make() for _ in range(ARGUMENTS[name])))

    def numbers(self, count: int) -> list[Expression]:
        """`count` entries of tensors, all different if there are enough."""
        chosen = self.generator.choice(
            len(self.references), count, replace=count > len(self.references)
        )
        return [self.references[index] for index in chosen]


def constants(values: np.ndarray) -> tuple[Expression, ...]:
    """A complex array as parameters of a data gate."""
    flat = np.asarray(values, dtype=complex).reshape(-1)
    return tuple(constant(value) for value in (*flat.real, *flat.imag))


def symbolic_unitary(theta: Expression, phi: Expression) -> tuple[Expression, ...]:
    """[[cos t, -exp(i p) sin t], [exp(-i p) sin t, cos t]] as parameters."""
    cos, sin = call("cos", theta), call("sin", theta)
    across = call("multiply", sin, call("cos", phi))
    along = call("multiply", sin, call("sin", phi))
    minus_across, minus_along = call("negative", across), call("negative", along)
    zero = constant(0.0)
    return (cos, minus_across, across, cos, zero, minus_along, minus_along, zero)


def symbolic_diagonal(angles: Sequence[Expression]) -> tuple[Expression, ...]:
    """exp(i angle) of each angle as parameters."""
    return (*(call("cos", a) for a in angles), *(call("sin", a) for a in angles))


def normalised(numbers: Sequence[Expression]) -> tuple[Expression, ...]:
    """A real state, each number over the norm of all, as parameters."""
    squares = [call("square", number) for number in numbers]
    total = squares[0]
    for square in squares[1:]:
        total = call("add", total, square)
    norm = call("sqrt", total)
    return (
        *(call("divide", number, norm) for number in numbers),
        *(constant(0.0) for _ in numbers),
    )


# ---------------------------------------------------------------------- circuits


def _labels(generator: np.random.Generator, wires: Sequence[Wire], count: int) -> tuple[Wire, ...]:
    """`count` of the wires in any order."""
    chosen = generator.permutation(len(wires))[:count]
    return tuple(wires[index] for index in chosen)


class Maker:
    """Makes parts of a circuit: operations, measurements, observables.

    Args:
        generator: of random numbers.
        wires, features, weight_shapes: of the circuit, whose inputs are named "inputs".
    """

    def __init__(
        self,
        generator: np.random.Generator,
        wires: tuple[Wire, ...],
        features: int,
        weight_shapes: Mapping[str, tuple[int, ...]],
    ):
        self.generator = generator
        self.wires = wires
        self.features = features
        self.weight_shapes = weight_shapes
        sizes = {name: int(np.prod(shape)) for name, shape in weight_shapes.items()}
        self.parameters = Parameters(generator, {"inputs": features, **sizes})

    @classmethod
    def start(cls, generator: np.random.Generator, wires: int | None) -> Maker:
        """For a new circuit, of `wires` wires or 1 to 6."""
        count = wires or int(generator.integers(1, 7))
        labels = _labels(generator, LABELS[:count], count)
        features = int(generator.integers(1, 5))
        shapes = generator.permutation(len(WEIGHT_SHAPES))[: generator.integers(1, 4)]
        weights = {f"weight_{i}": WEIGHT_SHAPES[i] for i in map(int, shapes)}
        return cls(generator, labels, features, weights)

    @classmethod
    def of(cls, circuit: Circuit, seed: int) -> Maker:
        """For parts of a `random_circuit`."""
        generator = np.random.default_rng(seed)
        return cls(generator, circuit.wires, circuit.features, circuit.weight_shapes)

    def circuit(self, operations: int | None, gates: Sequence[str]) -> Circuit:
        count = int(self.generator.integers(1, 13)) if operations is None else operations
        prepared = self._preparations()
        fitting = [name for name in gates if self._fits(name)]
        names = self.generator.choice(fitting, count)
        measurements = [self._measurement() for _ in range(self.generator.integers(1, 4))]
        return Circuit(
            name="random",
            wires=self.wires,
            features=self.features,
            input_name="inputs",
            weight_shapes=self.weight_shapes,
            operations=(*prepared, *(self.operation(str(name)) for name in names)),
            measurements=tuple(measurements),
            single=len(measurements) == 1,
        )

    def _labels(self, wires: Sequence[Wire], count: int) -> tuple[Wire, ...]:
        return _labels(self.generator, wires, count)

    def some(self, most: int) -> tuple[Wire, ...]:
        """One wire to `most`, in any order."""
        count = int(self.generator.integers(1, min(most, len(self.wires)) + 1))
        return self._labels(self.wires, count)

    # ------------------------------------------------------------------ operations

    def _fits(self, name: str) -> bool:
        return (GATES[name].num_wires or 0) <= len(self.wires)

    def operation(self, name: str) -> Operation:
        size = GATES[name].num_wires
        wires = self.some(FREE_SIZES[name]) if size is None else self._labels(self.wires, size)
        word = "".join(self.generator.choice(list("IXYZ"), len(wires)))
        controls, values = self._controls(wires)
        return Operation(
            name,
            wires,
            self._parameters(name, len(wires)),
            controls,
            values,
            word if name == "PauliRot" else "",
        )

    def _controls(self, wires: tuple[Wire, ...]) -> tuple[tuple[Wire, ...], tuple[bool, ...]]:
        free = [wire for wire in self.wires if wire not in wires]
        if self.generator.random() < 0.6 or not free:
            return (), ()
        controls = self._labels(free, int(self.generator.integers(1, min(3, len(free)) + 1)))
        values = self.generator.integers(2, size=len(controls))
        return controls, tuple(map(bool, values))

    def _parameters(self, name: str, wires: int) -> tuple[Expression, ...]:
        symbolic = self.generator.random() < 0.5
        if name == "QubitUnitary":
            if symbolic and wires == 1:
                return symbolic_unitary(self.parameters.angle(), self.parameters.angle())
            return constants(random_unitary(self.generator, 2**wires))
        if name == "DiagonalQubitUnitary":
            if symbolic:
                return symbolic_diagonal([self.parameters.angle() for _ in range(2**wires)])
            return constants(np.exp(1j * self.generator.uniform(-3, 3, 2**wires)))
        if name == "Evolution":
            generator = random_hermitian(self.generator, 2**wires)
            return (self.parameters.angle(), *constants(generator))
        return tuple(self.parameters.angle() for _ in range(GATES[name].num_parameters or 0))

    def _preparations(self) -> list[Operation]:
        """Up to two start vectors on different wires."""
        chosen = self.generator.random()
        if chosen > 0.35:
            return []
        wires = self.some(3)
        prepared = [self._preparation(wires)]
        rest = [wire for wire in self.wires if wire not in wires]
        if chosen < 0.1 and rest:
            prepared.append(self._preparation(tuple(rest[:1])))
        return prepared

    def _preparation(self, wires: tuple[Wire, ...]) -> Operation:
        size = 2 ** len(wires)
        if self.generator.random() < 0.4:
            vector = random_complex(self.generator, (size,))
            return Operation("StatePrep", wires, constants(vector / np.linalg.norm(vector)))
        # One entry of norm one at least keeps the sum away from zero.
        numbers = [call("exp", sine(self.parameters.leaf())), *self.parameters.numbers(size - 1)]
        return Operation("StatePrep", wires, normalised(numbers))

    # ------------------------------------------------------------------ measurements

    def _measurement(self) -> Measurement:
        kinds: dict[str, Callable[[], Measurement]] = {
            "expval": lambda: Measurement("expval", observable=self.observable(True)),
            "var": lambda: Measurement("var", observable=self.observable(False)),
            "probs": self.probabilities,
            "state": lambda: Measurement("state", wires=self.wires),
            "density_matrix": lambda: Measurement("density_matrix", wires=self.some(3)),
            "purity": lambda: Measurement("purity", wires=self.some(3)),
            "vn_entropy": lambda: Measurement(
                "vn_entropy", wires=self.some(3), log_base=self._log_base()
            ),
            "mutual_info": self._mutual_information,
        }
        weights = np.array([4, 3, 3, 1, 1, 1, 1, 1])
        kind = self.generator.choice(list(kinds), p=weights / weights.sum())
        return kinds[str(kind)]()

    def _log_base(self) -> float | None:
        return 2.0 if self.generator.random() < 0.5 else None

    def probabilities(self) -> Measurement:
        """`probs` of some wires, now and then in another basis."""
        wires = self.some(8)
        if self.generator.random() < 0.3:
            wires = wires[:2]
            basis = as_tuples(random_unitary(self.generator, 2 ** len(wires)))
            return Measurement("probs", wires=wires, basis=basis)
        return Measurement("probs", wires=wires)

    def _mutual_information(self) -> Measurement:
        if len(self.wires) == 1:
            return Measurement("purity", wires=self.wires)
        wires = self._labels(self.wires, min(len(self.wires), 4))
        cut = int(self.generator.integers(1, len(wires)))
        return Measurement(
            "mutual_info", wires=wires[:cut], other_wires=wires[cut:], log_base=self._log_base()
        )

    def observable(self, matrices_may_have_symbols: bool) -> Observable:
        """A word, a sum of words, or words and a matrix, with coefficients of order one."""
        words = int(self.generator.integers(1, 4))
        with_matrix = self.generator.random() < 0.3
        symbolic = self.generator.random() < 0.4
        if with_matrix and not matrices_may_have_symbols:
            symbolic = False
        terms: list[Term] = [self.word(symbolic) for _ in range(words)]
        if with_matrix:
            terms.append(self.matrix(symbolic))
        return tuple(terms)

    def matrix(self, symbolic: bool) -> HermitianTerm:
        """A Hermitian matrix on one wire or two."""
        wires = self.some(2)
        matrix = as_tuples(random_hermitian(self.generator, 2 ** len(wires)))
        return HermitianTerm(self._coefficient(symbolic), wires, matrix)

    def word(self, symbolic: bool) -> PauliTerm:
        """A Pauli word on up to four wires, or on none."""
        count = int(self.generator.integers(0, min(4, len(self.wires)) + 1))
        wires = self._labels(self.wires, count)
        letters = self.generator.choice(list("XYZ"), len(wires))
        factors = tuple((wire, str(letter)) for wire, letter in zip(wires, letters, strict=True))
        return PauliTerm(self._coefficient(symbolic), factors)

    def _coefficient(self, symbolic: bool) -> Expression:
        if symbolic:
            return sine(self.parameters.angle())
        return constant(self.generator.uniform(-1, 1))
