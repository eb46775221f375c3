#!/usr/bin/env bash
# Bring LearnHub up: set up, migrate, load the demo into an empty database, serve until Ctrl-C.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
# Known before the minutes of the demo, not after.
.venv/bin/learnhub serve --check
.venv/bin/learnhub migrate
.venv/bin/learnhub demo --if-empty
# The demo's administrators sign in with the printed password alone; a real installation asks them for a code as well.
if [ -z "${LEARNHUB_ADMIN_TOTP:-}" ]; then
    export LEARNHUB_ADMIN_TOTP=no
    echo '演示环境：管理员登录不要求动态验证码（LEARNHUB_ADMIN_TOTP=no）。 Demo: administrators sign in without a code.'
fi
exec .venv/bin/learnhub serve --accounts
