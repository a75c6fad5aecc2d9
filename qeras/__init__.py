"""Quantum layers in Keras 3, on JAX, TensorFlow and PyTorch.

A QNode becomes a layer in these steps, each in the folder of its name:

capture (QNode -> Circuit) -> passes (Circuit -> Circuit) -> plan (Circuit -> Plan)
-> execution (Plan x angles -> state) -> measurements (state -> results)
with gradients going back by hand-written adjoint moves. What the engine cannot run goes to
PennyLane itself (host), with a warning.
"""

from qeras.capture import CaptureError
from qeras.host import HostWarning
from qeras.layers.keras_layer import KerasLayer

__version__ = "0.1.0"

__all__ = ["CaptureError", "HostWarning", "KerasLayer", "__version__"]
