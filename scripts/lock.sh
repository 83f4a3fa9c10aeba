#!/usr/bin/env bash
# Resolves requirements*.in into lock files with hashes, for every platform and Python from 3.11 on, with no addresses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
"${PYTHON:-python3}" -m venv "$room"
"$room/bin/python" -m pip install -qq --disable-pip-version-check uv==0.13.8

resolve() {
    "$room/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate "$@"
}
resolve ${UPGRADE:+--upgrade} requirements.in --output-file requirements.lock
resolve ${UPGRADE:+--upgrade} requirements-dev.in --output-file requirements-dev.lock
