# `make demo` and `make test` need nothing but a shell; see README.md.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
DESKTOP ?= synthetic
export PYTHON VENV

.DEFAULT_GOAL := help
.PHONY: help demo test test-cluster image matrix bench check tools docs format lock clean

help: ## Shows this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## Starts the embedded VDI platform and probes it; ARGS="--runs 2" ends after two runs, DESKTOP=selkies is the real thing
	@.ci/setup python browser $(filter selkies,$(DESKTOP)) $(if $(findstring relay,$(ARGS))$(findstring turn_,$(ARGS)),turn)
	@$(BIN)/prober demo --desktop $(DESKTOP) $(ARGS)

test: ## Runs all tests; ARGS="tests/domain" runs some
	@.ci/setup python browser turn selkies kubectl prometheus control_plane operator
	@$(BIN)/pytest -m "not node" $(ARGS)

test-cluster: ## Builds the image, installs the chart into a real cluster with a kubelet, which changes this host meanwhile
	@.ci/setup python prometheus tools builder
	@if command -v buildah >/dev/null || [ -n "$$CI" ]; then .ci/image; fi
	@$(BIN)/pytest -m node tests/node $(ARGS)

image: ## Builds the image into .tools/images/vdi-prober.tar; BASE_IMAGE names another base
	@.ci/setup builder
	@.ci/image

matrix: ## Injects every fault of the lab and holds the reported reasons against them; writes docs/matrix.md
	@.ci/setup python browser turn
	@cat tests/e2e/matrix_head.md > docs/matrix.md
	@PROBER_MATRIX=$(CURDIR)/docs/matrix.md $(BIN)/pytest -q tests/e2e/test_matrix.py tests/e2e/test_matrix_own.py tests/e2e/test_matrix_pairs.py

bench: ## Measures how long a scrape of 200 targets takes
	@.ci/setup python
	@$(BIN)/python -m tests.benchmarks.scrape $(ARGS)

check: ## Runs linters, types and layers
	@.ci/setup python
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

tools: ## Builds the real Kubernetes that tests start, node parts included, into .tools/bin
	@.ci/setup tools

docs: ## Writes the documents that are made from code
	@.ci/setup python
	@$(BIN)/python -m prober.adapters.kubernetes.permissions_page > docs/permissions.md
	@$(BIN)/python -m prober.lab.faults_page > docs/faults.md
	@$(BIN)/python -m prober.app.reasons_page > docs/reasons.md
	@$(BIN)/python -m prober.adapters.metrics.page > docs/metrics.md
	@$(BIN)/python -m prober.app.dashboards dashboards
	@$(BIN)/python -m prober.app.monitoring.files dashboards/alerts
	@$(BIN)/python -m prober.app.monitoring.slo_page > docs/slo.md
	@$(BIN)/python -m prober.app.chart helm/vdi-prober dashboards

format: ## Formats the code
	@.ci/setup python
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## Pins the dependencies anew, with hashes
	@.ci/setup python
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --no-strip-extras --upgrade pyproject.toml -o requirements/runtime.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --no-strip-extras --upgrade --extra lab --extra otel --extra dev -c requirements/runtime.txt pyproject.toml -o requirements/dev.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --no-strip-extras --upgrade --extra selkies -c requirements/dev.txt pyproject.toml -o requirements/selkies.txt

clean: ## Removes what the other targets made
	@[ ! -d .tools/cluster/run/pid ] || tests/node/cluster/down.sh
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .tools
