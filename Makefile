# `make help` lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8000
SANDBOX_PORT ?= 8001
export PORT SANDBOX_PORT

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_INSTALL := .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
PY := .venv/bin/python

.PHONY: help demo run test check lint types layers templates migrations deploy-check secure lock screenshots

help: ## What there is to do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Breakwater needs Python 3.11 or newer; PYTHON=… names one."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/production: .venv/bin/python requirements/production.txt
	$(PIP_INSTALL) requirements/production.txt
	@touch $@

.venv/development: .venv/production requirements/development.txt
	$(PIP_INSTALL) requirements/development.txt
	@touch $@

demo: export ENV_FILE := .env.demo
demo: export KENTIK_BASE_URL := http://127.0.0.1:$(SANDBOX_PORT)
demo: .venv/production ## The whole product with a stand-in Kentik, a cast and a catalogue (PORT, SANDBOX_PORT, DEMO_PASSWORD)
	@$(PY) -m portal.demo
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@$(PY) manage.py seed_demo
	@exec .venv/bin/honcho --no-colour -f Procfile.demo -e /dev/null start -p $(PORT)

run: .venv/production ## The portal against the Kentik that .env names
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@echo "Breakwater runs at http://127.0.0.1:$(PORT)/ – the first administrator comes from: $(PY) manage.py createsuperuser"
	@exec .venv/bin/honcho --no-colour -f Procfile -e /dev/null start -p $(PORT)

test: .venv/development ## The tests, on SQLite or on the PostgreSQL that DATABASE_URL names
	$(PY) -m pytest -n auto
