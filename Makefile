# Everything that is done here by hand or by machine. Each target is one sentence in `make help`.
.DEFAULT_GOAL := help
.SILENT:
SHELL := /bin/bash
BIN := .venv/bin
LEARNHUB := $(BIN)/learnhub

help: ## List what can be made.
	awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

run: ## Set up what is missing, load the demo into an empty database, and serve at http://127.0.0.1:8000.
	scripts/run.sh

setup: ## Install only what running needs.
	scripts/setup.sh run

test: ## Run every test, with Chromium and PostgreSQL.
	scripts/test.sh

test-quick: ## Run the tests of every few minutes: SQLite only, no browser, no packaging.
	scripts/test.sh --quick

check: ## Check style, format, annotations, architecture, templates and translations.
	scripts/check.sh

format: ## Rewrite the Python files in the house's format.
	scripts/setup.sh check
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

messages: ## Collect new words of the interface into the Chinese catalogues.
	scripts/setup.sh check
	$(BIN)/python scripts/messages.py

coverage: ## Show the lines that the quick tests never reach.
	scripts/setup.sh test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --quick -q
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

screenshots: ## Take the pictures of the README from the running demo.
	scripts/setup.sh test
	$(BIN)/python scripts/screenshots.py

bench-%: ## Run one benchmark of bench/ (make bench-NAME); it prints JSON.
	scripts/setup.sh test
	PYTHONPATH=. $(BIN)/python -P bench/$*.py

lock: ## Write the exact versions of .venv to scripts/constraints.txt.
	scripts/setup.sh check
	$(BIN)/python scripts/lock.py

wheel: ## Build the wheel, with all templates and static files, into dist/.
	scripts/setup.sh test
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove what was built; keeps .venv and all data.
	rm -rf build dist node_modules .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info .coverage*
	find learnhub tests scripts bench -name __pycache__ -prune -exec rm -rf {} +

.PHONY: help run setup test test-quick check format messages coverage screenshots lock wheel clean
