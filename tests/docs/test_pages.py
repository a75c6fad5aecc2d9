"""The code blocks of pages run as they stand, one after the other.

A block opens with "```python", and with the names of backends behind it if it is for those
only.
"""

from __future__ import annotations

import re
from pathlib import Path

import keras
import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```python([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


# Of Keras's exporters, which call their libraries in ways that are on the way out.
@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The feature will be removed:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Converting a tensor to a Python")
@pytest.mark.filterwarnings("ignore:torch.as_tensor results are registered")
@pytest.mark.filterwarnings("ignore:The `native_serialization` parameter:DeprecationWarning")
# Of Qiskit's own plugins, and what devices.md says of `save`.
@pytest.mark.filterwarnings("ignore:Since backends now support running jobs:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:The QNode 'circuit' is run by PennyLane:qeras.HostWarning")
@pytest.mark.parametrize("page", ["devices.md", "saving.md", "shots.md"])
def test_page(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text()
    names: dict[str, object] = {"__name__": "__main__"}
    blocks = list(BLOCK.finditer(text))
    assert blocks
    for block in blocks:
        backends = block[1].split()
        if not backends or keras.backend.backend() in backends:
            line = text.count("\n", 0, block.start(2))
            exec(compile("\n" * line + block[2], str(DOCS / page), "exec"), names)
