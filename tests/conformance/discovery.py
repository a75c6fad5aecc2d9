"""Every class of PennyLane that a circuit can be written with."""

from __future__ import annotations

import types

import pennylane as qml

Classes = frozenset[type]
BASES: tuple[type, ...] = (qml.operation.Operator, qml.measurements.MeasurementProcess)


def exported() -> Classes:
    """Operators and measurements that a public name reaches, and their subclasses.

    Names are followed through the modules that `import pennylane` loads; `pennylane.labs`,
    whose content is no part of the stable interface, is not among them."""
    found = {*BASES}
    seen: set[types.ModuleType] = set()
    _walk(qml, found, seen)
    _subclasses(found)
    return frozenset(found)


def _walk(module: types.ModuleType, found: set[type], seen: set[types.ModuleType]) -> None:
    seen.add(module)
    for name in dir(module):
        value = None if name.startswith("_") else getattr(module, name, None)
        if isinstance(value, types.ModuleType):
            if _is_public(value.__name__) and value not in seen:
                _walk(value, found, seen)
        elif isinstance(value, type) and issubclass(value, BASES):
            found.add(value)


def _is_public(module: str) -> bool:
    return module.split(".")[0] == "pennylane" and not module.startswith("pennylane.labs")


def _subclasses(found: set[type]) -> None:
    """Add PennyLane's own subclasses of what was found."""
    waiting = [*found]
    while waiting:
        below: list[type] = waiting.pop().__subclasses__()
        for kind in below:
            if kind not in found and _is_public(kind.__module__):
                found.add(kind)
                waiting.append(kind)


def name_of(kind: type) -> str:
    """As a user writes it, without the package: `RX`, `ops.Controlled`."""
    for prefix, space in (("", qml), ("measurements.", qml.measurements), ("ops.", qml.ops)):
        if getattr(space, kind.__name__, None) is kind:
            return prefix + kind.__name__
    return f"{kind.__module__.removeprefix('pennylane.')}.{kind.__name__}"
