# `make run` starts everything, `make test` tests everything; `make help` tells the rest.

# Another Python, or words for the command: make run PYTHON=python3.13 ARGS="--data /srv/followup"
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(or $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done),python3)
ARGS ?=
SOAK_MINUTES ?= 60
UV ?= uv

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: without it pip repeats what it thinks of its own settings.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input install
# One more than there are processors: a third of the time some test waits for a process to start.
WORKERS := $(shell expr 1 + $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2))
# In the order of folders: the longest files have few tests, and would be the last.
PYTEST := pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
CORE := plugins.followup.model,plugins.followup.hours,plugins.followup.chain
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# An environment whose folder was moved, or whose Python is gone, is made anew.
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(VENV)/made-in 2>/dev/null),$(CURDIR))
STALE := stale
endif

.DEFAULT_GOAL := help
.PHONY: help run test coverage check eval mutants torture torture-long soak load bench bench-pages messages lock clean stale bullmq canary audit

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

run: $(VENV)/run.done ## start everything on http://127.0.0.1:8080, stop with Ctrl-C
	@exec $(BIN)/followup run $(ARGS)

# Tracing every line takes as long again as the tests: here it is done for the pure core alone.
test: $(VENV)/test.done ## all tests; every branch of the pure core must be covered
	@$(BIN)/python tests/e2e/chromium.py
	@$(BIN)/coverage erase
	@$(BIN)/coverage run --concurrency=thread --source=$(CORE) -m $(PYTEST) tests/unit $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=100 --skip-empty
	@$(BIN)/python -m $(PYTEST) --ignore=tests/unit $(ARGS)

coverage: $(VENV)/test.done ## all tests with every line traced (twice the time of make test)
	@$(BIN)/python tests/e2e/chromium.py
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m $(PYTEST) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

check: $(VENV)/test.done ## format, lint, import rules, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

eval: $(VENV)/test.done ## 144 conversations against the configured model, marked; ARGS=--scripted without one
	@$(BIN)/python -m tests.eval.run $(ARGS)

canary: $(VENV)/test.done ## words and secrets planted everywhere, a whole run, then looked for outside
	@for way in "text alone" "json alone" "json apart"; do \
	  CANARY_WAY="$$way" $(BIN)/pytest tests/attack/test_canary.py -q -n 0 $(ARGS) || exit 1; done

audit: $(VENV)/test.done .venv-audit/done ## attack everything: threats and their table, longer fuzzing, bandit, semgrep, schemathesis, known holes
	@$(BIN)/python -m tests.attack.audit $(ARGS)

mutants: $(VENV)/test.done ## change the pure core in every small way; 95 % must be noticed (ten minutes)
	@$(BIN)/mutmut run --max-children 2
	@$(BIN)/mutmut export-cicd-stats
	@$(BIN)/python tests/mutants.py

torture: $(VENV)/test.done ## 250 kills and other faults on each database, with a table; half an hour
	@$(BIN)/python -m tests.torture.driver $(ARGS)

torture-long: $(VENV)/test.done ## the same with 2,500 kills on each
	@$(BIN)/python -m tests.torture.driver --kills 2500 $(ARGS)

soak: $(VENV)/test.done ## an hour at 50 messages a second, memory and latency plotted (SOAK_MINUTES)
	@$(BIN)/python -m tests.torture.soak --minutes $(SOAK_MINUTES) $(ARGS)

load: $(VENV)/test.done ## 1,000 visitors with open lines, 100 messages a second, 200 connections that dribble; a table
	@$(BIN)/python -m tests.torture.load $(ARGS)

bench: $(VENV)/test.done .venv-bench/done .venv-bench-arq/done bullmq ## against the timers of others, half an hour; ARGS=--quick: minutes
	@$(BIN)/python -m benchmarks $(ARGS)

bench-pages: $(VENV)/test.done ## the list with a million chats, memory over 10,000 requests (half an hour)
	@$(BIN)/python -m tests.bench.list $(ARGS)
	@$(BIN)/python -m tests.bench.memory

