# Every target does its own set-up; the second call is quick.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
MANIFEST := dbt_project/target/manifest.json
DBT_SOURCES := $(shell find dbt_project -path dbt_project/target -prune -o -type f \( -name '*.sql' -o -name '*.yml' -o -name '*.csv' \) -print)
AS_OF ?=
KNOWLEDGE ?= now
PORT ?= 3000
export FILE ?=
export RELEASE ?=
export BY ?=
export REASON ?=
export OVERRIDE_BY ?=
export OVERRIDE_REASON ?=
DRY_RUN ?=

export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false
# Dagster says at every start that backfill policies are in beta; they are pinned with the family.
export PYTHONWARNINGS := ignore:Parameter

.PHONY: run ui check draft erase prune rollback prune-releases late alerts test proof bench lint clean

run: $(MANIFEST)
	@$(PY) -m pipelines.cli run $(if $(AS_OF),--as-of $(AS_OF)) --knowledge $(KNOWLEDGE) \
		--override-by "$$OVERRIDE_BY" --override-reason "$$OVERRIDE_REASON"

ui: $(MANIFEST)
	@$(PY) -m pipelines.cli ui --port $(PORT)

check: $(VENV)/.installed
	@$(PY) -m pipelines.cli check

draft: $(VENV)/.installed
	@$(PY) -m pipelines.cli draft "$$FILE"

erase: $(MANIFEST)
	@$(PY) -m pipelines.cli erase "$$FILE" $(if $(DRY_RUN),--dry-run)

prune: $(MANIFEST)
	@$(PY) -m pipelines.cli prune $(if $(AS_OF),--as-of $(AS_OF))

rollback: $(MANIFEST)
	@$(PY) -m pipelines.cli rollback "$$RELEASE" --by "$$BY" --reason "$$REASON"

prune-releases: $(MANIFEST)
	@$(PY) -m pipelines.cli prune-releases

# Without $(MANIFEST): both look at the home alone, and do so where nothing else works.
late: $(VENV)/.installed
	@$(PY) -m pipelines.cli late

alerts: $(VENV)/.installed
	@$(PY) -m pipelines.cli alerts

test: $(VENV)/.installed-dev $(MANIFEST)
	@$(PY) -m pytest -m "not proof" $(ARGS)

proof: $(VENV)/.installed-dev $(MANIFEST)
	@$(PY) -m pytest -m proof -rP --durations=0 $(ARGS)

bench: $(VENV)/.installed-dev $(MANIFEST)
	@$(PY) -m tests.bench

lint: $(VENV)/.installed-dev $(MANIFEST)
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
# Its parse knows another build than a night's, which would parse all models again after it: it has a target of its own.
	@DBT_TARGET_PATH=$(abspath dbt_project/target/lint) $(VENV)/bin/sqlfluff lint --disable-progress-bar dbt_project/models

clean:
	rm -rf $(VENV) dbt_project/target dbt_project/logs *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# The code location needs dbt's manifest before it loads. Parsed anew whenever a model changed (dbt's partial
# parsing trips over descriptions that moved from one file to another), and with the path that the build has for dbt in every home, so
# that the first run finds nothing to parse again.
$(MANIFEST): $(VENV)/.installed $(DBT_SOURCES)
	@rm -rf dbt_project/target/architecture dbt_project/target/lint
	@TREUE_BUILD='~/treue.duckdb' \
		$(VENV)/bin/dbt --quiet --no-partial-parse parse --project-dir $(abspath dbt_project) --profiles-dir $(abspath dbt_project)
	@touch $@
