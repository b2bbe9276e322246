# Start with two commands: `make demo` shows keyswitch at work, `make test` runs all tests.
PYTHON ?= python3
BIN := .venv/bin
TESTS := --numprocesses auto --maxprocesses 6 --dist loadgroup

# Every installed package has its hash in a lock file. pip installs only wheels, because the build of a source
# distribution downloads packages without hashes. The locked setuptools builds keyswitch itself.
PIP := -m pip --quiet --disable-pip-version-check
LOCKED := install --no-compile --require-hashes --only-binary :all:
ITSELF := install --no-deps --no-build-isolation --editable .

# Most installed modules are never imported, so pip compiles none. Python keeps the bytecode of those that are imported,
# even where the environment forbids it: the tests start it a thousand times.
export PYTHONDONTWRITEBYTECODE :=

# `pulumi new` from this folder fails at a link to a folder, such as a virtual environment's lib64, which few systems use.
WITHOUT_LIB64 := $(PYTHON) -c 'import os, sys; n = sys.argv[1] + "/lib64"; sys.platlibdir == "lib64" or not os.path.islink(n) or os.unlink(n)'

# Every lock file is for Python 3.10 and newer, on any platform. Locked versions stay unless UPGRADE=--upgrade is given.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-emit-index-url --no-header $(UPGRADE)
# After locking, `make lock` checks that every locked package has a wheel for each of these. It does not see that cfn-lint,
# which the tests and the sandbox need, refuses Python 3.15.
PYTHONS := 3.10 3.11 3.12 3.13 3.14 3.15
HAS_WHEELS := $(BIN)/uv pip install --quiet --dry-run --require-hashes --only-binary :all: --python-version

.DEFAULT_GOAL := help
.PHONY: help demo test examples coverage bench check fmt schema lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed  ## run a real `pulumi up` that switches access keys of a local IAM
	@$(BIN)/python -m scripts.demo

test: .venv/installed policy/.venv/installed  ## run every test; those of the Pulumi engine need the Pulumi CLI; UNDER selects
	@$(BIN)/python -m pytest $(TESTS) $(UNDER)

examples: .venv/installed  ## run the example programs in every language, with packages from the registries, as users do
	@KEYSWITCH_EXAMPLES=1 $(BIN)/python -m pytest tests/engine/test_plugin_examples.py

coverage: .venv/installed  ## measure how much of keyswitch the tests run, in lines and branches; omits timed tests; UNDER=tests/unit selects
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TESTS) -m 'not timed' $(UNDER)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

bench: .venv/bench/installed  ## measure keyswitch beside other tools; BENCH="--sizes 200,1000 --runs 1" passes options
	@$(BIN)/python -m tests.bench $(BENCH)

check: .venv/installed  ## check with ruff, mypy (strict), import-linter; the workflows with their schemas and zizmor
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	$(BIN)/zizmor --offline --no-progress --quiet .github/workflows/*.yml

fmt: .venv/installed  ## format, and fix what ruff can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: .venv/installed  ## write the JSON Schemas and docs/settings.md from the models
	$(BIN)/python -m keyswitch.configuration.schema stack > schema/stack.schema.json
	$(BIN)/python -m keyswitch.configuration.schema keys > schema/keys.schema.json
	$(BIN)/python -m keyswitch.plugin.schema > schema/provider.schema.json
	$(BIN)/python -m keyswitch.configuration.reference > docs/settings.md

lock: .venv/installed  ## compile the requirements files from pyproject.toml; UPGRADE=--upgrade selects the newest
	$(LOCK) --generate-hashes pyproject.toml --extra sandbox --group build --group dev -o requirements-dev.txt
	$(LOCK) --generate-hashes --group bench -c requirements-dev.txt -o requirements-bench.txt
	$(LOCK) --generate-hashes pyproject.toml --group build -c requirements-dev.txt -o requirements-hashed.txt
	$(LOCK) --generate-hashes --group plugin -c requirements-dev.txt -o plugin/requirements.txt
	$(LOCK) --generate-hashes --group policy -o policy/requirements.txt
	$(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt
	echo "-e ." >> requirements.txt
	@for python in $(PYTHONS); do for file in requirements-dev.txt requirements-bench.txt requirements-hashed.txt */requirements.txt; do \
		$(HAS_WHEELS) $$python -r $$file || { echo "$$file: not for Python $$python"; exit 1; }; done; done

clean:  ## remove all generated files
	rm -rf .venv policy/.venv .demo .tools .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* build dist
	find . -name __pycache__ -prune -exec rm -rf {} + ; rm -rf components/*.egg-info

.venv/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed (make PYTHON=python3.12)")'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info >= (3, 15) and "cfn-lint needs Python 3.14 or older (make PYTHON=python3.14)")'
	@echo "Installing into .venv (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(WITHOUT_LIB64) .venv
	@$(BIN)/python $(PIP) $(LOCKED) -r requirements-dev.txt
	@$(BIN)/python $(PIP) $(ITSELF)
	@touch $@

.venv/bench/installed: .venv/installed requirements-bench.txt requirements-hashed.txt
	@echo "Installing the benchmark's packages (once) …"
	@$(BIN)/python $(PIP) $(LOCKED) -r requirements-bench.txt
	@test -x .venv/bench/bin/python || $(PYTHON) -m venv .venv/bench
	@$(WITHOUT_LIB64) .venv/bench
	@.venv/bench/bin/python $(PIP) $(LOCKED) -r requirements-hashed.txt
	@.venv/bench/bin/python $(PIP) $(ITSELF)
	@touch $@

policy/.venv/installed: policy/requirements.txt
	@echo "Installing the policy pack's packages (once) …"
	@test -x policy/.venv/bin/python || $(PYTHON) -m venv policy/.venv
	@$(WITHOUT_LIB64) policy/.venv
	@policy/.venv/bin/python $(PIP) $(LOCKED) -r policy/requirements.txt
	@touch $@
