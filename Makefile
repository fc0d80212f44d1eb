# The first of these that is there; `make install PYTHON=…` takes another.
PYTHON ?= $(shell for one in python3.11 python3.12 python3.13 python3; do command -v $$one && break; done)
BIN := .venv/bin

.PHONY: install run test check bench browser slow faults mutants sbom lock clean

# What `run` needs; `.venv/bin/pulse` is there afterwards.
install: .venv/.runtime

# The bot with the browser sandbox on http://127.0.0.1:8080, on a SQLite file, no account needed.
run: .venv/.runtime
	$(BIN)/pulse run --demo

test: .venv/.dev
	$(BIN)/python -m pytest -q -n 3

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

browser: .venv/.dev tests/browser/node_modules
	$(BIN)/python -m pytest -q tests/browser

# Microsoft's local client for Teams; needs Node 20 or newer.
tests/browser/node_modules: tests/browser/package-lock.json
	cd tests/browser && npm ci
	@touch $@

# Longer simulations and kills, out of the quick suite.
slow: .venv/.dev
	$(BIN)/python -m pytest -q tests/slow

# Kills, freezes, cuts and rubbish, in a form that fits in twenty minutes; PULSE_FAULTS=full for the full figures.
faults: .venv/.dev
	$(BIN)/python -m pytest -q tests/faults

# Would the tests notice a fault in what guards slots, deliveries, tokens and privacy? See docs/mutants.md.
mutants: .venv/.dev
	$(BIN)/python -m bench.mutants --jobs 2

bench: .venv/.dev
	$(BIN)/python -m bench

# What the bot is made of, as CycloneDX: every package that runs, with version and hashes.
sbom: .venv/.dev
	$(BIN)/python -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible -o sbom.json

# Needs `uv` on the PATH. Both locks hold hashes and no addresses.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header -q --group build
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev --group browser --group bench -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv var
