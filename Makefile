# Every target sets up what it needs, once, in .venv. KERAS_BACKEND=jax|tensorflow|torch
# picks the backend of `make demo`.

PYTHON ?= python3
KERAS_BACKEND ?= jax
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# The smaller build, where there is one.
TENSORFLOW ?= $(if $(filter Linux-x86_64,$(shell uname -sm | tr ' ' -)),tensorflow-cpu,tensorflow)

# TensorFlow logs to the terminal from C++, also where Keras only imports it; the oneDNN
# notice falls silent only with oneDNN, which also rounds differently from run to run.
QUIET := TF_CPP_MIN_LOG_LEVEL=3 TF_ENABLE_ONEDNN_OPTS=0

# pytest runs one worker a core; a pool of threads in each worker would only fight the
# others. NPROC is how XLA on the CPU is told.
ONE_THREAD := OMP_NUM_THREADS=1 NPROC=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
PYTEST := $(QUIET) $(ONE_THREAD) $(BIN)/python -m pytest --quiet -n auto --maxprocesses 8

BACKENDS := jax tensorflow torch

.NOTPARALLEL:
.PHONY: demo test lint bench clean $(BACKENDS:%=test-%)

demo: $(VENV)/installed-plot $(VENV)/installed-$(KERAS_BACKEND)
	$(QUIET) KERAS_BACKEND=$(KERAS_BACKEND) $(BIN)/python examples/moons.py

test: lint $(BACKENDS:%=test-%)

# Tests that give the same result on every backend run on the quickest one only.
test-torch: $(VENV)/installed-dev $(BACKENDS:%=$(VENV)/installed-%)
	KERAS_BACKEND=torch $(PYTEST)

test-jax test-tensorflow: test-%: $(VENV)/installed-dev $(BACKENDS:%=$(VENV)/installed-%)
	KERAS_BACKEND=$* $(PYTEST) -m "not backend_independent"

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-bench $(BACKENDS:%=$(VENV)/installed-%)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) .venv-bench

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Qeras needs Python 3.11 or newer. Received: $$($(PYTHON) --version). Set PYTHON=python3.11 or newer."; exit 1; }
	@echo "Setting up $(VENV), once; this takes a few minutes."
	$(PYTHON) -m venv --clear $(VENV)
	touch $@

# Backends first, so that nothing else chooses a torch: another version may pull gigabytes.
$(VENV)/installed-jax $(VENV)/installed-torch: $(VENV)/installed-%: constraints.txt | $(VENV)/created
	$(PIP) $*
	touch $@

$(VENV)/installed-tensorflow: constraints.txt | $(VENV)/created
	$(PIP) $(TENSORFLOW)
	touch $@

$(VENV)/installed-plot: pyproject.toml constraints.txt | $(VENV)/created
	$(PIP) scikit-learn -e ".[plot]"
	touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/created
	$(PIP) -e ".[dev]"
	touch $@

$(VENV)/installed-bench: pyproject.toml constraints.txt | $(VENV)/created
	$(PIP) -e ".[bench]"
	touch $@
