#!/usr/bin/env bash
# Check the source without running the program: all checks run, then any failure fails the whole.
set -uo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh check || exit 1
status=0
.venv/bin/ruff check --quiet . || status=1
.venv/bin/ruff format --check --quiet . || { echo 'Some files are not in the house format: make format.'; status=1; }
.venv/bin/python -m pytest --quiet --quick tests/checks || status=1
[ "$status" = 0 ] && echo 'All checks passed.'
exit "$status"
