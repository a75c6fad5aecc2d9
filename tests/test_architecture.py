"""The rules of the layout: who imports whom, and what there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "qeras"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each outsider enters by its own door.
DOORS = {
    "pennylane": re.compile(r"qeras/(capture|host)/\w+\.py"),
    "autoray": re.compile(r"qeras/capture/\w+\.py"),
    "jax": re.compile(r"qeras/\w+/jax_backend\.py"),
    "tensorflow": re.compile(r"qeras/\w+/tensorflow_backend\.py"),
    "torch": re.compile(r"qeras/\w+/torch_\w+\.py"),
}
# The circuit is plain data, so passes and plans are checked without a backend.
PLAIN = ("circuit", "passes", "plan")


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield str(node.module)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def package_of(path: Path) -> str:
    """The folder of a stage; a file beside the folders stands for itself."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else path.stem


def graph() -> dict[str, set[str]]:
    """Which packages of qeras each one imports."""
    edges: dict[str, set[str]] = {package_of(path): set() for path in MODULES}
    for path in MODULES:
        for name in imports(path):
            top, *rest = name.split(".")
            if top == "qeras" and rest and rest[0] != package_of(path):
                edges[package_of(path)].add(rest[0])
    return edges


def ring(edges: dict[str, set[str]]) -> list[str]:
    """Some way from a node back to itself, or nothing."""
    finished: set[str] = set()

    def visit(node: str, way: list[str]) -> list[str]:
        if node in way:
            return [*way[way.index(node) :], node]
        if node in finished:
            return []
        for following in sorted(edges.get(node, ())):
            if found := visit(following, [*way, node]):
                return found
        finished.add(node)
        return []

    return next((found for node in edges if (found := visit(node, []))), [])


@pytest.mark.parametrize("outsider", DOORS)
def test_doors(outsider: str) -> None:
    users = [
        relative(path)
        for path in MODULES
        if any(name.split(".")[0] == outsider for name in imports(path))
    ]
    assert not [path for path in users if not DOORS[outsider].fullmatch(path)]


@pytest.mark.parametrize("package", PLAIN)
def test_plain_stages(package: str) -> None:
    users = [
        relative(path)
        for path in (PACKAGE / package).rglob("*.py")
        if any(name.split(".")[0] == "keras" for name in imports(path))
    ]
    assert not users


def test_no_ring_of_packages() -> None:
    assert ring(graph()) == []


def test_rings_are_found() -> None:
    assert ring({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert ring({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_nothing_imports_the_top() -> None:
    assert not [relative(path) for path in MODULES if "qeras" in imports(path)]


def test_names_of_folders() -> None:
    folders = [path.parent for path in MODULES if path.name == "__init__.py"]
    assert not {folder.name for folder in folders} & {"utils", "core", "common", "helpers", "misc"}
    assert all(len(folder.relative_to(PACKAGE).parts) <= 1 for folder in folders)


def test_commands_of_the_readme() -> None:
    """Every `make` target that the README names is in the Makefile, every link leads on."""
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"\bmake ([a-z][\w-]*)\b", readme))
    rules = set(re.findall(r"^([\w-]+)(?: [\w-]+)*:", (ROOT / "Makefile").read_text(), re.M))
    assert {"demo", "test"} <= targets <= rules
    links = re.findall(r"\]\((?!https?:)([^)#]+)", readme)
    assert not [link for link in links if not (ROOT / link).exists()]
