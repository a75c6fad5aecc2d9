"""What stands for the circuit in the config of a layer that was never built."""

from __future__ import annotations

from typing import Any


class Uncaptured:
    """A QNode that is no circuit yet. Python can hand it on, but no file can hold it."""

    def __init__(self, qnode: Any):
        self.qnode = qnode

    def get_config(self) -> dict[str, Any]:
        """Keras asks for this when it writes a file.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            "Expected a built layer, whose circuit is known, to save. Received: a KerasLayer of "
            f"{self.qnode.func.__name__!r} that has seen no inputs; call the model on data, or "
            "build it by model.build((None, features)), before saving."
        )
