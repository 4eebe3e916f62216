# make run: the site on this machine. make test: all tests. Both need Python 3.11 or newer and make, and nothing else.

.DEFAULT_GOAL := help
.PHONY: help run test lint bench bench-smoke attacks faults lock clean
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
PYTEST := $(BIN)/pytest
# A variable given to make (make run PORT=9000) reaches the commands through their environment.

help: ## Show these commands
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: $(VENV)/.run .browser/htmx.min.js ## Run the site: web, worker, beat, and Postgres and Redis where DATABASE_URL and REDIS_URL are not set
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.dev node_modules/.dev .browser/htmx.min.js ## Run all tests (TESTS=path and ARGS=… narrow them)
	@$(PYTEST) $(if $(TESTS),$(TESTS),--numprocesses auto --maxprocesses 8 --dist loadfile) $(ARGS)

lint: $(VENV)/.dev .browser/htmx.min.js ## Check style, types, floors, templates, migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@git ls-files -z '*.html' | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py check --fail-level WARNING

bench: $(VENV)/.dev node_modules/.dev .browser/htmx.min.js ## Run the benchmarks (some ten minutes) and write their figures into docs/performance.md
	@$(PYTEST) tests/benchmarks -o addopts="-p tests.servers --strict-markers --strict-config -ra --benchmark-only --benchmark-columns=median,rounds" $(ARGS)

bench-smoke: $(VENV)/.dev .browser/htmx.min.js ## Hold what queries read to its ceilings, without a clock (a minute)
	@$(PYTEST) tests/benchmarks/test_plans.py $(ARGS)

attacks: $(VENV)/.dev node_modules/.dev .browser/htmx.min.js ## Attack trust (5,000 sybils on 50,000 authors) and the web (tests/attacks/web); fails if a bound is broken
	@$(BIN)/python -m tests.attacks
	@BZPEER_ATTACKS=whole $(PYTEST) tests/attacks/web $(ARGS)

faults: $(VENV)/.dev .browser/htmx.min.js ## Kill, freeze, fill and cut off everything (some ten minutes); fails if anything is lost (ARGS=… narrow it)
	@$(BIN)/python -m tests.faults $(ARGS)

# One resolution for all three: the smaller locks are cut out of the largest.
UV_COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
lock: $(VENV)/.dev ## Resolve the dependencies anew (ARGS=--upgrade takes the newest)
	$(UV_COMPILE) --extra embedded --extra dev --output-file requirements/dev.txt $(ARGS)
	$(UV_COMPILE) --extra embedded --constraint requirements/dev.txt --output-file requirements/run.txt
	$(UV_COMPILE) --constraint requirements/dev.txt --output-file requirements/production.txt
	rm -rf node_modules package-lock.json
	$(BIN)/npm install --no-progress

clean: ## Remove what was installed or generated (never .data, where the imported record lies)
	rm -rf $(VENV) node_modules .browser .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .benchmarks

# --- What the commands need. Each file is made once, and again when what it depends on has changed. ---

$(VENV)/.made:
	@set -eu; \
	order="python3 python3.12 python3.11 python3.13 python3.14"; \
	command -v redis-server >/dev/null 2>&1 || command -v valkey-server >/dev/null 2>&1 || order="python3.12 python3.11 $$order"; \
	old=""; chosen=""; \
	for python in $(PYTHON) $$order; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  if $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then chosen=$$python; break; else old=$${old:-$$python}; fi; \
	done; \
	if [ -z "$$chosen" ] && [ -n "$$old" ]; then \
	  echo "$$old cannot make a virtual environment: install its venv package (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 2; \
	elif [ -z "$$chosen" ]; then \
	  echo "BZPEER needs Python 3.11 or newer, and finds none: install one, or name it with make PYTHON=/path/to/python." >&2; exit 2; \
	fi; \
	echo "Making a virtual environment with $$($$chosen --version) …"; \
	$$chosen -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt $(VENV)/.made
	@echo "Installing what the site needs …"
	@$(PIP) -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.made
	@echo "Installing what the site and its tests need …"
	@$(PIP) -r requirements/dev.txt
	@touch $@ $(VENV)/.run

node_modules/.run: package.json package-lock.json .npmrc | $(VENV)/.run
	@echo "Installing the browser libraries …"
	@$(BIN)/npm ci --omit=dev --no-progress --loglevel=error
	@touch $@

node_modules/.dev: package.json package-lock.json .npmrc | $(VENV)/.run
	@echo "Installing the browser libraries and what tests them …"
	@$(BIN)/npm ci --no-progress --loglevel=error
	@touch $@ node_modules/.run

# Of each package only the one file that a page loads, without the address of a source map that is not served; as vendor/htmx.min.js and so on.
VENDOR := sigma/dist/sigma.min.js graphology/dist/graphology.umd.min.js htmx.org/dist/htmx.min.js
.browser/htmx.min.js: package-lock.json Makefile $(if $(filter test bench bench-smoke attacks,$(MAKECMDGOALS)),node_modules/.dev,node_modules/.run)
	@mkdir -p .browser
	@for file in $(VENDOR); do sed '/^\/\/# sourceMappingURL=/d' node_modules/$$file > .browser/$${file##*/}; done
