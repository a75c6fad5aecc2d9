"""A layer's config: what stands for a circuit that is not known, and checks of what is read."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import keras

from qeras.capture.signature import name_of
from qeras.circuit.circuit import Circuit
from qeras.host import HostWarning
from qeras.host.reasons import Reason

KEYS = ("qnode", "weight_shapes", "output_dim", "weight_specs", "input_arg", "diff_method")


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


@keras.saving.register_keras_serializable(package="qeras")
class HostedQNode:
    """A QNode that PennyLane runs. A file holds its name; the QNode is given on load."""

    def __init__(self, qnode: Any, reason: Reason):
        self.qnode = qnode
        self.reason = reason

    def get_config(self) -> dict[str, Any]:
        """Keras asks for this when it writes a file; warns of what loading it will need."""
        name = keras.saving.get_registered_name(self.qnode)
        warnings.warn(
            f"The QNode {name_of(self.qnode)!r} is run by PennyLane ({self.reason.why}), so the "
            f"file holds its weights and its name, but no circuit. {_on_load(name)}",
            HostWarning,
            stacklevel=2,
        )
        return {
            "name": name,
            "device": self.qnode.device.name,
            "why": self.reason.why,
            "instead": self.reason.instead,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HostedQNode:
        """The QNode of that name, given by the one who loads.

        Raises:
            ValueError: if there is none, or it is no QNode.
        """
        name = config["name"]
        qnode = keras.saving.get_registered_object(name)
        if qnode is None or not hasattr(qnode, "func"):
            found = "none of that name" if qnode is None else repr(qnode)
            raise ValueError(
                f"Expected the QNode {name!r}, on a device such as {config['device']!r}, to load a "
                f"layer that PennyLane runs. Received: {found}. {_on_load(name)}"
            )
        return cls(qnode, Reason(config["why"], config["instead"]))


def _on_load(name: str) -> str:
    return (
        f"Load it by keras.saving.load_model(path, custom_objects={{{name!r}: qnode}}), or in a "
        "program where the QNode is registered under that name by "
        "keras.saving.register_keras_serializable."
    )


def check_config(config: Mapping[str, Any]) -> None:
    """Check that a config has all that `KerasLayer.get_config` writes.

    Raises:
        ValueError: with what is missing.
    """
    missing = [key for key in KEYS if key not in config]
    if missing:
        raise ValueError(
            f"Expected a config of a KerasLayer with the keys {list(KEYS)}. Received: one without "
            f"{missing}; make it by layer.get_config() or model.save()."
        )
    specs = config["weight_specs"]
    if not isinstance(specs, Mapping) or not all(isinstance(s, Mapping) for s in specs.values()):
        raise ValueError(
            "Expected weight_specs of a config to be a dictionary of dictionaries. "
            f"Received: weight_specs={specs!r}"
        )


def check_same(key: str, value: Any, circuit: Circuit) -> None:
    """Check that an entry of a config says what its circuit says.

    Raises:
        ValueError: if it does not.
    """
    shapes = {name: list(shape) for name, shape in circuit.weight_shapes.items()}
    expected = {"weight_shapes": shapes, "input_arg": circuit.input_name}[key]
    if value != expected:
        raise ValueError(
            f"Expected {key}={expected!r}, as in the circuit of the config. "
            f"Received: {key}={value!r}; the file is damaged or was changed by hand."
        )
