#!/usr/bin/env bash
# Bring LearnHub up: set up, migrate, load the demo into an empty database, serve until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
# Known before the minutes of the demo, not after.
.venv/bin/learnhub serve --check
.venv/bin/learnhub migrate
.venv/bin/learnhub demo --if-empty
exec .venv/bin/learnhub serve --accounts
