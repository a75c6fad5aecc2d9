"""Parameter expressions -> a program of few array operations.

Angles are needed as one array (shared by the batch) and another (per sample). Nearly
all are `a * x + b` of one entry of a tensor: one gather, one product, one sum. What is
not is evaluated level by level, all calls of one function in a level at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qeras.circuit.circuit import Circuit
from qeras.circuit.expressions import (
    Call,
    Constant,
    Expression,
    Reference,
    call,
    constant,
    reference,
    topological,
)

# Rows of the pool: a slice where they follow each other.
Rows = slice | np.ndarray


@dataclass(frozen=True, eq=False)
class Step:
    """One function on many arguments: row i is `function(pool[a[i]], pool[b[i]], ...)`.

    Its result is appended to the pool."""

    function: str
    arguments: tuple[Rows, ...]


@dataclass(frozen=True, eq=False)
class Selection:
    """Numbers read from a pool, `scale * pool[rows] + offset`.

    Attributes:
        rows: of the pool.
        scale, offset: factors and summands, or None for 1 and 0, of shape `shape`.
        pool: how many rows it has.
        shape: (-1,), or (-1, 1) where the pool has a column for each sample.
    """

    rows: Rows
    scale: np.ndarray | None
    offset: np.ndarray | None
    pool: int
    shape: tuple[int, ...]

    @property
    def is_pool(self) -> bool:
        """Whether the numbers are the pool's, in order."""
        whole = isinstance(self.rows, slice) and self.rows.stop - self.rows.start == self.pool
        return whole and self.scale is None and self.offset is None

    @cached_property
    def uses(self) -> np.ndarray:
        """For each row of the pool the numbers read from it, (pool, most of a row); those of
        `rows` without a factor, and for a row of fewer, are -1."""
        rows = np.arange(self.pool)[self.rows]
        scale = np.ones(len(rows)) if self.scale is None else self.scale.reshape(-1)
        used = np.flatnonzero(scale)
        order = used[np.argsort(rows[used], kind="stable")]
        counts = np.bincount(rows[order], minlength=self.pool)
        place = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        found = np.full((self.pool, max(1, counts.max(initial=0))), -1)
        found[rows[order], place] = order
        return found

    @cached_property
    def back(self) -> np.ndarray:
        """The numbers of `uses`, flat, with any in place of -1."""
        return np.maximum(self.uses, 0).reshape(-1).astype("int32")

    @cached_property
    def back_scale(self) -> np.ndarray | None:
        """Their factors, 0 in place of -1; None for 1."""
        scale = np.ones(1) if self.scale is None else self.scale.reshape(-1)
        factors = np.where(self.uses < 0, 0.0, scale[np.minimum(self.uses, len(scale) - 1)])
        return None if (factors == 1).all() else factors.reshape(self.shape)


@dataclass(frozen=True, eq=False)
class Program:
    """Values appended step by step to a pool, and roots read from it.

    The pool begins with the entries of the program's tensors, then `constants`.

    Attributes:
        tensors: the entries of the pool's start, in order: (name, flat indices or None
            for all of them).
        constants: numbers; a column in the per-sample program.
        steps: calls.
        roots: how angles, entries, coefficients and, of weights, the values for the per-sample
            program are read; None where nothing is requested.
    """

    tensors: tuple[tuple[str, np.ndarray | None], ...]
    constants: np.ndarray
    steps: tuple[Step, ...]
    roots: tuple[Selection | None, ...]

    @property
    def angles(self) -> Selection | None:
        return self.roots[0]

    @property
    def entries(self) -> Selection | None:
        return self.roots[1]

    @property
    def coefficients(self) -> Selection | None:
        return self.roots[2]

    @property
    def values(self) -> Selection | None:
        return self.roots[3]


@dataclass(frozen=True, eq=False)
class ParameterProgram:
    """`shared` makes (angles, entries, coefficients, values for `per_sample`) from the
    weights; `per_sample` makes (angles, entries, coefficients) from the inputs and those
    values. Some of the entries are then exponentiated."""

    shared: Program
    per_sample: Program
    shared_exponents: Exponents | None
    per_sample_exponents: Exponents | None