messages: $(VENV)/test.done ## collect the dashboard's texts, bring the catalogues up to date, compile them
	@for folder in bot:bot/web/look/locale plugins/followup:plugins/followup/locale; do \
	  mkdir -p $${folder#*:}; \
	  $(BIN)/pybabel -q extract -F babel.cfg -k phrase -k HTTPException:2 --no-location --project=followup-bot --version= --msgid-bugs-address= \
	    -o $${folder#*:}/messages.pot $${folder%:*} || exit 1; \
	  for language in ru ar; do \
	    mkdir -p $${folder#*:}/$$language/LC_MESSAGES; \
	    po=$${folder#*:}/$$language/LC_MESSAGES/messages.po; \
	    [ -f $$po ] && how="update --no-fuzzy-matching --ignore-obsolete -w 100" || how="init -w 100"; \
	    $(BIN)/pybabel -q $$how -i $${folder#*:}/messages.pot -l $$language -o $$po || exit 1; \
	    $(BIN)/pybabel -q compile -i $$po -o $${po%.po}.mo || exit 1; \
	  done; \
	  rm $${folder#*:}/messages.pot; \
	done

lock: ## renew the lock files (needs uv); existing versions stay where they can
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock
	$(LOCK) pyproject.toml -c requirements-dev.lock -o requirements.lock
	$(LOCK) --group bench -o requirements-bench.lock
	$(LOCK) --group bench-arq -o requirements-bench-arq.lock
	$(LOCK) --group audit -o requirements-audit.lock
	$(LOCK) --group build -c requirements-dev.lock -o requirements-build.lock

clean: ## remove the environment and everything that tools left; your data stays
	rm -rf $(VENV) .venv-bench .venv-bench-arq .venv-audit benchmarks/peers/bullmq/node_modules dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A Python that can do it, or one line that says what is missing.
$(VENV)/made-in: $(STALE)
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; give yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Setting up (once, about half a minute)…"
	@$(PYTHON) -m venv --clear $(VENV)
	@echo "$(CURDIR)" > $@

# The builders come first: one library is source only, and nothing is built with unlocked tools.
$(VENV)/build.done: requirements-build.lock $(VENV)/made-in
	@$(PIP) --require-hashes -r requirements-build.lock
	@touch $@

$(VENV)/run.done: pyproject.toml requirements.lock $(VENV)/build.done
	@[ -n "$(STALE)" ] || echo "Bringing the environment up to date…"
	@$(PIP) --require-hashes --no-build-isolation -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.done: requirements-dev.lock $(VENV)/run.done
	@echo "Adding what the tests need…"
	@$(PIP) --require-hashes --no-build-isolation -r requirements-dev.lock
	@touch $@

# The peers of the benchmark, apart from everything: no two of them need the same versions as we do.
.venv-bench/done .venv-bench-arq/done: .venv-bench%/done: requirements-bench%.lock requirements-build.lock
	@echo "Adding what is compared (.venv-bench$*)…"
	@$(PYTHON) -m venv --clear .venv-bench$*
	@for lock in build bench$*; do .venv-bench$*/bin/python -m pip -qq --disable-pip-version-check \
	  --no-input install --require-hashes --no-build-isolation -r requirements-$$lock.lock || exit 1; done
	@touch $@

# So do the tools of the audit.
.venv-audit/done: requirements-audit.lock
	@echo "Adding what attacks (.venv-audit)…"
	@$(PYTHON) -m venv --clear .venv-audit
	@.venv-audit/bin/python -m pip -qq --disable-pip-version-check --no-input install --require-hashes \
	  -r requirements-audit.lock
	@touch $@

# Without Node.js the benchmark says so, and goes on.
bullmq:
	@cd benchmarks/peers/bullmq && if ! command -v npm >/dev/null; then \
	  echo "BullMQ is left out: there is no Node.js."; \
	elif [ ! package-lock.json -ot node_modules/.package-lock.json ]; then \
	  npm ci --silent --no-audit --no-fund || echo "BullMQ is left out: npm could not install it."; fi
