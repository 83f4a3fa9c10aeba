#!/usr/bin/env bash
# Makes sure that PostgreSQL's server programs are on this machine; starts nothing (tests/cluster.py does).
set -euo pipefail

say() { printf 'postgres: %s\n' "$*" >&2; }

places() {
    local rest="$PATH:" bindir
    while [ -n "$rest" ]; do printf '%s\n' "${rest%%:*}"; rest=${rest#*:}; done
    if bindir=$(pg_config --bindir 2>/dev/null); then printf '%s\n' "$bindir"; fi
    for bindir in /usr/lib/postgresql/*/bin; do printf '%s\n' "$bindir"; done
}

server_programs() {
    while read -r place; do
        [ -x "$place/initdb" ] && [ -x "$place/pg_ctl" ] && [ -x "$place/postgres" ] && return 0
    done < <(places)
    return 1
}

install_server() {
    export DEBIAN_FRONTEND=noninteractive
    local settings=/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends postgresql-common
    # The tests bring up their own server; the package need not create and start one as well.
    grep -qs '^create_main_cluster' "$settings" || echo 'create_main_cluster = false' >>"$settings"
    apt-get install -y -qq --no-install-recommends postgresql
}

[ -n "${REGROW_TEST_DATABASE_URL:-}" ] && exit 0
server_programs && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "no server programs (initdb, pg_ctl, postgres) were found, so what needs PostgreSQL cannot run."
    say "Install them (Debian and Ubuntu: sudo apt-get install postgresql), or set REGROW_TEST_DATABASE_URL to a"
    say "superuser's URL of a server on which databases and roles may be created."
    exit 1
fi
say "installing the server programs"
install_server >&2 </dev/null
server_programs || { say "the package was installed, but initdb, pg_ctl and postgres are still not found"; exit 1; }
