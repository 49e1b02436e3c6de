# Every target works on a fresh machine with Python 3.11 or newer: the first one builds .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DUCKDB_2 := .duckdb-2
DUCKDB_14 := .duckdb-1.4
# One process more than the two cores it is made for: tests of schedules and silence wait much of the time.
# Those that are run on DuckDB 2.0 too do not wait, and each process costs as much as many of them to start.
TOGETHER := -n 3 --dist loadfile --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast new-source lint format docs bench bench-decade schemas constraints clean

help:  ## Show this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(READY)  ## Build .venv with exactly the versions of constraints.txt

# pyproject.toml is a dependency so that a changed entry point or version is installed anew.
$(READY): constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)  ## Run the bundled sample, three simulated nights, into demo/ and ask it a first question
	rm -rf demo
	$(BIN)/gapwatch --data-dir demo refresh --sample
	$(BIN)/gapwatch --data-dir demo show

test: $(READY) $(DUCKDB_2)/.ready $(DUCKDB_14)/.ready  ## Run all tests, those that touch DuckDB also on 2.0
	$(BIN)/python -m pytest $(TOGETHER)
	PYTHONPATH=$(DUCKDB_2) $(BIN)/python -m pytest -m duckdb2 $(TOGETHER) -n 2

test-fast: $(READY)  ## Run the tests that start no process
	$(BIN)/python -m pytest tests/unit -m "not slow" $(TOGETHER)

lint: $(READY)  ## Check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(READY)  ## Put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY)  ## Make the reference pages and the pictures of docs/ from the definitions
	$(BIN)/python -m docs.generate

bench: $(READY)  ## Measure, each figure as a ratio against a baseline of the same run
	$(BIN)/python -m tests.benchmarks

bench-decade: $(READY)  ## Measure builds, nights and questions on a made-up archive of YEARS years (10)
	$(BIN)/python -m tests.benchmarks.decade --years $(or $(YEARS),10)

# The two DuckDB releases beside the locked one: folders of their own, put in front of the path by the tests.
$(DUCKDB_2)/.ready: tests/duckdb-2.txt $(READY)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --target $(DUCKDB_2) --upgrade -r $<
	@touch $@

$(DUCKDB_14)/.ready: tests/duckdb-1.4.txt $(READY)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --target $(DUCKDB_14) --upgrade -r $<
	@touch $@

new-source: $(READY)  ## Make the folder of a source: ID=my_source FORMAT=csv (or json), perhaps PUBLISHER=folder
	$(BIN)/python deploy/new_source.py $(ID) $(FORMAT) $(if $(PUBLISHER),--publisher $(PUBLISHER))

schemas: $(READY)  ## Write the JSON schemas of definitions, for editors, to docs/schemas
	$(BIN)/python -m tests.schemas

constraints: $(READY)  ## Resolve constraints.txt anew (needs uv); names no registry, so that it works behind any
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--extra dev --group build --constraint pins.txt --output-file constraints.txt pyproject.toml

clean:  ## Remove everything that make has built
	rm -rf $(VENV) $(DUCKDB_2) $(DUCKDB_14) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
