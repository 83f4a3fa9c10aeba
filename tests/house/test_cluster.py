"""The private PostgreSQL gives two roles that differ as promised, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests import cluster
from tests.conftest import DatabaseUrls, NetworkRefused, require_postgres
from tests.house import tree


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.mark.postgres
def test_the_application_role_is_neither_owner_nor_superuser(postgres_urls: DatabaseUrls) -> None:
    with connect(postgres_urls.url) as application, connect(postgres_urls.owner_url) as owner:
        owner.execute("CREATE TABLE kept (id int)")
        rights = application.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert rights == (cluster.APP, False, False, False)
        for forbidden in ("SELECT * FROM kept", "DROP TABLE kept", "CREATE TABLE other (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)


@pytest.mark.postgres
def test_databases_are_separate_and_copied_on_demand(postgres_urls: DatabaseUrls) -> None:
    with connect(postgres_urls.owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS id")
    _, copy_url = cluster.new_database(template=postgres_urls.owner_url)
    _, other_url = cluster.new_database()
    with connect(copy_url) as copy, connect(other_url) as other:
        assert copy.execute("SELECT id FROM kept").fetchone() == (7,)
        assert other.execute("SELECT to_regclass('kept')").fetchone() == (None,)
    for url in (copy_url, other_url):
        cluster.drop_database(url)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(copy_url)


@pytest.mark.postgres
@pytest.mark.parametrize("ending", ["exit", "kill"])
def test_the_server_goes_with_its_process(ending: str) -> None:
    require_postgres()
    code = (
        "import os, sys; from tests import cluster; print(cluster.new_database()[0], flush=True); "
        "sys.stdin.read() if sys.argv[1] == 'kill' else None"
    )
    environment = {name: value for name, value in os.environ.items() if name != "REGROW_TEST_DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, ending],
        cwd=tree.ROOT,
        env={**environment, "PYTHONPATH": str(tree.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert re.fullmatch(r"postgresql\+psycopg://regrow_app:\w+@127\.0\.0\.1:\d+/\w+", url)
    if ending == "kill":
        process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and answers(url):
        time.sleep(0.05)
    assert not answers(url)


def answers(url: str) -> bool:
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_places", lambda: iter([Path("/nowhere")]))
    with pytest.raises(cluster.Unavailable, match=r"initdb, pg_ctl, postgres.*REGROW_TEST_DATABASE_URL"):
        cluster.server_programs()


@pytest.mark.parametrize(("promised", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_a_missing_server_is_told_or_fails(
    monkeypatch: pytest.MonkeyPatch, promised: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(cluster, "unavailable", lambda: "no programs here")
    monkeypatch.setenv("REGROW_REQUIRE_POSTGRES", promised)
    with pytest.raises(outcome, match="no programs here"):
        require_postgres()


def test_the_network_is_refused_but_for_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
    with pytest.raises(NetworkRefused, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkRefused, match=r"example\.com"):
        socket.getaddrinfo("example.com", 80)


def test_no_setting_or_key_leaks_in() -> None:
    leaking = [
        name
        for name in os.environ
        if name.startswith("REGROW_") and not name.startswith(("REGROW_TEST_", "REGROW_REQUIRE_"))
    ]
    assert leaking == []
    assert [name for name in os.environ if name.endswith("_API_KEY")] == []
