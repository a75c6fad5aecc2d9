"""Tests of what only one backend has run on that one."""

import keras

OTHERS = {"jax", "tensorflow", "torch"} - {keras.backend.backend()}

collect_ignore = [f"test_on_{backend}.py" for backend in sorted(OTHERS)]
