"""What every circuit keeps to: names, wires, references, sizes.

Checked before a circuit is written and when one is read, so that what is written can be
read. All of it is arithmetic on the description; no array of the described size is made.
"""

from __future__ import annotations

import keyword
import math
from collections.abc import Iterable, Mapping, Sequence

from qeras.circuit.channels import is_channel
from qeras.circuit.circuit import (
    MEASUREMENT_KINDS,
    SAMPLED_KINDS,
    Circuit,
    Measurement,
    PauliTerm,
    Wire,
)
from qeras.circuit.expressions import Call, Constant, Expression, Reference, topological
from qeras.circuit.fields import LARGEST, unexpected
from qeras.circuit.operation_checks import WITH_WORD, validate

MAX_NAME = 256  # characters of a name or a label
MAX_WIRES = 256
MAX_ENTRIES = 2**28  # of the inputs, and of all weights together
MAX_SHOTS = 2**24  # numbers up to it are exact in float32
MAX_DEPTH = 10_000  # calls inside calls; each level is a step of the engine's program


def check(circuit: Circuit) -> None:
    """Check a circuit as a whole.

    Raises:
        ValueError: with the place of what does not fit, what was expected and received.
    """
    _check_names(circuit)
    _check_sizes(circuit)
    _check_labels(circuit.wires, "wires", MAX_WIRES)
    _check_labels(circuit.keys, "keys", len(circuit.measurements))
    _check_expressions(circuit)
    _check_operations(circuit)
    if not circuit.measurements:
        raise unexpected("at least one measurement", circuit.measurements)
    count = len(circuit.measurements)
    if circuit.single and (count != 1 or circuit.keys):
        raise unexpected("one measurement without keys where one is returned", f"{count} of them")
    if circuit.keys and len(circuit.keys) != count:
        raise unexpected(f"{count} keys, one a measurement", circuit.keys)
    _check_shots(circuit)
    for number, item in enumerate(circuit.measurements):
        _check_measurement(item, circuit.wires, f"measurements[{number}]")


def name(value: str, where: str) -> str:
    """A Python identifier: it stands for an argument and names a weight in a file.

    Raises:
        ValueError: for any other text.
    """
    if not value.isidentifier() or keyword.iskeyword(value) or len(value) > MAX_NAME:
        raise unexpected(
            f"{where} to be a Python identifier of at most {MAX_NAME} characters", value
        )
    return value


def _check_names(circuit: Circuit) -> None:
    if circuit.name != "<lambda>":
        name(circuit.name, "name")
    name(circuit.input_name, "the name of the inputs")
    for weight in circuit.weight_shapes:
        name(weight, "the name of a weight")
    if circuit.input_name in circuit.weight_shapes:
        raise unexpected("a name of the inputs that no weight has", circuit.input_name)


def _check_sizes(circuit: Circuit) -> None:
    if not 1 <= circuit.features <= MAX_ENTRIES:
        raise unexpected(f"features from 1 to {MAX_ENTRIES}", circuit.features)
    total = sum(math.prod(shape) for shape in circuit.weight_shapes.values())
    if total > MAX_ENTRIES:
        raise unexpected(f"weights of at most {MAX_ENTRIES} entries in all", f"{total} entries")


def _check_labels(labels: Sequence[Wire], what: str, most: int) -> None:
    if len(labels) > most:
        raise unexpected(f"at most {most} {what}", f"{len(labels)} {what}")
    for label in labels:
        if isinstance(label, str):
            valid = label.isprintable() and len(label) <= MAX_NAME
        else:
            valid = abs(label) <= LARGEST
        if not valid:
            raise unexpected(
                f"{what} labelled by whole numbers or by printable text of at most "
                f"{MAX_NAME} characters",
                label,
            )
    if len(set(labels)) != len(labels):
        raise unexpected(f"{what} that differ", list(labels))


def _check_expressions(circuit: Circuit) -> None:
    sizes = {key: math.prod(shape) for key, shape in circuit.weight_shapes.items()}
    sizes[circuit.input_name] = circuit.features
    depths: dict[Expression, int] = {}
    for node in topological(circuit.expressions()):
        depths[node] = checked_depth(node, sizes, depths)


def checked_depth(
    node: Expression, sizes: Mapping[str, int], depths: Mapping[Expression, int]
) -> int:
    """How many calls an expression is deep, where its arguments' depths are known.

    Raises:
        ValueError: for more than `MAX_DEPTH`, a constant that is not finite, and an entry
            that no input or weight has.
    """
    if isinstance(node, Constant):
        if not math.isfinite(node.value):
            raise unexpected("constants that are finite numbers", node.value)
        return 0
    if isinstance(node, Reference):
        size = sizes.get(node.source)
        if size is None:
            raise unexpected(f"references to {sorted(sizes)}", node.source)
        if not 0 <= node.index < size:
            raise unexpected(f"an entry of {node.source!r} from 0 to {size - 1}", node.index)
        return 0
    assert isinstance(node, Call)
    depth = 1 + max(depths[argument] for argument in node.arguments)
    if depth > MAX_DEPTH:
        raise unexpected(f"expressions of at most {MAX_DEPTH} calls inside each other", depth)
    return depth


