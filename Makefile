# `make dev` and `make test` are all a newcomer needs; `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
NPM    := $(shell command -v npm 2>/dev/null)
ASSETS := gateway/web/assets/graphiql.js

.DEFAULT_GOAL := help
.PHONY: help install assets dev test check lint types contracts schema format docs lock wheel clean

help:           ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) assets    ## everything, into .venv, at the locked versions

$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# GraphiQL is bundled from npm so that the page asks no foreign host for anything.
ifneq ($(NPM),)
assets: $(ASSETS)           ## GraphiQL's files (needs Node; skipped without it)
$(ASSETS): web/package-lock.json $(wildcard web/src/*) $(wildcard web/*.mjs)
	cd web && $(NPM) ci --no-audit --no-fund --loglevel=error && $(NPM) run --silent build
	@touch $@
else
assets:
	@echo "npm not found: the gateway runs without GraphiQL and its page says so"
endif

dev: install    ## sandbox + gateway + GraphiQL on loopback
	$(BIN)/gateway dev

test: install   ## the whole test suite
	$(BIN)/pytest

check: install lint types contracts schema test    ## everything that CI checks

lint:           ## ruff: format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:          ## mypy, strict
	$(BIN)/mypy

contracts:      ## who may import whom
	$(BIN)/lint-imports

schema:         ## schema.graphql and the code agree
	$(BIN)/gateway schema --check

format:         ## rewrite the sources in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install   ## rewrite README's tables and schema.graphql from the code
	$(BIN)/python -m tests.docs
	$(BIN)/gateway schema

lock:           ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements-dev.lock

wheel: install  ## dist/*.whl, GraphiQL included
	$(BIN)/python -m hatchling build -t wheel

clean:          ## forget the environment and everything built
	rm -rf $(VENV) dist web/node_modules gateway/web/assets
