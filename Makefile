# Two commands: `make report` (the whole line on the sample) and `make test`. The rest is for developers.
# Works in a checkout whose path has spaces: every path in here is relative.

PYTHON ?= python3
BIN := .venv/bin
LOG := .venv/install.log
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-deps
OR_SAY := >>$(LOG) 2>&1 || { tail -n 20 $(LOG) >&2; echo "The installation failed; all of it is in $(LOG)" >&2; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help report demo test check lint types contracts kills fuzz bench bench-long validate sample screens docs lock clean

help:
	@echo "make report   the whole line on data/sample; the last line is the path of the report"
	@echo "make test     every test, on every processor (PYTEST_ARGS= runs them one after another)"
	@echo "make check    lint, types, import contracts, then every test"
	@echo "make kills    kill -9 in every command, more than 200 times, and what is left compared"
	@echo "make fuzz     bytes from nowhere into every reader (SECONDS=60 for each, TARGET=name)"
	@echo "make bench    benchmarks into benchmarks/results.json (bench-long: without shortcuts)"
	@echo "make validate the simulation study into docs/validation.md (half an hour; goes on where it was stopped)"
	@echo "make sample   write data/sample and data/reference again;  make docs   the pages made from the code"
	@echo "make screens  pictures of every page type at three widths into screenshots"
	@echo "make lock     pin the dependencies again;  make clean   remove what was made here"

# --- the environment, made once and again whenever a lock file changes -------------------------------------------

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed, as '$(PYTHON)'. Install it, or say: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv >&2
	@touch $@

.venv/runtime.stamp: .venv/made.stamp requirements.txt pyproject.toml
	@echo "Installing what the monitor needs (a minute or two, once) ..." >&2
	@$(PIP) --require-hashes -r requirements.txt $(OR_SAY)
	@$(PIP) --no-build-isolation -e . $(OR_SAY)
	@touch $@

.venv/dev.stamp: .venv/runtime.stamp requirements-dev.txt
	@echo "Installing what the tests need ..." >&2
	@$(PIP) --require-hashes -r requirements-dev.txt $(OR_SAY)
	@touch $@

# --- the two commands ----------------------------------------------------------------------------------------------

report: .venv/runtime.stamp
	@$(BIN)/python data/sample/report.py

# A process for each processor, each taking a file of tests at a time, the longest first (tests/order.py). One after
# another: make test PYTEST_ARGS=
# The program is compiled beforehand: tests start it hundreds of times, and an environment may forbid to keep bytecode.
PYTEST_ARGS ?= --numprocesses=auto --maxprocesses=8 --dist=loadfile --no-loadscope-reorder
demo: .venv/runtime.stamp
	@$(BIN)/monitor --data-dir data/demo demo

test: .venv/dev.stamp
	@$(BIN)/python -m compileall -q monitor spiders reports
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

# --- the gate ------------------------------------------------------------------------------------------------------

check: lint types contracts test

lint: .venv/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/dev.stamp
	@$(BIN)/mypy

contracts: .venv/dev.stamp
	@$(BIN)/lint-imports

# SIGKILL in every command that writes, more than 200 times, on both databases; half an hour.
kills: .venv/dev.stamp
	@MONITOR_KILLS=many $(BIN)/python -m pytest -rP tests/kills

# Coverage-guided, for so long each; status 1 with the path of the input that failed (docs/fuzzing.md).
SECONDS ?= 60
fuzz: .venv/dev.stamp
	@$(BIN)/python -m fuzz --seconds $(SECONDS) $(if $(TARGET),--target $(TARGET))

# --- measurements, sample, lock ------------------------------------------------------------------------------------

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks --quick

bench-long: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

# Every market is kept in data/validation as soon as it is scored; changed code begins anew by itself.
validate: .venv/runtime.stamp
	@$(BIN)/monitor simulate --folder data/validation --report docs/validation.md

sample: .venv/runtime.stamp
	@$(BIN)/python data/sample/generate.py

# Of another release than the one made for the tests: make screens MONITOR_SCREENS_OF=FOLDER
screens: .venv/dev.stamp
	@MONITOR_SCREENS=screenshots MONITOR_SCREENS_OF="$(MONITOR_SCREENS_OF)" $(BIN)/python -m pytest tests/publication/test_screens.py

docs: .venv/dev.stamp
	@$(BIN)/python docs/generate.py

# No header and no annotation: they would name a package index and paths. `uv` from the PATH, else from the environment.
UV = $(shell command -v uv || echo $(BIN)/uv)
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11
lock:
	@$(UV) --version >/dev/null 2>&1 || { echo "uv is missing: .venv/bin/python -m pip install uv" >&2; exit 1; }
	@$(COMPILE) pyproject.toml --group build --output-file requirements.txt
	@$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean:
	@rm -rf .venv dist build data/sample-run screenshots .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
