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
# Ctrl-C ends it with 130, which is no failure. PORT would otherwise be read from .env.
HONCHO := PYTHONUNBUFFERED=1 .venv/bin/honcho --no-colour -e /dev/null
# One more than there are cores: many tests wait for processes or for Chromium; tests/scheduling.py shares them out. With
# more of them what has to happen in time does not. What they write outlives no power cut, so it stays in memory.
PYTEST := $(if $(wildcard /dev/shm),env TMPDIR=$${TMPDIR:-/dev/shm}) $(PY) -m pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) --dist loadscope
WITH_TEST_SETTINGS := SECRET_KEY=only-for-checks

.PHONY: help demo run test test-postgres check lint secrets types layers templates migrations deploy test-sqlite coverage chaos bench screenshots lock audit-packages

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
demo: export PORTAL_URL := http://127.0.0.1:$(PORT)
demo: export EMAIL_URL := consolemail://
demo: .venv/production ## The whole product with a stand-in Kentik, a cast and a catalogue (PORT, SANDBOX_PORT, DEMO_PASSWORD)
	@$(PY) -m portal.demo
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@$(PY) manage.py seed_demo
	@$(HONCHO) -f Procfile.demo start -p $(PORT) || [ $$? = 130 ]

run: .venv/production ## The portal against the Kentik that .env names
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@echo "Breakwater runs at http://127.0.0.1:$(PORT)/ – the first administrator comes from: $(PY) manage.py createsuperuser"
	@$(HONCHO) -f Procfile start -p $(PORT) || [ $$? = 130 ]

# What pytest compiles is kept, whatever the machine says: one run takes it from another.
test test-sqlite coverage test-postgres: export PYTHONDONTWRITEBYTECODE :=

test: .venv/development ## The tests, on SQLite or on the PostgreSQL that DATABASE_URL names
	$(PYTEST)

check: ## Everything that CI runs
	@$(MAKE) --no-print-directory -j 2 lint secrets types layers templates migrations deploy
	@$(MAKE) --no-print-directory test-sqlite test-postgres

lint: .venv/development ## Format and lint
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .

secrets: .venv/development ## Secrets that must not be in the repository
	@scripts/scan-secrets

types: .venv/development ## Types
	$(WITH_TEST_SETTINGS) .venv/bin/mypy

layers: .venv/development ## Which package may import which
	.venv/bin/lint-imports
	cd cli && ../.venv/bin/lint-imports

templates: .venv/development ## Template lint
	.venv/bin/djlint templates --lint --quiet

migrations: .venv/development ## Models and migrations agree
	$(WITH_TEST_SETTINGS) $(PY) manage.py makemigrations --check --dry-run

deploy: .venv/development ## Django's checks for production
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))') ALLOWED_HOSTS=breakwater.example.net \
		$(PY) manage.py check --deploy --fail-level WARNING

test-sqlite: .venv/development ## The tests on SQLite, the browser too
	env -u DATABASE_URL $(PYTEST)

# Takes half as long again, so it is for whoever changes much, and not for each change.
coverage: .venv/development ## The same with branch coverage, which must be 95 % or more
	env -u DATABASE_URL $(PYTEST) --cov --cov-branch --cov-report=term:skip-covered --cov-fail-under=95

# Half the tests are refused a database by pytest-django, so that they come out the same on any; and the browser looks at
# pages. `make test-sqlite` has run both, and runs where there is no PostgreSQL; `make test` with DATABASE_URL runs all of it there.
# One that is started here is gone afterwards: what it would keep through a power cut need not reach the disk.
# Of those the ones about races, locks, triggers and queries run for each change; `DECIDED_BY_THE_DATABASE=tests` runs all.
DECIDED_BY_THE_DATABASE ?= $(addprefix tests/,$(DECIDED))
DECIDED := models selectors accounts audit/test_triggers.py api/test_schema.py api/test_alerting.py \
	$(patsubst %,processes/test_%.py,api chaos races stopping worker)
test-postgres: export POSTGRES_OPTIONS ?= -c fsync=off -c synchronous_commit=off -c full_page_writes=off
test-postgres: .venv/development ## The tests that a database can change, on a PostgreSQL that is found or started
	scripts/with-postgres $(PYTEST) -m "database and not browser" $(DECIDED_BY_THE_DATABASE)

chaos: .venv/development ## Kill, cut and fail everything at random on both databases (CHAOS_SEED, CHAOS_OVER)
	CHAOS_OVER=$${CHAOS_OVER:-300} env -u DATABASE_URL $(PY) -m pytest -q -s tests/processes/test_chaos.py
	CHAOS_OVER=$${CHAOS_OVER:-300} scripts/with-postgres $(PY) -m pytest -q -s tests/processes/test_chaos.py

bench: .venv/development ## Figures, each beside its baseline, into build/bench.json
	$(PY) -m bench
	scripts/with-postgres $(PY) -m bench

screenshots: .venv/development ## Pictures of the pages in both themes and widths, into build/screenshots
	env -u DATABASE_URL $(PY) -m tests.browser.pictures build/screenshots
	@echo "$$(ls build/screenshots | wc -l) pictures are in build/screenshots/"

lock: ## Resolve requirements anew (needs uv)
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header -o requirements/production.txt
	uv pip compile -q pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-header -c requirements/production.txt -o requirements/development.txt

# No part of `make check`: without the network it finds nothing, and --strict at least says that nothing was looked at.
audit-packages: ## Known flaws in the packages that are locked (needs pip-audit and the network)
	pip-audit --strict --disable-pip --require-hashes -r requirements/production.txt -r requirements/development.txt
