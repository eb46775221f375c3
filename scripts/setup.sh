#!/usr/bin/env bash
# Make this folder ready: setup.sh run   what LearnHub needs to run
#                         setup.sh check what the checks of the source need as well
#                         setup.sh test  what the tests need as well (Chromium, PostgreSQL, nginx, Chinese fonts)
# Each part leaves a stamp in .venv or node_modules, so a second call takes no time.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:?say what for: run, check or test}

find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

make_environment() {
    [ -x .venv/bin/pip ] && return
    [ -n "$(find_python)" ] || scripts/debian.sh python3
    local python
    python=$(find_python)
    if [ -z "$python" ]; then
        echo 'LearnHub needs Python 3.11 or later, and this system has none. Please install it, then run the command again.' >&2
        exit 1
    fi
    # Debian keeps the part of Python that makes environments in a package of its own.
    "$python" -c 'import ensurepip, venv' 2>/dev/null || scripts/debian.sh python3-venv
    echo "Creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

install_python_packages() { # $1: the name of the stamp, $2: what to install
    local stamp=".venv/.installed-$1" wanted
    wanted=$(cat setup.cfg pyproject.toml scripts/constraints.txt | sha256sum)
    # What the tests need contains what running needs.
    if ! grep -qsF "$wanted" "$stamp" .venv/.installed-test; then
        echo "Installing Python packages (to $1)"
        .venv/bin/python -m pip install -qq --disable-pip-version-check \
            --constraint scripts/constraints.txt --editable "$2"
        echo "$wanted" >"$stamp"
    fi
}

install_browser_libraries() { # $1: run leaves out what only tests and checks use, such as a whole browser of 2020
    local stamp="node_modules/.installed-$1" wanted left_out=()
    wanted=$(cat package-lock.json .npmrc scripts/vendor.py scripts/player_* scripts/stream_* | sha256sum)
    [ "$1" = test ] || left_out=(--omit=dev)
    if ! grep -qsF "$wanted" "$stamp" node_modules/.installed-test || [ ! -d learnhub/design/static/vendor ] || [ ! -d learnhub/proofs/fonts ]; then
        echo "Installing browser libraries (to $1)"
        # Node comes with the Python packages: Debian's is too old for some of the libraries, and ten times the packages.
        PATH="$PWD/.venv/bin:$PATH" npm ci "${left_out[@]}" --no-audit --no-fund --loglevel=error >/dev/null
        .venv/bin/python scripts/vendor.py
        echo "$wanted" >"$stamp"
    fi
}

make_environment
case $purpose in
run)
    install_python_packages run '.[browser]'
    install_browser_libraries run
    ;;
check | test)
    install_python_packages test '.[test]'
    install_browser_libraries test
    ;;
*)
    echo "setup.sh knows run, check and test, not $purpose." >&2
    exit 2
    ;;
esac
[ "$purpose" = check ] && exit 0

if ! { command -v ffmpeg && command -v ffprobe; } >/dev/null; then scripts/debian.sh ffmpeg; fi

if [ "$purpose" = test ]; then
    packages=()
    command -v chromium >/dev/null || packages+=(chromium)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || packages+=(nginx-light)
    compgen -G '/usr/share/fonts/opentype/noto/NotoSansCJK*' >/dev/null || packages+=(fonts-noto-cjk)
    [ ${#packages[@]} = 0 ] || scripts/debian.sh "${packages[@]}"
fi
