"""Training with `model.fit`, for every peer that is a Keras layer, in Keras 2 or 3."""

from __future__ import annotations

from typing import Any

from benchmarks.clock import Clock
from benchmarks.workloads import Data, Workload


def keras_training(
    workload: Workload,
    layer: Any,
    keras: Any,
    *,
    is_quantum: bool = True,
    build_on_data: bool = False,
) -> KerasTraining:
    """The workload's model around a layer that takes and gives (batch, values).

    A layer that is not quantum keeps the initial weights that it draws. Weights are made
    from the shape of the inputs, or by a call on data where a peer needs that or where it
    is the faster way."""
    activation = "softmax" if workload.moons else None
    dense_in = keras.layers.Dense(workload.qubits)
    dense_out = keras.layers.Dense(workload.outputs, activation=activation)
    model = keras.Sequential([dense_in, layer, dense_out])
    x = workload.data(1).x[: workload.batch]
    if build_on_data:
        model(x)
    else:
        model.build((None, *x.shape[1:]))
    kernel_in, bias_in, weights, kernel_out, bias_out = workload.parameters()
    dense_in.set_weights([kernel_in, bias_in])
    dense_out.set_weights([kernel_out, bias_out])
    if is_quantum:
        layer.set_weights([weights])
    model.compile(
        keras.optimizers.SGD(workload.learning_rate),
        loss="mae" if workload.moons else "mse",
        metrics=["accuracy"] if workload.moons else None,
    )
    return KerasTraining(model, keras)


class KerasTraining:
    """One epoch of one `fit` is a round.

    Times are taken at the ends of epochs, where Keras fetches the loss and so waits for
    its device, and never between steps, where waiting would slow them down."""

    def __init__(self, model: Any, keras: Any):
        self._model = model
        self._keras = keras

    def run(self, data: Data, clock: Clock) -> None:
        self._model.fit(
            data.x,
            data.y,
            batch_size=data.batch,
            epochs=clock.rounds,
            shuffle=False,
            verbose=0,
            validation_data=data.validation,
            callbacks=[_rounds(self._keras, clock, whole_epochs=data.validation is not None)],
        )


def _rounds(keras: Any, clock: Clock, whole_epochs: bool) -> Any:
    """Callback that times whole epochs, or the steps without the start of their iterator."""

    class Rounds(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            clock.start()

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            if batch == 0 and not whole_epochs:
                clock.start()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            clock.stop(logs["loss"])
            self.model.stop_training = clock.done

    return Rounds()
