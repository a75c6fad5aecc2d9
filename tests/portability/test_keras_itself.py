"""What Keras 3.15 cannot do with any layer; the docs name each. If one of these fails, Keras
has mended it, and the docs and `load.py` can say so."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest


def trained(loss: object) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(), loss)
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    return model


def test_h5_loses_the_state_of_the_optimizer(tmp_path: Path) -> None:
    model = trained(keras.losses.MeanSquaredError())
    model.save(tmp_path / "model.h5")
    loaded = keras.saving.load_model(tmp_path / "model.h5")
    assert len(loaded.optimizer.variables) < len(model.optimizer.variables)
    with pytest.raises(ValueError, match=r"built with 0 variables|Unknown variable"):
        loaded.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)


def test_h5_does_not_load_a_loss_by_name(tmp_path: Path) -> None:
    trained("mse").save(tmp_path / "model.h5")
    with pytest.raises(ValueError, match=r"Could not deserialize 'keras.metrics.mse'"):
        keras.saving.load_model(tmp_path / "model.h5")
    loaded = keras.saving.load_model(tmp_path / "model.h5", compile=False)
    assert loaded.predict(np.ones((4, 2)), verbose=0).shape == (4, 1)
