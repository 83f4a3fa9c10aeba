#!/usr/bin/env bash
# Makes sure that a Chromium is on this machine, for the tests that look at pages; starts nothing.
set -euo pipefail

say() { printf 'chromium: %s\n' "$*" >&2; }

browser() {
    local name
    for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && return 0; done
    return 1
}

[ -n "${REGROW_TEST_CHROMIUM:-}" ] && exit 0
browser && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "no Chromium was found, so the tests that look at pages cannot run."
    say "Install it (Debian and Ubuntu: sudo apt-get install chromium), or set REGROW_TEST_CHROMIUM to its path."
    exit 1
fi
say "installing it"
export DEBIAN_FRONTEND=noninteractive
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >&2 </dev/null
browser || { say "the package was installed, but no Chromium is found"; exit 1; }
