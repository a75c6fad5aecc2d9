"""Who is measured: one file a peer, imported in that peer's own environment only.

Each file has `start()`, which starts its framework so that no first step pays for that, and
`training(workload)`, which makes the model (`benchmarks.clock.Training`). It raises
`NotImplementedError` for a workload that the peer cannot run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.environments import (
    ORIGINAL,
    PENNYLANE_JAX,
    TENSORCIRCUIT_JAX,
    TENSORCIRCUIT_KERAS,
    TENSORFLOW_QUANTUM,
    THIS,
    Environment,
    ThisEnvironment,
)


@dataclass(frozen=True)
class Peer:
    """A way to train the workloads.

    Attributes:
        title: for tables.
        module: its file in `benchmarks/peers`.
        packages: those whose versions are reported.
        environment: where it is installed.
        variables: environment variables of its process.
        timed: whether its times are worth anything.
    """

    title: str
    module: str
    packages: tuple[str, ...]
    environment: Environment | ThisEnvironment = THIS
    variables: dict[str, str] = field(default_factory=dict)
    timed: bool = True


BACKENDS = ("jax", "tensorflow", "torch")

PEERS = {
    "reference": Peer("NumPy reference, complex128", "numpy_reference", (), timed=False),
    **{
        f"qeras-{backend}": Peer(
            f"Qeras on {backend}",
            "qeras_layer",
            ("keras", "pennylane", backend),
            variables={"KERAS_BACKEND": backend},
        )
        for backend in BACKENDS
    },
    **{
        f"dense-{backend}": Peer(
            f"Keras `Dense` on {backend}",
            "dense_twin",
            ("keras", backend),
            variables={"KERAS_BACKEND": backend},
        )
        for backend in BACKENDS
    },
    "pennylane-torch": Peer("PennyLane `TorchLayer`", "pennylane_torch", ("pennylane", "torch")),
    "pennylane-jax": Peer(
        "PennyLane + `jax.jit`, by hand",
        "pennylane_jax",
        ("pennylane", "jax", "optax"),
        PENNYLANE_JAX,
    ),
    "tensorcircuit-jax": Peer(
        "TensorCircuit-NG + `jax.jit`, by hand",
        "tensorcircuit_jax",
        ("tensorcircuit-ng", "jax", "optax"),
        TENSORCIRCUIT_JAX,
    ),
    "tensorcircuit-keras": Peer(
        "TensorCircuit-NG `KerasLayer`",
        "tensorcircuit_keras",
        ("tensorcircuit-ng", "keras", "tensorflow"),
        TENSORCIRCUIT_KERAS,
        {"KERAS_BACKEND": "tensorflow"},
    ),
    "tfq": Peer(
        "TensorFlow Quantum",
        "tensorflow_quantum",
        ("tensorflow-quantum", "tensorflow"),
        TENSORFLOW_QUANTUM,
        {"TF_USE_LEGACY_KERAS": "1"},
    ),
    "original": Peer(
        "the original `qml.qnn.KerasLayer`",
        "original",
        ("pennylane", "tensorflow"),
        ORIGINAL,
    ),
}

JITTED = ("pennylane-jax", "tensorcircuit-jax", "tensorcircuit-keras")
PENNYLANE = ("pennylane-torch", "pennylane-jax")
RIVALS = ("pennylane-torch", *JITTED, "tfq", "original")
