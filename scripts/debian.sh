#!/usr/bin/env bash
# Install Debian packages when they are missing: debian.sh PACKAGE...
# As root or through sudo. Otherwise it says in one sentence what to install, and stops with status 1.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = 'install ok installed' ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "LearnHub needs the programs that Debian calls: ${missing[*]}. Please install them with this system's own tools, then run the command again." >&2
    exit 1
fi
if [ "$(id -u)" = 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    as_root=(sudo)
else
    echo "LearnHub needs Debian packages that only root can install. Please run: apt-get install ${missing[*]}   then run the command again." >&2
    exit 1
fi

install_missing() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >"$log" 2>&1
}

echo "Installing from Debian: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists of packages may be absent or old, so a first failure is answered by fetching them.
if ! install_missing; then
    "${as_root[@]}" apt-get update -qq
    if ! install_missing; then
        tail -n 20 "$log" >&2
        echo "Debian could not install: ${missing[*]}. The last lines above say why." >&2
        exit 1
    fi
fi
