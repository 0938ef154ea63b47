# Everything is installed into .venv, once for each content of the files that say what to install.
BIN := .venv/bin
SUM := $(shell cat pyproject.toml mlpack/__init__.py | cksum | cut -d ' ' -f 1)
BASE := .venv/.base-$(SUM)
DEV := .venv/.dev-$(SUM)
BENCH := .venv/.bench-$(SUM)
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq

.DEFAULT_GOAL := help
.PHONY: help demo test check format test-interop test-flavors test-images bench build clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(BASE)  ## train a model, package it, serve it and ask it with curl
	@$(BIN)/python examples/quickstart/demo.py

test: $(DEV)  ## run the test suite
	$(BIN)/pytest

check: $(DEV)  ## run what has to pass before a change goes in: lint, format, types, tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest

format: $(DEV)  ## put the code into its one format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test-interop: $(DEV)  ## compare with real MLflow, in environments kept outside this folder
	$(BIN)/pytest tests/interop

test-flavors: $(DEV)  ## test all flavors beside real MLflow, in environments kept outside this folder
	$(BIN)/python -m tests.flavors

test-images: $(DEV)  ## build and run images with a Docker engine, on a base that debootstrap makes
	$(BIN)/pytest tests/images/apart

bench: $(BENCH)  ## measure against MLflow and other servers, and print the tables of the README; needs wrk
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.load --plot docs/load.png

build: $(DEV)  ## build the sdist, and the wheel from it, into dist/
	$(BIN)/python -m build

clean:  ## remove what these commands made
	rm -rf .venv build dist

$(BIN)/python:
	@python=$$(scripts/find-python) && echo "Making .venv with $$python" && "$$python" -m venv .venv || { rm -rf .venv; exit 1; }

$(BASE): | $(BIN)/python
	@echo "Installing mlpack and scikit-learn into .venv; this takes a minute, once"
	@$(PIP) --editable '.[sklearn]'
	@touch $@

$(DEV): | $(BASE)
	@echo "Installing what the tests need into .venv, once"
	@$(PIP) 'pip>=25.1'  # the first that reads dependency groups
	@$(PIP) --editable '.[skops,arrow,speed,uv,s3,sftp,sql,docker]' --group dev
	@touch $@

$(BENCH): | $(DEV)
	@$(PIP) --group bench
	@touch $@
