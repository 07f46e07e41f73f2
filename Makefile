# make demo    a real recording becomes a meeting, from nothing to the printed minutes
# make test    lint, types and all tests
# make check   lint, types and the tests that need neither models nor a browser
# make serve   the library in the browser
# make bench DATA=FOLDER   accuracy and speed on recordings with references
# make clean   remove what was built here; models and library stay
#
# PYTHON=python3.12 chooses the interpreter; 3.11 to 3.13 will do.

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
APP := $(BIN)/meeting-app
QUICK := not model and not browser and not slow and not gpu
PARALLEL := -n logical --maxprocesses 4

# Where Python may not write bytecode, every process compiles torch and gradio anew: ten seconds of
# each server and command that a test starts.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install models demo serve lint types check test bench clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile

install: $(INSTALLED)

models: $(INSTALLED)
	@$(APP) models pull

demo: models
	@$(APP) demo

serve: $(INSTALLED)
	@$(APP) serve

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

check: lint types
	$(BIN)/pytest -q $(PARALLEL) -m "$(QUICK)"

test: check models
	$(BIN)/pytest -q -m "not ($(QUICK))"

bench: $(INSTALLED)
	@test -n "$(DATA)" || { echo "say where the recordings are: make bench DATA=FOLDER" >&2; exit 2; }
	$(BIN)/python -m benchmarks.run $(DATA)

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock names versions and hashes and no place to get them from: an index that pip is set to
# use is handed on to uv, which does not read pip's settings.
$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUPPORTED)' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed; install one, or name it: make PYTHON=…" >&2; \
		exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; \
		exit 1; }
	@test -x $(BIN)/pip || $(BIN)/python -m ensurepip --upgrade
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r $(VENV)/uv.lock
	@index=$$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true); \
	index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$index}}; \
	if test -n "$$index"; then export UV_DEFAULT_INDEX="$$index"; fi; \
	export VIRTUAL_ENV=$(CURDIR)/$(VENV); \
	$(BIN)/uv pip install --require-hashes -r requirements.lock && \
	$(BIN)/uv pip install --no-deps --no-build-isolation --editable .
	@touch $@
