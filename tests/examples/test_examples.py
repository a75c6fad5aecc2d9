"""Each example runs as a user would run it, and prints no warning."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import pytest

ROOT = Path(__file__).parents[2]


def run(script: str, *arguments: str) -> str:
    """What the example prints to the terminal, standard error included."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / script, *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "KERAS_BACKEND": keras.backend.backend(),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_ENABLE_ONEDNN_OPTS": "0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def losses(printed: str) -> list[float]:
    """The training loss at the end of each epoch, from Keras's progress bars."""
    epochs = re.split(r"Epoch \d+/\d+", printed)[1:]
    return [float(re.findall(r"\bloss: ([\d.e+-]+)", epoch)[-1]) for epoch in epochs]


def test_moons(tmp_path: Path) -> None:
    figure = tmp_path / "moons.png"
    printed = run("moons.py", "--output", str(figure))
    assert "Warning" not in printed
    assert figure.read_bytes().startswith(b"\x89PNG")
    for model in ("sequential", "functional"):
        row = re.search(rf"^{model} +([\d.]+) +([\d.]+) +([\d.]+)", printed, re.MULTILINE)
        assert row, printed
        loss, accuracy, validation = map(float, row.groups())
        assert loss < 0.25
        assert min(accuracy, validation) > 0.75


@pytest.mark.parametrize("script", ["moons_strongly_entangling.py", "density_matrix.py"])
def test_learns(script: str) -> None:
    printed = run(script)
    assert "Warning" not in printed
    first, *_, last = losses(printed)
    assert last < 0.8 * first


def test_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first example of the README, on 20 samples."""
    monkeypatch.chdir(tmp_path)
    source = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(source.replace("make_moons(200", "make_moons(20"), names)
    loaded = keras.models.load_model("moons.keras")
    assert loaded.predict(names["x"], verbose=0).shape == (20, 2)
