"""What a user of JAX does with the layer."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np
import pytest

from qeras.execution.simulate import Simulator
from tests.circuits import entangler_layer, rotation_layer, strongly_entangled

X = np.random.default_rng(23).uniform(-1, 1, size=(8, 2)).astype("float32")
Y = np.cos(X[:, :1])


def hybrid() -> keras.Model:
    return keras.Sequential([keras.Input((2,)), entangler_layer(), keras.layers.Dense(1)])


def test_loop() -> None:
    model = hybrid()
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(model.trainable_variables)

    def loss(weights: Any, x: Any, y: Any) -> Any:
        results, _ = model.stateless_call(weights, [], x)
        return ((results - y) ** 2).mean()

    @jax.jit
    def step(state: Any, x: Any, y: Any) -> Any:
        weights, slots = state
        value, gradients = jax.value_and_grad(loss)(weights, x, y)
        return value, optimizer.stateless_apply(slots, gradients, weights)

    weights = [variable.value for variable in model.trainable_variables]
    slots, losses = [variable.value for variable in optimizer.variables], []
    for _ in range(10):
        value, (weights, slots) = step((weights, slots), X, Y)
        losses.append(float(value))
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("options", [{"steps_per_execution": 2}])
def test_compiled(options: dict[str, Any]) -> None:
    results = []
    for chosen in ({}, options):
        keras.utils.set_random_seed(3)
        model = hybrid()
        model.compile(keras.optimizers.SGD(0.1), "mse", **chosen)
        model.fit(X, Y, batch_size=4, shuffle=False, verbose=0)
        results.append(model.predict(X, verbose=0))
    np.testing.assert_allclose(results[1], results[0], atol=1e-5)


def test_operations_do_not_grow_with_depth() -> None:
    """Above the depth from which on layers are a loop: what is compiled is as much."""
    counts = []
    for layers in (8, 30):
        layer = strongly_entangled(layers, 6)
        layer.build((None, 2))

        def value(weights: Any, layer: keras.Layer = layer) -> Any:
            return layer.stateless_call([weights], [], X)[0].sum()

        step = jax.jit(jax.grad(value)).lower(layer.trainable_variables[0].value).compile()
        counts.append(step.as_text().count(" = "))
    assert counts[1] < 1.05 * counts[0]


def test_transformations() -> None:
    """jit, vmap over samples, reverse mode twice."""
    layer = rotation_layer()
    layer.set_weights([np.array(0.5)])
    x = np.array([[0.2], [0.9]], "float32")
    np.testing.assert_allclose(jax.jit(layer)(x), np.cos(x[:, 0] + 0.5), atol=1e-6)
    np.testing.assert_allclose(jax.vmap(layer)(x), np.cos(x[:, 0] + 0.5), atol=1e-6)
    hessian = jax.jacrev(jax.jacrev(layer))(x[0])
    np.testing.assert_allclose(hessian, [[-np.cos(0.7)]], atol=1e-5)


@pytest.mark.parametrize("compiled_step", [True, False])
def test_the_circuit_runs_in_one_program(
    compiled_step: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a user differentiates without compiling; in a step it is traced once."""
    staged: list[bool] = []

    def forward(self: Simulator, *arguments: Any) -> Any:
        staged.append(isinstance(jax.numpy.zeros(()), jax.core.Tracer))
        return own(self, *arguments)

    own = Simulator.forward
    monkeypatch.setattr(Simulator, "forward", forward)
    layer = rotation_layer()
    layer.build((None, 1))

    def loss(weights: Any, x: Any) -> Any:
        return layer.stateless_call(weights, [], x)[0].sum()

    gradient = jax.grad(loss)
    x = np.array([[0.2], [0.9]], "float32")
    (found,) = (jax.jit(gradient) if compiled_step else gradient)([np.float32(0.5)], x)
    np.testing.assert_allclose(found, -np.sin(x[:, 0] + 0.5).sum(), atol=1e-6)
    assert all(staged)
    assert not compiled_step or len(staged) == 1
