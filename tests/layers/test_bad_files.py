"""Model files that are damaged or hostile: one clear error, before memory is taken."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from qeras import KerasLayer
from qeras.circuit.circuit import Circuit, Measurement, Operation, PauliTerm
from qeras.circuit.expressions import constant, reference
from tests.circuits import entangler_layer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    model = keras.Sequential([keras.Input((2,)), entangler_layer(name="quantum")])
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def changed(file: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The file with another config of the quantum layer."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    change(config["config"]["layers"][1]["config"])
    parts["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file


def with_circuit(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def on_config(config: dict[str, Any]) -> None:
        circuit = json.loads(config["qnode"])
        change(circuit)
        config["qnode"] = json.dumps(circuit)

    return on_config


CHANGES: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
    (lambda c: c.update(qnode=c["qnode"][:-9]), "Expected a JSON object that is a circuit"),
    (lambda c: c.update(qnode="[" * 10**6), "Received: a text nested too deep"),
    (lambda c: c.update(qnode=None), "Expected a circuit's JSON text. Received: NoneType"),
    (lambda c: c.update(weight_shapes={"weights": [3, 2]}), r"Expected weight_shapes=\{'weights'"),
    (lambda c: c.update(input_arg="x"), "Expected input_arg='inputs', as in the circuit"),
    (lambda c: c.update(diff_method="eval"), "Expected a QNode whose diff_method is one of"),
    (lambda c: c.update(weight_specs=[1]), "Expected weight_specs of a config to be a dictionary"),
    (lambda c: c.update(weight_specs={"weights": {"name": "../w"}}), "Expected keyword arguments"),
    (lambda c: c.update(output_dim=7), "Expected output_dim=2"),
    (lambda c: c.pop("weight_specs"), r"Received: one without \['weight_specs'\]"),
    (with_circuit(lambda c: c.update(version=2)), "Expected a circuit of version 1"),
    (with_circuit(lambda c: c["operations"][0].update(gate="Fly")), "Expected one of the gates"),
    (with_circuit(lambda c: c.update(wires=[0])), "to be on wires of the circuit"),
    (
        with_circuit(lambda c: c["weights"].update(weights=[2**40, 2])),
        "Expected weights of at most",
    ),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_config(file: Path, change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        keras.saving.load_model(changed(file, change))
    assert "Received: " in str(caught.value)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_file(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ValueError, match=r"Please ensure the file is an accessible `\.keras`"):
        keras.saving.load_model(file)


def test_weights_of_another_shape(file: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        with_circuit(lambda circuit: circuit["weights"].update(weights=[4, 2]))(config)
        config["weight_shapes"] = {"weights": [4, 2]}

    with pytest.raises(ValueError, match=r"(?s)could not be loaded.*quantum.*\(4, 2\)"):
        keras.saving.load_model(changed(file, change))


def test_no_code_runs(file: Path, tmp_path: Path) -> None:
    """Names are looked up in tables only."""
    code = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()"
    for place in ("name", "returns"):
        hostile = with_circuit(lambda circuit, place=place: circuit.update({place: code}))  # type: ignore[misc]
        with pytest.raises(ValueError, match="Expected "):
            keras.saving.load_model(changed(file, hostile))
    assert not (tmp_path / "ran").exists()


def wide(wires: int) -> Circuit:
    return Circuit(
        name="wide",
        wires=tuple(range(wires)),
        features=1,
        input_name="inputs",
        weight_shapes={"w": (2**20,)},
        operations=tuple(
            Operation("RX", (wire,), (reference("inputs", 0),)) for wire in range(wires)
        ),
        measurements=(Measurement("probs", tuple(range(wires))),),
    )


def test_60_wires() -> None:
    with pytest.raises(ValueError, match=r"a circuit whose state fits in memory.*on 60 wires"):
        KerasLayer.from_circuit(wide(60))


# ------------------------------------------------------------------ layers of circuits


def test_from_circuit() -> None:
    layer = entangler_layer()
    layer.build((None, 2))
    again = KerasLayer.from_circuit(
        Circuit.from_json(layer.circuit.to_json()),
        name="again",
        weight_specs={"weights": {"initializer": "ones"}},
        output_dim=2,
    )
    assert again.circuit == layer.circuit
    assert again.name == "again"
    np.testing.assert_array_equal(again.get_weights()[0], np.ones((2, 2)))
    again.set_weights(layer.get_weights())
    x = np.ones((3, 2), "float32")
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(again(x)), keras.ops.convert_to_numpy(layer(x)), atol=1e-6
    )


def test_from_a_circuit_that_is_wrong() -> None:
    z = PauliTerm(constant(1.0), ((5, "Z"),))
    circuit = Circuit("c", (0,), 1, "inputs", {}, (), (Measurement("expval", observable=(z,)),))
    with pytest.raises(ValueError, match=r"to be on wires of the circuit, \[0\]. Received: 5"):
        KerasLayer.from_circuit(circuit)
    with pytest.raises(ValueError, match="Expected output_dim=2"):
        KerasLayer.from_circuit(wide(1), output_dim=3)


def test_the_qnode_is_made_on_demand() -> None:
    """Keras reads every attribute of what it saves; that makes no QNode."""
    layer = KerasLayer.from_circuit(wide(2), name="quantum")
    model = keras.Sequential([layer])
    keras.models.clone_model(model)
    assert "qnode" not in vars(layer._source)
    assert layer.qnode.func.__name__ == "wide"
    assert "qnode" in vars(layer._source)
