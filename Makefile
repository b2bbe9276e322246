# Two commands are enough: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-emit-index-url --no-header --upgrade

.DEFAULT_GOAL := help
.PHONY: help demo test bench check fmt schema lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed  ## watch a real `pulumi up` switch access keys of a local IAM
	@$(BIN)/python -m scripts.demo

test: .venv/installed  ## every test; those of the Pulumi engine where there is one
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 6 --dist loadgroup

bench: .venv/bench/installed  ## measure it beside its peers; BENCH="--sizes 200,1000 --runs 1" chooses
	@$(BIN)/python -m tests.bench $(BENCH)

check: .venv/installed  ## ruff, format, mypy strict, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fmt: .venv/installed  ## format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: .venv/installed  ## write the JSON Schemas and docs/configuration.md from the models
	$(BIN)/python -m keyswitch.configuration.schema stack > schema/stack.schema.json
	$(BIN)/python -m keyswitch.configuration.schema keys > schema/keys.schema.json
	$(BIN)/python -m keyswitch.configuration.reference > docs/configuration.md

lock: .venv/installed  ## compile the requirements files from pyproject.toml
	$(LOCK) pyproject.toml --extra sandbox --group dev -o requirements-dev.txt
	$(LOCK) --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	echo "-e ." >> requirements.txt

clean:  ## remove everything that was made here
	rm -rf .venv .demo .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -prune -exec rm -rf {} + ; rm -rf components/*.egg-info

.venv/installed: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed (make PYTHON=python3.12)")'
	@echo "Installing into .venv (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	@touch $@

.venv/bench/installed: .venv/installed requirements-bench.txt
	@echo "Installing what the benchmark needs (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@test -x .venv/bench/bin/python || $(PYTHON) -m venv .venv/bench
	@.venv/bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@
