"""How much JAX's compiler optimises in the tests.

Most of their programs run once or a few times, so what counts is XLA's time to compile them:
for a circuit of ten gates 0.2 s where it optimises little, 1.5 s where it does all it can.
Some tests, and all that run in processes of their own, compile as for users.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

_FEWER_PASSES = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}


def set_quick(quick: bool) -> None:
    """Whether JAX skips most optimisations of what it compiles from now on."""
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_disable_most_optimizations", quick)


def quick_options() -> dict[str, Any]:
    """Options of `jax.jit` that skip still more, unless it compiles as for users."""
    import jax

    return dict(_FEWER_PASSES) if jax.config.read("jax_disable_most_optimizations") else {}


@contextmanager
def as_for_users() -> Iterator[None]:
    """All optimisations, of programs that were not compiled before."""
    set_quick(False)
    try:
        yield
    finally:
        set_quick(True)
