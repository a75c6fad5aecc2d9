"""The host road: QNodes that the engine does not simulate, run by PennyLane itself.

One call of a layer is one batch of tapes for the forward pass and one for the backward
pass. PennyLane is imported by the first use of `HostProgram`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from qeras.host.errors import HostWarning
from qeras.host.reasons import Reason, reason_for_host

if TYPE_CHECKING:
    from qeras.host.program import HostProgram

__all__ = ["HostProgram", "HostWarning", "Reason", "reason_for_host"]


def __getattr__(name: str) -> Any:
    if name != "HostProgram":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("qeras.host.program").HostProgram
