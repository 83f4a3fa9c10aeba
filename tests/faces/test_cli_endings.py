"""How a command line ends: exit codes of whatever leaves it, pipes nobody reads, and logs without secrets."""

from __future__ import annotations

import errno
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import typer
from typer.main import get_command

from regrow.cli import exits, logs, serve
from regrow.kit import errors
from tests.faces import command_line
from tests.faces.command_line import run

SECRETS = ("sk-live-abcdef1234567890", "hunter2hunter2")
BEARER = f"Bearer {SECRETS[0]}"
ADDRESS = f"postgresql://regrow_app:{SECRETS[1]}@db/regrow"


@contextmanager
def logging_as_a_command() -> Iterator[None]:
    """The log as it is for a command, without what the test runner listens with; afterwards it is as it was."""
    root = logging.getLogger()
    level, handlers, kept = root.level, list(root.handlers), structlog.get_config()
    root.handlers[:] = []
    logs.configure("warning")
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.configure(**kept)


def leaving(error: BaseException) -> Any:
    """A command line whose only command ends like this."""
    app = typer.Typer()

    @app.callback()
    def root() -> None:
        """Needed for a group of one."""

    @app.command()
    def go() -> None:
        raise error

    return get_command(app)


@pytest.mark.parametrize(
    ("code", "wanted"), [(None, 0), (0, 0), (1, 1), (3, 3), ("the moon is full", exits.REFUSED), (True, 1)]
)
def test_an_exit_means_what_it_says(code: Any, wanted: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert exits.guarded(leaving(SystemExit(code)), ["go"]) == wanted
    assert capfd.readouterr().err == (f"Error: {code}\n" if isinstance(code, str) else "")


def test_an_exit_with_a_text_tells_no_secret(capfd: pytest.CaptureFixture[str]) -> None:
    assert exits.guarded(leaving(SystemExit(f"refused: {BEARER}")), ["go"]) == exits.REFUSED
    assert SECRETS[0] not in capfd.readouterr().err


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    home = command_line.fresh(tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command_line.command(("keys", "list", "--home", home)),
        cwd=tmp_path,
        env=command_line.environment(None),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=command_line.PATIENCE_SECONDS,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["uvicorn.error", "httpx", "asyncio"])
def test_what_libraries_log_has_no_secrets(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger(name)
    with logging_as_a_command():
        log.critical("sent %s to %s", {"Authorization": BEARER}, ADDRESS)
        log.critical("with a traceback", exc_info=ConnectionError(f"cannot reach {ADDRESS}"))
        log.critical("%d of too few", BEARER)
    said = capsys.readouterr().err
    assert "sent {'Authorization': 'Bearer [hidden]'} to postgresql://[hidden]@db/regrow" in said
    assert "ConnectionError: cannot reach postgresql://[hidden]@db/regrow" in said
    assert "does not fit its arguments" in said
    assert [secret for secret in SECRETS if secret in said] == []


def test_what_the_durable_engine_logs_has_no_secrets() -> None:
    """In a process of its own: here the engine may have set its console up long ago."""
    script = (
        "from regrow.cli import logs; logs.configure('warning')\n"
        "import logging, dbos\n"
        f"logging.getLogger('dbos').critical('sent %s', {BEARER!r})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ)
    assert "sent Bearer [hidden]" in done.stderr
    assert SECRETS[0] not in done.stderr + done.stdout


def test_what_regrow_logs_has_no_secrets_whatever_holds_them(capsys: pytest.CaptureFixture[str]) -> None:
    held = {"headers": {"Authorization": BEARER}, "tried": [ADDRESS], "error": ValueError(BEARER)}
    with logging_as_a_command():
        log = structlog.get_logger()
        log.warning("call", **held, password=SECRETS[1])
        log.error("burst", exc_info=ValueError(ADDRESS))
    said = capsys.readouterr().err
    assert said.count("[hidden]") == 5, said
    assert [secret for secret in SECRETS if secret in said] == []
    assert len(said.splitlines()) == 2


def test_the_log_is_set_up_once_however_often_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as_a_command():
        logs.configure("error")
        logging.getLogger("httpx").warning("not at this level")
        logging.getLogger("httpx").error("once")
    assert capsys.readouterr().err == "ERROR once\n"


def test_an_error_while_listening_is_not_told_as_one_of_the_port() -> None:
    with pytest.raises(OSError, match="No space left") as caught, serve.listening("127.0.0.1", 0) as heard:
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.errno == errno.ENOSPC
    assert heard.fileno() == -1


def test_a_port_that_is_taken_is_a_conflict() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(errors.Conflict) as caught:
        with serve.listening("127.0.0.1", other.getsockname()[1]):
            raise AssertionError("two listen on one port")
    assert caught.value.code == "port_taken"


def test_drafts_are_decided_on_in_processes_of_their_own(tmp_path: Path) -> None:
    """Each in a process that has loaded nothing but what the command itself needs."""
    home = command_line.furnished(tmp_path)
    listed = run("pieces", "list", "--status", "draft", "--home", home, "--json", cwd=tmp_path).json["items"]
    one, two = (each["id"] for each in listed[:2])
    assert run("approve", one, "--home", home, "--json", cwd=tmp_path).json["status"] == "approved"
    told = run("reject", two, "--reason", "too long", "--home", home, "--json", cwd=tmp_path)
    assert told.json["status"] == "rejected"
