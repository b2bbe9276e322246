# Two commands are enough: `make demo` shows it, `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
TESTS := --numprocesses auto --maxprocesses 6 --dist loadgroup

# What is installed has the hashes of a lock file. A source distribution would fetch its build requirements without
# them, so only wheels are taken; keyswitch itself is built by the setuptools of the lock.
PIP := -m pip --quiet --disable-pip-version-check
LOCKED := install --require-hashes --only-binary :all:
ITSELF := install --no-deps --no-build-isolation --editable .

# Every lock file is for Python 3.10 and newer, on any platform. Locked versions stay; `make lock UPGRADE=--upgrade`.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-emit-index-url --no-header $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help demo test coverage bench check fmt schema lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed  ## watch a real `pulumi up` switch access keys of a local IAM
	@$(BIN)/python -m scripts.demo

test: .venv/installed  ## every test; those of the Pulumi engine where there is one
	@$(BIN)/python -m pytest $(TESTS)

coverage: .venv/installed  ## how much of keyswitch the tests run, lines and branches; UNDER=tests/unit chooses the tests
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TESTS) -m 'not timed' $(UNDER)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

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

schema: .venv/installed  ## write the JSON Schemas and docs/settings.md from the models
	$(BIN)/python -m keyswitch.configuration.schema stack > schema/stack.schema.json
	$(BIN)/python -m keyswitch.configuration.schema keys > schema/keys.schema.json
	$(BIN)/python -m keyswitch.configuration.reference > docs/settings.md

lock: .venv/installed  ## compile the requirements files from pyproject.toml; UPGRADE=--upgrade takes the newest
	$(LOCK) --generate-hashes pyproject.toml --extra sandbox --group build --group dev -o requirements-dev.txt
	$(LOCK) --generate-hashes --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(LOCK) --generate-hashes pyproject.toml --group build -c requirements-dev.txt -o requirements-hashed.txt
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	echo "-e ." >> requirements.txt

clean:  ## remove everything that was made here
	rm -rf .venv .demo .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* build dist
	find . -name __pycache__ -prune -exec rm -rf {} + ; rm -rf components/*.egg-info

.venv/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed (make PYTHON=python3.12)")'
	@echo "Installing into .venv (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP) $(LOCKED) -r requirements-dev.txt
	@$(BIN)/python $(PIP) $(ITSELF)
	@touch $@

.venv/bench/installed: .venv/installed requirements-bench.txt requirements-hashed.txt
	@echo "Installing what the benchmark needs (once) …"
	@$(BIN)/python $(PIP) $(LOCKED) -r requirements-bench.txt
	@test -x .venv/bench/bin/python || $(PYTHON) -m venv .venv/bench
	@.venv/bench/bin/python $(PIP) $(LOCKED) -r requirements-hashed.txt
	@.venv/bench/bin/python $(PIP) $(ITSELF)
	@touch $@
