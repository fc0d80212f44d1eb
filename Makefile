# Use the first of these that exists. `make install PYTHON=…` uses another.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do command -v $$name && break; done)
BIN := .venv/bin
SHELL := bash
.SHELLFLAGS := -o pipefail -c
# Every suite prints its ten slowest tests.
SLOWEST := --durations=10 --durations-min=0.5
# Install what a lock file names, and say how far it is.
PIP := $(BIN)/python -m pip install --disable-pip-version-check
COUNTED = | awk -v total=$$(grep -c '==' $<) '/^(Collecting|Processing|Ignoring|Requirement already)/ {printf "\r  %d of %d", ++n, total; fflush()} \
	/^Installing/ {printf "\r  %d of %d, installing", n, total; fflush()} END {print ""}'

.PHONY: install run test check bench browser slow faults mutants sbom dist lock image-test clean

# Install what `make run` needs, and `.venv/bin/pulse`.
install: .venv/.runtime

# Start the bot with the browser sandbox on http://127.0.0.1:8080, on a SQLite file. It needs no account.
run: .venv/.runtime
	@echo "Starting the demo; it names its address once it answers"
	@$(BIN)/pulse run --demo

test: .venv/.dev
	$(BIN)/python -m pytest -q -n 3 $(SLOWEST)

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bench.house

browser: .venv/.dev tests/browser/node_modules
	$(BIN)/python -m pytest -q $(SLOWEST) tests/browser

# Install Microsoft's local client for Teams. It needs Node 20 or newer.
tests/browser/node_modules: tests/browser/package-lock.json
	cd tests/browser && npm ci
	@touch $@

# Run the longer simulations and kills that are not in the quick suite.
slow: .venv/.dev
	$(BIN)/python -m pytest -q $(SLOWEST) tests/slow

# Kill, freeze and cut the bot and send it malformed input, in up to twenty minutes. PULSE_FAULTS=full runs all of it.
faults: .venv/.dev
	$(BIN)/python -m pytest -q $(SLOWEST) tests/faults

# Check that the tests notice faults in the code that guards slots, deliveries, tokens and privacy, and breaks of what
# SECURITY.md promises (docs/mutants.md).
mutants: .venv/.dev
	$(BIN)/python -m bench.breaks --jobs 2
	$(BIN)/python -m bench.mutants --jobs 2

bench: .venv/.dev
	$(BIN)/python -m bench

# Write the bill of materials as CycloneDX: every package that runs, with version, hashes and licence.
sbom: .venv/.dev
	$(BIN)/python -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible -o sbom.json
	$(BIN)/python -m bench.licences sbom.json

# Build what is released: wheel, source, the bill of materials with licences, and the hashes of all of them.
DIST := dist
dist: sbom
	rm -rf $(DIST)
	$(BIN)/python -m hatchling build -d $(DIST)
	mv sbom.json $(DIST)/
	cd $(DIST) && sha256sum * > SHA256SUMS

# Write both lock files, with hashes and without addresses. This needs `uv` on the PATH.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header -q --group build
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev --group browser --group bench -c requirements.lock -o requirements-dev.lock

# Build the image without a daemon and try it. It needs root, buildah and mmdebstrap.
image-test:
	deploy/container/image-test

.venv/bin/python:
	@echo "Making a Python environment in .venv"
	@$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the packages that the bot needs (the first time about a minute)"
	@$(PIP) --require-hashes -r requirements.lock $(COUNTED)
	@$(PIP) --quiet --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	@echo "Installing the packages that the checks need"
	@$(PIP) --require-hashes -r requirements-dev.lock $(COUNTED)
	@touch $@

clean:
	rm -rf .venv var
