#!/usr/bin/env bash
# Builds .venv from requirements-dev.lock with the first Python >= 3.11 that can make a virtual environment.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

makes_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

candidates() {
    [ -z "${PYTHON:-}" ] || printf '%s\n' "$PYTHON"
    # A shim may be found on PATH and still not run, and a python3 early on PATH may lack venv: every one counts.
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do type -ap "$name" || true; done
}

find_python() {
    local bare="" found
    while read -r found; do
        new_enough "$found" || continue
        if makes_venvs "$found"; then printf '%s\n' "$found"; return 0; fi
        bare=${bare:-$found}
    done < <(candidates)
    [ -n "$bare" ] || { say "no Python 3.11 or newer was found. Install one, or name it: make setup PYTHON=/path/to/python3"; return 1; }
    add_venv "$bare"
}

add_venv() {
    local package="python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        say "$1 cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install $package. Then run make again."
        return 1
    fi
    say "installing $package"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } >&2 </dev/null
    makes_venvs "$1" || { say "$1 still cannot make virtual environments after installing $package"; return 1; }
    printf '%s\n' "$1"
}

reusable() {
    [ "$(cat .venv/.ready 2>/dev/null)" = "$(pwd -P)" ] && new_enough .venv/bin/python
}

if ! reusable; then
    python=$(find_python)
    say "building .venv with $("$python" --version 2>&1) ($python); this takes about half a minute"
    "$python" -m venv --clear .venv
fi
# Gone until the end, so that an interrupted run starts over.
rm -f .venv/.ready
pip=(.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input)
"${pip[@]}" --require-hashes -r requirements-dev.lock
"${pip[@]}" --no-deps --no-build-isolation --no-index --editable .
printf "%s" "$(pwd -P)" >.venv/.ready
say "ready"
