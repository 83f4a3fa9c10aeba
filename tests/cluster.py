"""A private PostgreSQL server for one test process: found, started, filled with fresh databases, and always removed."""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

OWNER, APP = "regrow_owner", "regrow_app"
PROGRAMS = ("initdb", "pg_ctl", "postgres")
# Nothing here outlives the run, so durability is traded for speed.
SWITCHES = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "unix_socket_directories": "",
}
# Stops the server and removes its folder once the pipe to the test process closes, however that process ended.
UNDERTAKER = """
cat >/dev/null
if [ -f "$2/data/postmaster.pid" ]; then "$1/pg_ctl" -D "$2/data" -m immediate -w stop; fi
rm -rf "$2"
"""


class Unavailable(Exception):
    """No server can be had here; the text says what to do."""


def new_database(template: str | None = None) -> tuple[str, str]:
    """Create an empty database, or a copy of `template` (a database's name or URL); give (app_url, owner_url).

    The owner role owns the database; the application role may connect to it and nothing else.
    Raises Unavailable when there is no server.
    """
    name = f"t_{secrets.token_hex(8)}"
    statement = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
    if template is not None:
        source = make_url(template).database if "://" in template else template
        _disconnect(str(source))
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(str(source)))
    _admin().execute(statement)
    return _url(name, APP), _url(name, OWNER)


def drop_database(url: str) -> None:
    """Remove a database made by `new_database`, with whoever is still connected to it."""
    name = sql.Identifier(str(make_url(url).database))
    _admin().execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def unavailable() -> str | None:
    """Say why there is no server, or None when there is one (which is then running)."""
    try:
        _admin()
    except Unavailable as reason:
        return str(reason)
    return None


def server_programs() -> Path:
    """Find the folder that holds the server's programs: on PATH, told by pg_config, or where Debian puts them."""
    for place in _places():
        if all(os.access(place / program, os.X_OK) for program in PROGRAMS):
            return place.resolve()
    raise Unavailable(
        f"none of the usual folders holds {', '.join(PROGRAMS)}: install PostgreSQL (scripts/ensure_postgres.sh does "
        "it for root on Debian), or set REGROW_TEST_DATABASE_URL to a superuser's URL of a server"
    )


def _places() -> Iterator[Path]:
    yield from (Path(entry) for entry in os.get_exec_path())
    if shutil.which("pg_config"):
        yield Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -int(place.parent.name))


@functools.cache
def _server() -> URL:
    """A superuser's URL: the one given by the environment, or that of a server started now."""
    given = os.environ.get("REGROW_TEST_DATABASE_URL")
    return make_url(given).set(drivername="postgresql+psycopg") if given else _start()


@functools.cache
def _admin() -> psycopg.Connection[Any]:
    url = _server().set(drivername="postgresql")
    try:
        connection = psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)
    except psycopg.OperationalError as error:
        raise Unavailable(f"no connection to {url.render_as_string()}: {error}") from error
    _create_roles(connection)
    return connection


@functools.cache
def _password() -> str:
    # Roles outlive the run on a server that is not ours, so their password there has to be the same next time.
    return "regrow-tests" if os.environ.get("REGROW_TEST_DATABASE_URL") else secrets.token_hex(12)


def _create_roles(connection: psycopg.Connection[Any]) -> None:
    for role in (OWNER, APP):
        # Another worker of the same run may be first on a shared server.
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(_password())
                )
            )


def _disconnect(database: str) -> None:
    _admin().execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))


def _url(database: str, role: str) -> str:
    url = _server().set(database=database, username=role, password=_password())
    return url.render_as_string(hide_password=False)


def _start() -> URL:
    programs, account = server_programs(), _account()
    room = Path(tempfile.mkdtemp(prefix="regrow-pg-", dir=_shared_folder()))
    os.chown(room, account.pw_uid, account.pw_gid)
    undertaker = _as(account, ["sh", "-c", UNDERTAKER, "sh", str(programs), str(room)], room)
    atexit.register(_finish, undertaker)
    secret = room / "secret"
    secret.write_text(secrets.token_hex(12))
    os.chown(secret, account.pw_uid, account.pw_gid)
    _run(
        account,
        room,
        *(str(programs / "initdb"), "-D", str(room / "data"), "-U", "postgres", "-A", "scram-sha-256"),
        *("--pwfile", str(secret), "-E", "UTF8", "--locale=C", "--no-sync"),
    )
    port = _listen(account, room, programs)
    return URL.create("postgresql+psycopg", "postgres", secret.read_text(), "127.0.0.1", port, "postgres")


def _listen(account: pwd.struct_passwd, room: Path, programs: Path) -> int:
    """Start the server on a free port; another program may take the port in between, so try a few."""
    for attempt in range(5):
        port = _free_port()
        options = " ".join(f"-c {name}={value!r}" for name, value in {**SWITCHES, "port": port}.items())
        command = (str(programs / "pg_ctl"), "-D", str(room / "data"), "-l", str(room / "log"), "-o", options)
        try:
            _run(account, room, *command, "-w", "-t", "60", "start")
        except Unavailable:
            if attempt == 4:
                raise
        else:
            return port
    raise AssertionError("the loop above returns or raises")


def _run(account: pwd.struct_passwd, room: Path, *command: str) -> None:
    with (room / "start.log").open("a+") as log:
        process = _as(account, list(command), room, log=log)
        process.communicate(timeout=120)
        if process.returncode:
            log.seek(0)
            server = room / "log"
            said = log.read() + (server.read_text(errors="replace") if server.exists() else "")
            raise Unavailable(f"{Path(command[0]).name} failed ({process.returncode}): {said[-2000:]}")


def _as(account: pwd.struct_passwd, command: list[str], room: Path, log: Any = subprocess.DEVNULL) -> subprocess.Popen:
    """Start a program as `account`, in its own session, so that an interrupt at the keyboard passes it by."""
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TMPDIR": str(room)}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", env=environment, start_new_session=True, **who
    )


def _finish(undertaker: subprocess.Popen) -> None:
    if _admin.cache_info().currsize:
        _admin().close()
    undertaker.communicate(timeout=60)


def _account() -> pwd.struct_passwd:
    """Who runs the server: it refuses root, so then Debian's own user for it, or nobody."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable("running as root, and there is neither a user postgres nor nobody to run the server as")


def _shared_folder() -> str:
    """A temporary folder that the server's account can reach; root's own may be closed to it."""
    for folder in (tempfile.gettempdir(), "/var/tmp", "/tmp"):
        way = [Path(folder), *Path(folder).resolve().parents]
        if os.geteuid() != 0 or all(step.stat().st_mode & 0o001 for step in way):
            return folder
    raise Unavailable("no temporary folder can be entered by the account that runs the server; set TMPDIR to one")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
