#!/usr/bin/env bash
# Run the tests: test.sh [--quick] [any option or path of pytest]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "${1:-}" = --quick ]; then
    scripts/setup.sh check
else
    scripts/setup.sh test
fi
# Two workers even on one core: several tests wait for a clock or a browser.
workers=$(nproc)
[ "$workers" -ge 2 ] || workers=2
exec .venv/bin/python -m pytest --numprocesses "$workers" --dist worksteal --quiet "$@"
