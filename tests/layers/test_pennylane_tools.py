"""PennyLane's own tools on a layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pennylane as qml
import pytest

from qeras import KerasLayer
from qeras.capture.qnode_view import QNodeView
from tests.circuits import entangler, entangler_layer, rotation_layer

X = np.array([0.1, 0.2], "float32")


@pytest.fixture
def layer() -> KerasLayer:
    layer = entangler_layer()
    layer.set_weights([np.arange(4.0).reshape(2, 2)])
    return layer


@pytest.fixture
def without_window() -> Iterator[None]:
    import matplotlib.pyplot as plt

    backend = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(backend)


@pytest.mark.parametrize("level", ["top", "gradient", "device"])
def test_draw(layer: KerasLayer, level: str) -> None:
    expected = qml.draw(entangler(), level=level)(X, np.arange(4.0).reshape(2, 2))
    assert qml.draw(layer, level=level)(X) == expected


def test_draw_mpl(layer: KerasLayer, without_window: None) -> None:
    figure, axes = qml.draw_mpl(layer)(X)
    assert len(figure.axes) == 1
    assert axes.patches


def test_specs(layer: KerasLayer) -> None:
    found = qml.specs(layer, level="device")(X)["resources"]
    expected = qml.specs(entangler(), level="device")(X, np.zeros((2, 2)))["resources"]
    assert found.gate_types == expected.gate_types
    assert found.num_gates == expected.num_gates == 8


@pytest.mark.parametrize(("args", "kwargs"), [((X,), {}), ((), {"inputs": X})])
def test_construct(layer: KerasLayer, args: Any, kwargs: Any) -> None:
    tape = layer.construct(args, kwargs)
    expected = qml.workflow.construct_tape(entangler())(X, np.arange(4.0).reshape(2, 2))
    assert tape.measurements == expected.measurements
    for ours, theirs in zip(tape.operations, expected.operations, strict=True):
        qml.assert_equal(ours, theirs)


@pytest.mark.parametrize(
    ("args", "kwargs"), [((), {}), ((X, X), {}), ((X,), {"inputs": X}), ((), {"x": X})]
)
def test_construct_takes_inputs_alone(layer: KerasLayer, args: Any, kwargs: Any) -> None:
    with pytest.raises(TypeError, match=r"one argument of construct, 'inputs'.*Received: args="):
        layer.construct(args, kwargs)


def test_view_without_weights() -> None:
    class View(QNodeView):
        def __init__(self) -> None:
            self.qnode, self.input_arg = entangler(), "inputs"

    with pytest.raises(NotImplementedError, match="View does not say its weights' values"):
        qml.draw(View())(X)


def test_tools_leave_the_layer_alone() -> None:
    layer = rotation_layer()
    qml.draw(layer)(X[:1])
    qml.specs(layer)(X[:1])
    assert not layer.built
    assert layer(X[:1]).shape == ()
