"""What a user of PyTorch does with the layer."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pennylane as qml
import pytest
import torch
from keras import ops

from qeras import KerasLayer
from qeras.backend import torch_chunks
from qeras.backend.torch_chunks import Chunks
from tests.circuits import entangler, entangler_layer, rotation_layer

X = np.random.default_rng(17).uniform(-1, 1, size=(8, 2)).astype("float32")


def test_module_among_modules() -> None:
    layer = entangler_layer()
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), layer, torch.nn.Linear(2, 1))
    assert sum(parameter.numel() for parameter in layer.parameters()) == 4
    before = layer.get_weights()[0].copy()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    x, y = torch.tensor(X), torch.cos(torch.tensor(X[:, :1]))
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    assert np.abs(layer.get_weights()[0] - before).max() > 0.01


def test_state_dict() -> None:
    first, second = entangler_layer(name="quantum"), entangler_layer(name="quantum")
    for layer in (first, second):
        layer.build((None, 2))
    second.load_state_dict(first.state_dict())
    np.testing.assert_array_equal(second.get_weights()[0], first.get_weights()[0])


def test_export_before_the_first_call(tmp_path: Path) -> None:
    """What tracing made of the plan's constants is not what runs afterwards."""
    model = keras.Sequential([keras.Input((2,)), entangler_layer()])
    model.export(str(tmp_path / "model.pt2"), format="torch", verbose=False)
    exported = torch.export.load(tmp_path / "model.pt2").module()
    one = X[:1]
    found = exported(torch.tensor(one)).detach().numpy()
    np.testing.assert_allclose(model.predict(one, verbose=0), found, atol=1e-6)
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)


def test_no_graph_without_gradients() -> None:
    layer = entangler_layer()
    with torch.no_grad():
        assert not layer(torch.tensor(X)).requires_grad
    assert layer(torch.tensor(X)).requires_grad
    layer.trainable = False
    assert not layer(torch.tensor(X)).requires_grad


def test_inference_mode_before_training() -> None:
    layer = entangler_layer()
    with torch.inference_mode():
        before = layer(torch.tensor(X))
    found = layer(torch.tensor(X))
    found.sum().backward()
    np.testing.assert_array_equal(before.numpy(), found.detach().numpy())
    assert layer.weights[0].value.grad is not None


def test_copies_of_a_layer_that_was_called_often() -> None:
    """Recorded passes are not copied."""
    layer = entangler_layer()
    for _ in range(30):
        layer(torch.tensor(X)).sum().backward()
    model = keras.Sequential([layer])
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        found, expected = other(X), model(X)
        np.testing.assert_allclose(found.detach(), expected.detach(), atol=1e-6)


def test_threads() -> None:
    """Recordings and memory are one layer's, calls of several threads are not mixed."""
    layer = entangler_layer()
    layer(torch.tensor(X))
    found: list[tuple[int, float, float]] = []

    def work() -> None:
        for number in range(40):
            inputs = torch.full((3, 2), number / 10).requires_grad_()
            values = layer(inputs)
            values.sum().backward()
            assert inputs.grad is not None
            found.append((number, values.sum().item(), inputs.grad.sum().item()))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 120
    for number in range(40):
        first, *others = [numbers[1:] for numbers in found if numbers[0] == number]
        for other in others:
            np.testing.assert_allclose(other, first, atol=1e-5)


def test_hessian() -> None:
    layer = rotation_layer()
    layer.set_weights([np.array(0.5)])
    point = torch.tensor([0.2], requires_grad=True)
    found = torch.autograd.functional.hessian(lambda x: ops.sum(layer(x)), point)
    np.testing.assert_allclose(found, [[-np.cos(0.7)]], atol=1e-5)


# Of Keras's exporters, which call their libraries in ways that are on the way out.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("name", ["model.onnx", "model.pt2"])
def test_export_with_shots(name: str, tmp_path: Path) -> None:
    layer = KerasLayer(qml.set_shots(entangler(), 100), {"weights": (2, 2)})
    model = keras.Sequential([keras.Input((2,)), layer])
    model(X)
    options: dict[str, Any] = {"onnx": {"format": "onnx"}, "pt2": {"format": "torch"}}
    with pytest.raises((ValueError, RuntimeError), match=r"of 'circuit' with shots=\(100,\)"):
        model.export(tmp_path / name, verbose=False, **options[name.split(".")[1]])


@pytest.mark.parametrize("returned", ["expval", "state"])
def test_a_batch_in_chunks(returned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values, gradients by inputs and weights, and a second backward pass on the same graph."""

    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(3))
        qml.StronglyEntanglingLayers(weights, wires=range(3))
        return qml.expval(qml.Z(0) @ qml.X(1)) if returned == "expval" else qml.state()

    weights = np.random.default_rng(0).normal(size=(2, 3, 3))
    inputs = np.random.default_rng(1).normal(size=(5, 3))

    def found() -> list[torch.Tensor]:
        layer = KerasLayer(circuit, {"weights": weights.shape})
        layer.build(inputs.shape)
        layer.set_weights([weights])
        given = torch.tensor(inputs, dtype=torch.float32, requires_grad=True)
        result = layer(given)
        loss = (torch.view_as_real(result) if result.is_complex() else result).square().sum()
        loss.backward(retain_graph=True)
        loss.backward()
        return [result.detach(), given.grad, layer.weights[0].value.grad]

    expected = found()
    monkeypatch.setattr(torch_chunks, "AMPLITUDES", 8)
    monkeypatch.setattr(torch_chunks, "LEAST_SAMPLES", 2)
    batches: list[int] = []
    split = Chunks._split

    def counted(*own: Any) -> Any:
        parts = split(*own)
        batches.append(len(parts or []))
        return parts

    monkeypatch.setattr(Chunks, "_split", counted)
    for one, other in zip(found(), expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert set(batches) == {3}
