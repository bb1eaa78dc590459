.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip is told nothing about where packages come from: the machine's own configuration decides.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
INSTALL := $(PIP) --require-hashes
# The command twinbase, and the plugin of pytest, of this very folder.
LINK := $(PIP) --no-build-isolation --editable .

##@ Use
.PHONY: help run migrate
help: ## This list
	@awk 'BEGIN {FS = ":.*##"} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*##/ {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Start everything and serve on http://127.0.0.1:7990 (ARGS="--port 8000")
	@exec $(BIN)/python -m service serve $(ARGS)

migrate: $(VENV)/.runtime ## Bring schema twinbase to the newest version (ARGS="status", "down", "check")
	@exec $(BIN)/python -m service migrate $(or $(ARGS),up)

##@ Develop
.PHONY: install check test test-unit test-pgbouncer bench format docs lock clean
install: $(VENV)/.dev ## Install what development needs into .venv

check: $(VENV)/.dev ## Format, lint, types, import direction, migrations without drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	@folder=$$(mktemp -d); export TWINBASE_DATA_DIR=$$folder/data TWINBASE_LOG_LEVEL=error; \
	$(BIN)/python -m service migrate up && $(BIN)/python -m service migrate check; \
	status=$$?; rm -rf $$folder; exit $$status

test: $(VENV)/.dev ## All tests, on a real PostgreSQL
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

test-unit: $(VENV)/.dev ## The tests that need no database
	$(BIN)/python -m pytest tests/unit $(ARGS)

test-pgbouncer: $(VENV)/.dev ## The tests on a real PostgreSQL, through PgBouncer
	$(BIN)/python -m pytest -n 3 --dist worksteal --pgbouncer tests/integration tests/http $(ARGS)

bench: $(VENV)/.runtime ## Measure, needs wrk: docs/performance.md (ONLY=dml, ARGS=--quick)
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(ARGS)

format: $(VENV)/.dev ## Format and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev ## Write the pages that are made from the code
	$(BIN)/python -m docs.generate

lock: $(VENV)/.dev ## Resolve pyproject.toml anew into the two lock files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" --group install pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --custom-compile-command "make lock" --group dev pyproject.toml -o requirements-dev.lock

clean: ## Remove .venv and caches; never data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(BIN)/python
	$(INSTALL) -r requirements.lock
	$(LINK)
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(BIN)/python
	$(INSTALL) -r requirements-dev.lock
	$(LINK)
	@touch $@ $(VENV)/.runtime