@dataclass(frozen=True, eq=False)
class Exponents:
    """Which entries are those of Hermitian matrices G, in whose place those of exp(iG) go.

    Attributes:
        rows: for each size of matrix the slots of its matrices, (matrices, 2, size, size),
            real and imaginary parts.
        order: for each slot its place among all entries, then the exponentials' entries.
    """

    rows: tuple[np.ndarray, ...]
    order: np.ndarray


def exponents_of(slots: int, starts: Sequence[tuple[int, int]]) -> Exponents | None:
    """The exponents among so many slots, from each one's (first slot, size)."""
    if not starts:
        return None
    order, behind = np.arange(slots), slots
    rows = []
    for size in sorted({size for _, size in starts}):
        count = 2 * size**2
        firsts = np.array([start for start, its in starts if its == size])
        own = firsts[:, None] + np.arange(count)
        order[own] = behind + np.arange(own.size).reshape(own.shape)
        behind += own.size
        rows.append(own.reshape(-1, 2, size, size))
    return Exponents(tuple(rows), order)


# The name under which a shared value enters the per-sample program.
SHARED_VALUES = "shared values"


@dataclass(frozen=True)
class Requests:
    """Expressions whose values are needed: angles and entries of moves, coefficients of
    observables; and which of the entries are exponents, by (first slot, size)."""

    angles: Sequence[Expression]
    entries: Sequence[Expression]
    coefficients: Sequence[Expression]
    exponents: Sequence[tuple[int, int]] = ()

    def lists(self) -> list[Sequence[Expression]]:
        return [self.angles, self.entries, self.coefficients]


def compile_parameters(
    circuit: Circuit, shared: Requests, per_sample: Requests
) -> ParameterProgram:
    """The programs for what is shared by the batch and what each sample has."""
    bridge = _Bridge(circuit.input_name)
    inside = [[bridge.inside(root) for root in roots] for roots in per_sample.lists()]
    sizes = {name: int(np.prod(shape)) for name, shape in circuit.weight_shapes.items()}
    sample_sizes = {circuit.input_name: circuit.features, SHARED_VALUES: len(bridge.values)}
    return ParameterProgram(
        _compile([*shared.lists(), bridge.values], sizes, (-1,)),
        _compile(inside, sample_sizes, (-1, 1)),
        exponents_of(len(shared.entries), shared.exponents),
        exponents_of(len(per_sample.entries), per_sample.exponents),
    )


class _Bridge:
    """Rewrites per-sample expressions: what does not depend on inputs becomes a value."""

    def __init__(self, input_name: str):
        self.input_name = input_name
        self.values: list[Expression] = []
        self._place: dict[Expression, Expression] = {}
        self._rewritten: dict[Expression, Expression | None] = {}

    def inside(self, root: Expression) -> Expression:
        for node in topological([root]):
            if node not in self._rewritten:
                self._rewritten[node] = self._rewrite(node)
        return self._of(root)

    def _rewrite(self, node: Expression) -> Expression | None:
        """The node for the per-sample program; None if it does not depend on inputs."""
        if isinstance(node, Reference):
            return node if node.source == self.input_name else None
        if isinstance(node, Call) and any(self._rewritten[a] for a in node.arguments):
            return call(node.function, *map(self._of, node.arguments))
        return None

    def _of(self, node: Expression) -> Expression:
        inside = self._rewritten[node]
        if inside is not None:
            return inside
        if isinstance(node, Constant):
            return node
        if node not in self._place:
            self._place[node] = reference(SHARED_VALUES, len(self.values))
            self.values.append(node)
        return self._place[node]


def affine(root: Expression) -> tuple[Expression, float, float]:
    """(base, scale, offset) of `root = scale * base + offset`, base not such a form."""
    base, scale, offset = root, 1.0, 0.0
    while isinstance(base, Call):
        step = _affine_step(base)
        if step is None:
            break
        base, inner_scale, inner_offset = step
        scale, offset = scale * inner_scale, scale * inner_offset + offset
    if isinstance(base, Constant):
        return constant(1.0), 0.0, scale * base.value + offset
    return base, scale, offset


