"""Exported files run in their own runtimes; what Keras or a converter cannot do is pinned."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.portability.export import BATCHES, FORMATS, SUFFIX, inputs
from tests.portability.processes import run

MODELS = ("expval", "probs", "reuploading")


@pytest.mark.backend_independent  # it starts processes on each of them
def test_every_runtime(tmp_path: Path) -> None:
    np.savez(tmp_path / "inputs.npz", **{str(batch): inputs(batch) for batch in BATCHES})  # type: ignore[arg-type]
    for backend in FORMATS:
        (tmp_path / backend).mkdir()
        run("export", backend, tmp_path / backend)
    for kind in SUFFIX:
        makers = [backend for backend, formats in FORMATS.items() if kind in formats]
        files = [
            tmp_path / backend / f"{name}_{kind}{SUFFIX[kind]}"
            for backend in makers
            for name in MODELS
        ]
        pairs = [part for file in files for part in (file, tmp_path / "inputs.npz")]
        run("run_exported", "none", kind, tmp_path / f"{kind}.npz", *pairs)
        found = np.load(tmp_path / f"{kind}.npz")
        assert len(found) == len(files) * len(BATCHES)
        for file in files:
            expected = np.load(file.parent / "results.npz")
            for batch in BATCHES:
                np.testing.assert_allclose(
                    found[f"{file} {batch}"],
                    expected[f"{file.name.split('_')[0]} {batch}"],
                    atol=1e-5,
                    err_msg=f"{file.name} of {file.parent.name}, batch {batch}",
                )


# backend, format, what Keras or its converter says about any model
IMPOSSIBLE = [
    ("jax", "onnx", "requires the jax2onnx module"),
    ("jax", "openvino", "No conversion rule found for operations: XlaCallModule"),
    ("jax", "litert", "LiteRT export requires TensorFlow or PyTorch backend"),
    ("jax", "torch", "Torch export requires PyTorch backend"),
    ("tensorflow", "torch", "Torch export requires PyTorch backend"),
    ("torch", "litert", "you must install the `litert-torch` package"),
]
HERE = [(kind, text) for backend, kind, text in IMPOSSIBLE if backend == keras.backend.backend()]


@pytest.mark.parametrize(("kind", "message"), HERE)
def test_not_possible(kind: str, message: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model(np.ones((1, 2)))
    with pytest.raises(Exception, match=message):
        model.export(tmp_path / f"model{SUFFIX[kind]}", format=kind, verbose=False)
