"""What every test shares: the backend, seeds, and Keras settings put back afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import keras
import pytest

from tests import compilation

TESTS = Path(__file__).parent

# Stages that work on plain data and never call `keras.ops`.
BACKEND_INDEPENDENT = (
    "backend",
    "benchmarks",
    "capture",
    "circuit",
    "passes",
    "plan",
    "test_architecture.py",
)

# The same examples on every run, so that a red test stays red; no deadline, because the
# first call of a compiled function takes seconds.
# `pytest --hypothesis-profile explore` looks for new ones.
hypothesis.settings.register_profile("explore", deadline=None, print_blob=True)
hypothesis.settings.register_profile("reproducible", derandomize=True, deadline=None)
hypothesis.settings.load_profile("reproducible")


def pytest_report_header() -> str:
    return f"keras {keras.__version__} on {keras.backend.backend()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        plain = item.path.relative_to(TESTS).parts[0] in BACKEND_INDEPENDENT
        if plain and not item.get_closest_marker("every_backend"):
            item.add_marker(pytest.mark.backend_independent)


@pytest.fixture(autouse=True, scope="session")
def quick_compilation() -> None:
    compilation.set_quick(True)


@pytest.fixture(autouse=True)
def seed() -> None:
    keras.utils.set_random_seed(2024)


@pytest.fixture(autouse=True)
def keras_settings() -> Iterator[None]:
    """A fresh Keras: the dtype policy follows floatx until a session has made its first
    layer, so a test that sets floatx needs a session of its own."""
    floatx = keras.config.floatx()
    keras.backend.clear_session(free_memory=False)
    yield
    keras.config.set_floatx(floatx)


@pytest.fixture(autouse=True, scope="module")
def compiled_programs() -> Iterator[None]:
    """JAX keeps every program that it compiled: gigabytes by the end of the suite."""
    yield
    if keras.backend.backend() == "jax":
        import jax

        jax.clear_caches()


@pytest.fixture
def float64() -> Iterator[None]:
    """Keras in double precision; on JAX this needs x64 too."""
    keras.config.set_floatx("float64")
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.enable_x64(True):
        yield
