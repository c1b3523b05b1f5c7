# One verb a line. Everything runs in a virtual environment of its own: $(VENV).
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: demo test check bench generate

demo: $(VENV)/installed
	@$(BIN)/flagwright demo

test: $(VENV)/installed
	@$(BIN)/python -m pytest

check: $(VENV)/installed
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

bench: $(VENV)/installed
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.conversation
	@$(BIN)/python -m benchmarks.wrap_speed
	@$(BIN)/python -m benchmarks.policy_cost

generate: $(VENV)/installed
	@$(BIN)/python -m docs.generate

$(VENV)/installed: pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
