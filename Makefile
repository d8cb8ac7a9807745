# `make run` and `make test` are each enough by themselves on a machine with make and Python 3.11 or newer.
# Another interpreter: make PYTHON=/path/to/python3 run

SHELL := bash
BIN := .venv/bin
export PYTHON
# Tests side by side; two by default, as that is what they were measured on.
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint format lock clean environment-run environment-dev

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: environment-run  ## Open the studio (without a display: the same job in the terminal)
	@$(BIN)/studio

test: environment-dev  ## Check style, types and imports, and run the tests
	@$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist worksteal

test-slow: environment-dev  ## Run the tests that take longer
	@$(BIN)/python -m pytest -m slow -o faulthandler_timeout=3600

lint: environment-dev  ## Check style, types and imports alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: environment-dev  ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: environment-dev  ## Write what is installed to constraints.txt
	@bash packaging/lock.sh

clean:  ## Remove the environment, caches and build results; runs and data of the user stay
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment-run:
	@bash packaging/environment.sh run

environment-dev:
	@bash packaging/environment.sh dev
