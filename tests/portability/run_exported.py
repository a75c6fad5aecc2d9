"""Run in a process of its own: exported files in one runtime, with nothing else at hand.

Arguments: the format, a file for the results, then pairs of a model's file and its inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

Run = Callable[[np.ndarray], np.ndarray]


def tf_saved_model(file: str) -> Run:
    tf = import_module("tensorflow")
    model = tf.saved_model.load(file)
    assert "COMPLEX" not in str(model.serve.concrete_functions[0].graph.as_graph_def())
    return lambda x: model.serve(tf.constant(x)).numpy()


def onnx(file: str) -> Run:
    session = import_module("onnxruntime").InferenceSession(file)
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def openvino(file: str) -> Run:
    # Processors with bfloat16 would round to three digits.
    precise = {"INFERENCE_PRECISION_HINT": "f32"}
    model = import_module("openvino").compile_model(file, "CPU", precise)
    return lambda x: model(x)[0]


def litert(file: str) -> Run:
    interpreter = import_module("ai_edge_litert.interpreter").Interpreter(file)
    inputs = interpreter.get_input_details()[0]["index"]
    outputs = interpreter.get_output_details()[0]["index"]

    def run(x: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(inputs, x.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(inputs, x)
        interpreter.invoke()
        return interpreter.get_tensor(outputs)

    return run


def torch(file: str) -> Run:
    library = import_module("torch")
    model = library.export.load(file).module()
    return lambda x: model(library.tensor(x)).detach().numpy()


RUNTIMES: dict[str, Callable[[str], Run]] = {
    "tf_saved_model": tf_saved_model,
    "onnx": onnx,
    "openvino": openvino,
    "litert": litert,
    "torch": torch,
}


def main(kind: str, results: str, files: list[str]) -> None:
    for absent in ("qeras", "pennylane", "keras"):
        sys.modules[absent] = None  # type: ignore[assignment]  # importing it is an ImportError
    found: dict[str, Any] = {}
    for file, inputs in zip(files[::2], files[1::2], strict=True):
        run = RUNTIMES[kind](file)
        for batch, values in np.load(inputs).items():
            found[f"{file} {batch}"] = run(values)
    np.savez(results, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