def _check_operations(circuit: Circuit) -> None:
    for number, operation in enumerate(circuit.operations):
        touched = (*operation.wires, *operation.controls)
        _check_wires(touched, circuit.wires, f"operations[{number}]")
        try:
            validate(operation)
        except ValueError as error:
            raise ValueError(f"operations[{number}]: {error}.") from None
        if operation.pauli_word and operation.gate not in WITH_WORD:
            raise unexpected(f"operations[{number}] without a word", operation.pauli_word)


def _check_wires(wires: Sequence[Wire], known: Sequence[Wire], where: str) -> None:
    for wire in wires:
        if wire not in known:
            raise unexpected(f"{where} to be on wires of the circuit, {list(known)}", wire)
    if len(set(wires)) != len(wires):
        raise unexpected(f"{where} to be on wires that differ", list(wires))


def _check_shots(circuit: Circuit) -> None:
    for number in circuit.shots:
        if not 1 <= number <= MAX_SHOTS:
            raise unexpected(f"numbers of shots from 1 to {MAX_SHOTS}", number)
    if len(circuit.shots) > 1 and (circuit.single or circuit.keys):
        raise unexpected("several numbers of shots where a list is returned", circuit.shots)
    noisy = any(map(is_channel, circuit.operations))
    if noisy and circuit.postselects:
        raise unexpected("channels without projectors", "both")
    for item in circuit.measurements:
        if noisy and item.kind == "state":
            raise unexpected("with channels a density_matrix instead of a state", item.kind)
        if circuit.shots and item.kind not in SAMPLED_KINDS:
            raise unexpected(f"with shots one of the measurements {SAMPLED_KINDS}", item.kind)
        is_discrete = item.kind in ("sample", "counts")
        if is_discrete and not circuit.shots:
            raise unexpected(f"a number of shots with {item.kind}", list(circuit.shots))
        if circuit.shots and item.kind != "expval" and len(item.observable) > 1:
            raise unexpected(f"one term in the observable of {item.kind}", len(item.observable))
        if is_discrete and not all(
            isinstance(term.coefficient, Constant) for term in item.observable
        ):
            raise unexpected(f"constant eigenvalues in {item.kind}", item.observable)


def _check_measurement(item: Measurement, wires: Sequence[Wire], where: str) -> None:
    if item.kind not in MEASUREMENT_KINDS:
        raise ValueError(
            f"Expected {where} out of {MEASUREMENT_KINDS}. Received: kind={item.kind!r}."
        )
    _check_wires((*item.wires, *item.other_wires), wires, where)
    of_observable = item.kind in ("expval", "var") or bool(
        item.kind in ("sample", "counts") and item.observable
    )
    allowed = {
        "an observable": (of_observable, item.observable),
        "wires": (not of_observable, item.wires),
        "other wires": (item.kind == "mutual_info", item.other_wires),
    }
    for what, (has, value) in allowed.items():
        if has != bool(value):
            raise unexpected(
                f"{where}, {item.kind}, {'with' if has else 'without'} {what}", list(value)
            )
    if item.basis and item.kind != "probs":
        raise unexpected(f"{where}, {item.kind}, without a basis", "one")
    if item.basis:
        _check_matrix(item.basis, len(item.wires), f"{where}.basis")
    _check_log_base(item, where)
    for number, term in enumerate(item.observable):
        place = f"{where}.observable[{number}]"
        if isinstance(term, PauliTerm):
            _check_wires([wire for wire, _ in term.factors], wires, place)
            _check_letters((letter for _, letter in term.factors), place)
        else:
            _check_wires(term.wires, wires, place)
            _check_matrix(term.matrix, len(term.wires), f"{place}.matrix")


def _check_letters(letters: Iterable[str], where: str) -> None:
    for letter in letters:
        if letter not in ("X", "Y", "Z"):
            raise unexpected(f"{where} of the letters X, Y and Z", letter)


def _check_log_base(item: Measurement, where: str) -> None:
    base = item.log_base
    if base is None:
        return
    if item.kind not in ("vn_entropy", "mutual_info"):
        raise unexpected(f"{where}, {item.kind}, without a base of the logarithm", base)
    if not (math.isfinite(base) and base > 0 and base != 1):
        raise unexpected(f"{where} with a positive base of the logarithm other than 1", base)


def _check_matrix(matrix: Sequence[Sequence[complex]], wires: int, where: str) -> None:
    side = 2**wires
    if len(matrix) != side or any(len(row) != side for row in matrix):
        widths = sorted({len(row) for row in matrix})
        raise unexpected(
            f"{where} to have {side} rows and columns for {wires} wires",
            f"{len(matrix)} rows of {widths}",
        )
    for row in matrix:
        for value in row:
            if not (math.isfinite(complex(value).real) and math.isfinite(complex(value).imag)):
                raise unexpected(f"{where} to be finite numbers", value)
