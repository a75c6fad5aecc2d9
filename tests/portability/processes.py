"""Scripts of this folder, each in a process and on a backend of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run(script: str, backend: str, *arguments: Any) -> None:
    """Run `tests.portability.<script>`, which must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.portability.{script}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script} on {backend}: {done.stderr[-3000:]}"
