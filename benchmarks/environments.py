"""A virtual environment of its own for each peer that cannot live beside Qeras."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".venv-bench"


class EnvironmentSetupError(RuntimeError):
    """An environment could not be set up."""


@dataclass(frozen=True)
class Environment:
    """Pinned packages, installed on first use."""

    name: str
    requirements: tuple[str, ...]
    python: str | None = None  # the version that its wheels need, if not any

    @property
    def folder(self) -> Path:
        return FOLDER / self.name

    def interpreter(self) -> str:
        """Path of its Python; sets the environment up first where that has not been done.

        Raises:
            EnvironmentSetupError: if the Python it needs is missing, or pip fails.
        """
        python = self.folder / "bin" / "python"
        done = self.folder / "installed"
        wanted = "\n".join(self.requirements)
        if not (done.exists() and done.read_text() == wanted):
            print(f"Setting up {self.folder}, once; this takes a few minutes.", flush=True)
            _checked([self._base_python(), "-m", "venv", "--clear", str(self.folder)])
            _checked([str(python), "-m", "pip", "install", "--quiet", *self.requirements])
            done.write_text(wanted)
        return str(python)

    def _base_python(self) -> str:
        current = f"{sys.version_info.major}.{sys.version_info.minor}"
        if self.python in (None, current):
            return sys.executable
        found = shutil.which(f"python{self.python}")
        if found is None:
            raise EnvironmentSetupError(
                f"Expected python{self.python} on the path, which {self.name} needs. "
                f"Received: Python {current} alone"
            )
        return found


@dataclass(frozen=True)
class ThisEnvironment:
    """The environment that runs the benchmark: Qeras with its three backends."""

    name: str = "this"

    def interpreter(self) -> str:
        return sys.executable


def _checked(command: list[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise EnvironmentSetupError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


THIS = ThisEnvironment()
PENNYLANE_JAX = Environment(
    "pennylane-jax", ("pennylane==0.45.1", "jax==0.10.2", "jaxlib==0.10.2", "optax==0.2.6")
)
TENSORCIRCUIT_JAX = Environment(
    "tensorcircuit-jax",
    ("tensorcircuit-ng==1.10.0", "jax==0.10.2", "jaxlib==0.10.2", "optax==0.2.6"),
)
TENSORCIRCUIT_KERAS = Environment(
    "tensorcircuit-keras",
    ("tensorcircuit-ng==1.10.0", "tensorflow-cpu==2.21.0", "keras==3.15.1"),
)
TENSORFLOW_QUANTUM = Environment(
    "tensorflow-quantum", ("tensorflow-quantum==0.7.6",), python="3.11"
)
ORIGINAL = Environment(
    "original",
    (
        "pennylane==0.41.1",
        "pennylane-lightning==0.41.1",
        "autoray<0.7",
        "tensorflow-cpu==2.15.1",
        "numpy<2",
    ),
    python="3.11",
)