def _affine_step(node: Call) -> tuple[Expression, float, float] | None:
    """`node` as scale * argument + offset, where one argument is a constant."""
    if node.function == "negative":
        return node.arguments[0], -1.0, 0.0
    if node.function not in ("add", "subtract", "multiply", "divide"):
        return None
    left, right = node.arguments
    if isinstance(right, Constant):
        value = right.value
        return {
            "add": lambda: (left, 1.0, value),
            "subtract": lambda: (left, 1.0, -value),
            "multiply": lambda: (left, value, 0.0),
            "divide": lambda: (left, 1.0 / value, 0.0) if value else None,
        }[node.function]()
    if isinstance(left, Constant) and node.function != "divide":
        value = left.value
        return {
            "add": (right, 1.0, value),
            "subtract": (right, -1.0, value),
            "multiply": (right, value, 0.0),
        }[node.function]
    return None


def _compile(
    requests: Sequence[Sequence[Expression]], sizes: Mapping[str, int], shape: tuple[int, ...]
) -> Program:
    forms = [[affine(root) for root in roots] for roots in requests]
    bases = [base for form in forms for base, _, _ in form]
    # A constant is zero times another number and an offset, so that the pool needs none.
    others = [base for base in bases if not isinstance(base, Constant)]
    pool = _Pool(others or bases, sizes)
    roots = tuple(_selection(form, pool, shape) if form else None for form in forms)
    return Program(pool.tensors, np.array(pool.constants).reshape(shape), pool.steps, roots)


def _selection(
    form: Sequence[tuple[Expression, float, float]], pool: _Pool, shape: tuple[int, ...]
) -> Selection:
    """Of affine forms (base, scale, offset)."""
    scale = np.array([s for _, s, _ in form]).reshape(shape)
    offset = np.array([o for _, _, o in form]).reshape(shape)
    return Selection(
        _rows([pool.row.get(base, pool.used) for base, _, _ in form]),
        None if (scale == 1).all() else scale,
        None if (offset == 0).all() else offset,
        len(pool.row),
        shape,
    )


def _rows(numbers: list[int]) -> Rows:
    first, stop = numbers[0], numbers[0] + len(numbers)
    return slice(first, stop) if numbers == list(range(first, stop)) else np.array(numbers)


class _Pool:
    """Gives every node a row: tensors, then constants, then calls level by level."""

    def __init__(self, roots: Sequence[Expression], sizes: Mapping[str, int]):
        nodes = list(topological(roots))
        self.row: dict[Expression, int] = {}
        self.tensors = self._place_references(nodes, sizes)
        self.constants = [node.value for node in nodes if isinstance(node, Constant)]
        for node in nodes:
            if isinstance(node, Constant):
                self.row[node] = len(self.row)
        self.steps = tuple(self._steps(nodes))
        self.used = self.row[roots[0]] if roots else 0  # any row that is read

    def _place_references(
        self, nodes: Sequence[Expression], sizes: Mapping[str, int]
    ) -> tuple[tuple[str, np.ndarray | None], ...]:
        used: dict[str, list[int]] = {}
        for node in nodes:
            if isinstance(node, Reference):
                used.setdefault(node.source, []).append(node.index)
        tensors: list[tuple[str, np.ndarray | None]] = []
        for name, indices in used.items():
            # Roots gather anyway, so most of a tensor is as good as all of it.
            whole = 2 * len(indices) >= sizes[name]
            ordered = range(sizes[name]) if whole else sorted(indices)
            for index in ordered:
                self.row[reference(name, index)] = len(self.row)
            tensors.append((name, None if whole else np.array(ordered)))
        return tuple(tensors)

    def _steps(self, nodes: Sequence[Expression]) -> Iterable[Step]:
        level: dict[Expression, int] = {}
        members: dict[tuple[int, str], list[Call]] = {}
        for node in nodes:
            if isinstance(node, Call):
                level[node] = 1 + max(level.get(argument, 0) for argument in node.arguments)
                members.setdefault((level[node], node.function), []).append(node)
        for (_, function), calls in sorted(members.items(), key=lambda item: item[0]):
            columns = zip(*(call.arguments for call in calls), strict=True)
            rows = tuple(_rows([self.row[node] for node in column]) for column in columns)
            yield Step(function, rows)
            for node in calls:
                self.row[node] = len(self.row)
