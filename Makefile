# Everything runs from a virtual environment that make builds; `make run` and `make test` are all one needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help run test offline lint bench published docs setup clean

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(STAMP): pyproject.toml constraints.txt
	@echo "setting up $(VENV) (a few minutes the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

setup: $(STAMP)  ## make the virtual environment

run: $(STAMP)  ## the main job: the model in this repo over all six embedded tasks, offline
	@$(BIN)/mmbench run --model reference --tasks core --limit 200 --out runs

test: $(STAMP)  ## lint, types, import rules and all tests
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -q -n 2 -m "not slow"

offline: $(STAMP)  ## all tests and the main job in a network namespace that reaches nothing outside
	@ci/offline

lint: $(STAMP)  ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 1

bench: $(STAMP)  ## speed and memory, side by side with bare loops and peers; rewrites benchmarks/README.md
	@$(BIN)/python benchmarks/run_all.py

published: $(STAMP)  ## rebuild reports/published and the pictures of the README from all that ships
	@$(BIN)/python reports/build_published.py
	@$(BIN)/python docs/screenshots.py

docs: $(STAMP)  ## regenerate the generated pages of docs/
	@$(BIN)/python docs/generate.py

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
