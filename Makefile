# Everything a person or CI does with this repository. `make` alone says what there is.
#
# Set-up needs Python 3.11 or newer and nothing else: every package is a wheel, pinned with its hash in requirements/
# (Linux on x86-64 and ARM, macOS on ARM). The machine's pip settings (mirror, proxy, certificates) are respected.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
INSTALL := $(PIP) install --require-hashes

READY := .venv/.ready
READY_FOR_TESTS := .venv/.ready-for-tests

SAMPLE_BOTS := tests/simulator/libraries/node

PEERS := benchmarks/peers
READY_PEERS := $(PEERS)/.venv/.ready

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo setup test check fix coverage bench bench-peers lock clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: setup ## Run Parley on this machine with a sample catalogue and the embedded model
	@$(BIN)/parley demo

setup: $(READY) ## Make .venv with everything Parley needs to run

test: $(READY_FOR_TESTS) ## Run all tests; ARGS="-k name" for some
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest $(ARGS)

check: $(READY_FOR_TESTS) ## Format, lint, architecture, house rules, types, unused code; cheapest first
	@$(BIN)/ruff format --check --quiet . || { echo "Formatting differs: run make fix"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/python scripts/house_rules.py
	@$(BIN)/vulture
	@$(BIN)/deptry src
	@$(BIN)/mypy

fix: $(READY_FOR_TESTS) ## Format, and mend what the linter can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

coverage: $(READY_FOR_TESTS) ## Branch coverage: the whole by all tests, each core by its own
	@$(BIN)/python scripts/core_coverage.py
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/coverage run -m pytest --quiet
	@$(BIN)/coverage report

bench: $(READY_FOR_TESTS) ## The figures beside their targets, then the long storm of kills and the long fuzzing
	@$(BIN)/python -m benchmarks; measured=$$?; \
	$(BIN)/python -m benchmarks.storm && $(BIN)/python -m benchmarks.fuzz && exit $$measured

bench-peers: $(READY_FOR_TESTS) $(READY_PEERS) ## Parley's API beside LiteLLM and Portkey; ARGS="--quick" for a first look
	@$(BIN)/python -m benchmarks.peers $(ARGS)

# Newer versions come in only by: make lock UPGRADE=--upgrade
LOCK = $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)
lock: $(READY_FOR_TESTS) ## Pin the dependencies that pyproject.toml and requirements/*.in name
	@$(INSTALL) -r requirements/lock.txt
	@$(LOCK) pyproject.toml -o requirements/runtime.txt
	@$(LOCK) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/development.txt
	@$(LOCK) requirements/build.in -c requirements/development.txt -o requirements/build.txt
	@$(LOCK) requirements/embedded.in --no-deps -o requirements/embedded.txt
	@$(LOCK) requirements/node.in -o requirements/node.txt
	@$(LOCK) requirements/peers.in -c requirements/node.txt -o requirements/peers.txt
	@$(LOCK) requirements/lock.in -o requirements/lock.txt

clean: ## Remove what was installed and built; data/ stays
	@rm -rf .venv $(SAMPLE_BOTS)/node_modules $(PEERS)/.venv $(PEERS)/node_modules build dist
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
	@find src tests benchmarks scripts -name __pycache__ -type d -exec rm -rf {} +

# --- what the targets above stand on ---------------------------------------------------------------------

$(READY): requirements/runtime.txt requirements/build.txt requirements/embedded.txt pyproject.toml
	@$(PYTHON) scripts/python_fits.py
	@echo "Setting up .venv, once"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) -r requirements/runtime.txt -r requirements/build.txt
	@$(INSTALL) --no-deps -r requirements/embedded.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(READY_FOR_TESTS): $(READY) requirements/development.txt requirements/node.txt $(SAMPLE_BOTS)/package-lock.json
	@echo "Adding what the tests need"
	@$(INSTALL) -r requirements/development.txt
	@scripts/node_fits && command -v npm >/dev/null || $(INSTALL) -r requirements/node.txt
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --prefix $(SAMPLE_BOTS) --loglevel=error \
		--omit=dev --ignore-scripts --no-audit --no-fund >/dev/null
	@scripts/chromium_fits
	@touch $@

# The peers are strangers: they live apart from Parley and run no script of theirs at their installation.
$(READY_PEERS): requirements/peers.txt $(PEERS)/package.json $(PEERS)/package-lock.json
	@echo "Setting up the peers in $(PEERS) (1 GB), once"
	@$(PYTHON) -m venv $(PEERS)/.venv
	@$(subst $(BIN)/,$(PEERS)/.venv/bin/,$(INSTALL)) -r requirements/peers.txt
	@cd $(PEERS) && PATH="$(CURDIR)/$(PEERS)/.venv/bin:$$PATH" npm ci --loglevel=error
	@touch $@
