"""Exported files run in their own runtimes; what Keras or a converter cannot do is pinned there
too, by `export.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from tests.portability.export import BATCHES, FORMATS, SUFFIX, inputs
from tests.portability.processes import run

MODELS = ("expval", "probs", "reuploading")


@pytest.mark.backend_independent  # it starts processes on each of them
def test_every_runtime(tmp_path: Path) -> None:
    batches = {str(batch): inputs()[:batch] for batch in BATCHES}
    np.savez(tmp_path / "inputs.npz", **batches)  # type: ignore[arg-type]
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
            if kind == "onnx":
                assert_standard(file)
            expected = np.load(file.parent / "results.npz")
            for batch in BATCHES:
                np.testing.assert_allclose(
                    found[f"{file} {batch}"],
                    expected[file.name.split("_")[0]][:batch],
                    atol=1e-5,
                    err_msg=f"{file.name} of {file.parent.name}, batch {batch}",
                )


def assert_standard(file: Path) -> None:
    """An ONNX file of ONNX's own operations, on real numbers and with a free batch axis."""
    model = onnx.load(file, load_external_data=False)
    assert {node.domain for node in model.graph.node} == {""}
    assert not model.functions
    types = {constant.data_type for constant in model.graph.initializer}
    numbers = {onnx.TensorProto.FLOAT, onnx.TensorProto.INT32, onnx.TensorProto.INT64}
    assert types <= numbers | {onnx.TensorProto.BOOL}  # a loop's condition
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param
