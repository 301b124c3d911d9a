# Everything that a person or CI runs. On a bare machine Python ≥ 3.11 and make are enough: the rest is set up here.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
READY := $(VENV)/ready
EXTRAS := operator embedder embedder-cuda jobs plugin
CODE := operator sidecars charts e2e tests

# Tests start hundreds of processes, which would compile all that they import again.
unexport PYTHONDONTWRITEBYTECODE

# The first of these that is new enough; PYTHON=… names another.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

.PHONY: help demo down test e2e images verify fmt crds dashboards golden lock tools bench-embedder bench-converge bench-ha bench-migration clean unit coverage

help: ## Show what one can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

demo: $(READY) ## From YAML to answers: real API server, real Weaviate, real model; stays up
	@$(PY) -m e2e.demo up

down: $(READY) ## End what make demo started
	@$(PY) -m e2e.demo down

test: verify unit ## All that CI runs short of a node

e2e: $(READY) ## Scenarios in a real cluster: a node of this machine (root), or E2E_KUBECONFIG's
	@$(PY) -m e2e.cluster.toolchain base node checks
	@$(PY) -m pytest e2e/scenarios

# The engine that runs here, if one does; ENGINE= names another, or none: then buildah builds out of Debian's packages.
ENGINE ?= $(shell for e in docker podman; do "$$e" info >/dev/null 2>&1 && echo "$$e" && break; done)
IMAGES ?= operator embedder jobs
TAG ?= e2e

images: $(READY) ## Build the images into build/images, by ENGINE=docker or podman, or without a container engine
	@mkdir -p build/images
	@engine="$(ENGINE)"; \
	if test -z "$$engine"; then \
		exec $(PY) -m e2e.cluster.images --to build/images $(IMAGES:%=hirag-%); \
	fi; \
	for image in $(IMAGES); do \
		"$$engine" build --file operator/Dockerfile --target "$$image" --tag "hirag-$$image:$(TAG)" \
			--build-arg VERSION="$(TAG)" --build-arg REVISION="$$(git rev-parse HEAD)" .; \
		rm -f "build/images/hirag-$$image.tar"; \
		"$$engine" save --output "build/images/hirag-$$image.tar" "hirag-$$image:$(TAG)"; \
	done

unit: $(READY)
	@$(PY) -m e2e.cluster.toolchain base checks
	@$(PY) -m pytest -n auto

coverage: $(READY) ## The tests once more, and the lines that none of them reaches; slower
	@$(PY) -m e2e.cluster.toolchain base checks
	@$(PY) -m pytest -n auto --cov --cov-report=term

verify: $(READY) ## Format, lint, types, layers, freshness of generated files
	@$(VENV)/bin/ruff format --check --no-cache --quiet $(CODE)
	@$(VENV)/bin/ruff check --no-cache --quiet $(CODE)
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --verbose 2>&1 | grep -E 'Contracts:|BROKEN' ; test $${PIPESTATUS[0]} -eq 0
	@$(PY) -m hirag_operator.crdgen --check
	@$(PY) -m charts.monitoring --check

fmt: $(READY) ## Format, and repair what the linter can
	@$(VENV)/bin/ruff check --quiet --fix $(CODE) || true
	@$(VENV)/bin/ruff format $(CODE)

crds: $(READY) ## Generate crds/, the chart's copy of them and docs/api.md from the API models
	@$(PY) -m hirag_operator.crdgen

dashboards: $(READY) ## Generate the chart's dashboards and the tables of metrics from charts/monitoring
	@$(PY) -m charts.monitoring

tools: $(READY) ## Fetch or build the servers that tests and demo run, with progress
	@$(PY) -m e2e.cluster.toolchain

# The dev lock decides: what the processes run with is what was tested.
LOCK := $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet \
	--no-emit-index-url --no-emit-find-links

golden: $(READY) ## Write what the chart renders to tests/charts/golden anew
	@$(PY) -m tests.charts.rendering

lock: $(READY) ## Pin the newest versions that pyproject.toml allows, with hashes
	@$(LOCK) --upgrade --extra dev -o requirements-dev.lock pyproject.toml
	@for extra in $(EXTRAS); do \
		$(LOCK) --extra "$$extra" --constraint requirements-dev.lock -o "requirements-$$extra.lock" pyproject.toml; done
	@echo uv | $(LOCK) --no-annotate --constraint requirements-dev.lock -o requirements-bootstrap.lock -
	@echo hatchling | $(LOCK) --no-annotate --constraint requirements-dev.lock -o requirements-wheel.lock -

bench-embedder: tools ## Measure the embedding server beside the usual ways, on a GPU where there is one
	@$(PY) -m e2e.bench.embedder

bench-converge: tools ## Time the operator beside a plain loop of the same writes, on real servers
	@$(PY) -m e2e.bench.converge

bench-ha: tools ## Time hand-overs of the lead, recoveries from lost servers, and take-over with 1,000 collections
	@$(PY) -m e2e.bench.ha

bench-migration: tools ## Time copying and re-embedding a collection beside the client's insert and the manual's loop
	@$(PY) -m e2e.bench.migration

clean: ## Remove what was built here; downloads and built servers stay in the cache
	@rm -rf build dist .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

# uv installs from the lock in seconds once its cache is warm; pip brings uv itself, by hash.
$(READY): requirements-dev.lock requirements-bootstrap.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "its venv module is missing: install python3-venv" >&2; exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
