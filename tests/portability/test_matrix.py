"""Saved on one backend, loaded on another, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.portability.models import FILES

ROOT = Path(__file__).parents[2]
SAVERS = ("jax", "tensorflow", "torch")
LOADERS = (*SAVERS, "numpy")


def run(script: str, backend: str, *arguments: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.portability.{script}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script} on {backend}: {done.stderr[-3000:]}"


@pytest.mark.backend_independent  # it starts processes on each of them
def test_every_backend_loads_every_other(tmp_path: Path) -> None:
    """Same predictions, and the backend that saved trains on as if nothing had happened."""
    folders = [tmp_path / "saved" / backend for backend in SAVERS]
    for backend, folder in zip(SAVERS, folders, strict=True):
        folder.mkdir(parents=True)
        run("save", backend, folder)
    for backend in LOADERS:
        results = tmp_path / "loaded" / backend
        results.mkdir(parents=True)
        run("load", backend, results, backend, *folders)
        for saver, folder in zip(SAVERS, folders, strict=True):
            expected = np.load(folder / "results.npz")
            found = np.load(results / f"{saver}.npz")
            resumed = [file for file in FILES if file.endswith(".keras") and saver == backend]
            assert len(found) == len(FILES) + len(resumed)
            for key in found:
                file, what = key.split(" ", 1)
                np.testing.assert_allclose(
                    found[key],
                    expected[f"{file.split('.')[0]} {what}"],
                    atol=1e-5 if what == "saved" else 1e-6,
                    err_msg=f"{key}: saved on {saver}, loaded on {backend}",
                )
