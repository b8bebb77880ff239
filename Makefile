# `make dev` and `make test` are all a newcomer needs; `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
NPM    := $(shell command -v npm 2>/dev/null)
ASSETS := gateway/web/assets/graphiql.js
NODE   := tests/clients/node_modules/.installed examples/frontend/node_modules/.installed

# Tests wait for servers and browsers half of their time; more at a time than there are cores disturb each other.
JOBS   ?= 2

.DEFAULT_GOAL := help
.PHONY: help install assets clients dev test check lint types contracts schema manifests image format docs lock wheel clean

help:           ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP) assets clients    ## everything, into .venv, at the locked versions

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

# The clients of others that the tests hold against the gateway. Those from npm are left out without it.
clients: $(VENV)/clients/.installed $(if $(NPM),$(NODE))    ## the clients that the tests use
$(VENV)/clients/.installed: tests/clients/requirements.lock | $(STAMP)
	$(BIN)/python -m venv $(VENV)/clients
	$(VENV)/clients/bin/python -m pip install --quiet --require-hashes -r tests/clients/requirements.lock
	@touch $@
%/node_modules/.installed: %/package-lock.json
	cd $* && $(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

dev: $(STAMP) assets    ## sandbox + gateway + GraphiQL on loopback
	$(BIN)/gateway dev

test: install   ## the whole test suite
	$(BIN)/pytest --numprocesses $(JOBS) --dist loadfile

check: install lint types contracts schema test    ## everything that CI checks

lint:           ## ruff: format and rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:          ## mypy, strict
	$(BIN)/mypy

contracts:      ## who may import whom
	$(BIN)/lint-imports

schema:         ## schema.graphql and the code agree, and clients of the last release are safe
	$(BIN)/gateway schema --check

OPS := $(VENV)/ops/bin
manifests: $(VENV)/ops/.installed   ## Dockerfile and k8s/: lint, schemas, policies
	$(OPS)/hadolint Dockerfile
	$(OPS)/checkov --compact --quiet --skip-download --framework dockerfile --file Dockerfile
	for overlay in sandbox production; do \
	    $(OPS)/kubectl kustomize k8s/overlays/$$overlay >$(VENV)/ops/$$overlay.yaml \
	    && $(OPS)/kubernetes-validate --strict --kubernetes-version 1.32 --quiet $(VENV)/ops/$$overlay.yaml \
	    && $(OPS)/checkov --compact --quiet --skip-download --framework kubernetes --file $(VENV)/ops/$$overlay.yaml \
	    || exit 1; \
	done
$(VENV)/ops/.installed: k8s/tools.lock
	$(PYTHON) -m venv $(VENV)/ops
	$(VENV)/ops/bin/python -m pip install --quiet --require-hashes -r k8s/tools.lock
	@touch $@

image:          ## build the image without an engine and use it (needs root, buildah, debootstrap, Node)
	tests/image/build.sh

format:         ## rewrite the sources in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install   ## rewrite README's tables and schema.graphql from the code
	$(BIN)/python -m tests.docs
	$(BIN)/gateway schema

lock:           ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --extra alibaba --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra alibaba --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements-dev.lock
	$(BIN)/uv pip compile tests/clients/requirements.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file tests/clients/requirements.lock
	$(BIN)/uv pip compile k8s/tools.in --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file k8s/tools.lock

wheel: install  ## dist/*.whl, GraphiQL included
	$(BIN)/python -m hatchling build -t wheel

clean:          ## forget the environment and everything built
	rm -rf $(VENV) dist web/node_modules gateway/web/assets $(dir $(NODE)) examples/frontend/dist
