"""Saved on one backend, loaded on another, in processes of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.portability.models import FILES
from tests.portability.processes import run

SAVERS = ("jax", "tensorflow", "torch")
LOADERS = (*SAVERS, "numpy", "openvino")


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
            assert len(found) == len(FILES) + 3 * len(resumed)
            for key in found:
                file, what = key.split(" ", 1)
                np.testing.assert_allclose(
                    found[key],
                    expected[f"{file.split('.')[0]} {what}"],
                    atol=1e-5 if what == "saved" else 1e-6,
                    err_msg=f"{key}: saved on {saver}, loaded on {backend}",
                )
