"""Running the command line as people and scripts do, in a process of its own or in this one."""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import io
import json
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

SOURCE = Path(__file__).resolve().parents[2] / "src"
SAMPLES = SOURCE / "regrow" / "samples" / "notes"
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class Ended:
    """How a command line ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(
    *words: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int | None = 0, stdin: str | None = None
) -> Ended:
    """Runs `regrow` in a process of its own; checks its exit code unless that is None, and that nothing burst."""
    done = subprocess.run(
        command(words),
        cwd=cwd,
        env=environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    return _checked(Ended(done.returncode, done.stdout, done.stderr), code)


@contextmanager
def running(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """`regrow` in the background, killed at the end if it still runs."""
    process = subprocess.Popen(
        command(words), cwd=cwd, env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


def inside(
    *words: str | Path, cwd: Path, env: dict[str, str] | None = None, code: int | None = 0, stdin: str | None = None
) -> Ended:
    """As `run`, but in this process: starting one takes far longer than most commands do.

    Not for a test whose process holds a durable engine, and not for what only a process has, such as signals.
    """
    from regrow.cli import app

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.chdir(cwd))
        stack.enter_context(mock.patch.dict(os.environ, {"COLUMNS": "100", **(env or {})}))
        stack.enter_context(mock.patch.object(sys, "stdin", io.StringIO(stdin or "")))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        got = app.main([str(word) for word in words])
    said = [stream.buffer.getvalue().decode().replace("\r\n", "\n") for stream in (out, err)]
    return _checked(Ended(got, *said), code)


def within(*words: str | Path, capsys: Any, code: int | None = 0) -> Ended:
    """As `inside`, where the test patches what is around it and the output is caught for it."""
    from regrow.cli import app

    capsys.readouterr()
    got = app.main([str(word) for word in words])
    said = capsys.readouterr()
    return _checked(Ended(got, said.out, said.err), code)


def on_terminal(*words: str | Path, cwd: Path, columns: int) -> str:
    """What `regrow` shows on a terminal of so many columns that wants no colour."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    env = environment({"NO_COLOR": "1", "COLUMNS": str(columns), "TERM": "dumb"})
    process = subprocess.Popen(command(words), cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    said = b""
    with contextlib.suppress(OSError):  # The other end is gone: that is how a terminal says that all was read.
        while part := os.read(master, 65_536):
            said += part
    os.close(master)
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    return said.decode()


def fresh(folder: Path, name: str = "home") -> Path:
    """A new home in `folder` with one empty workspace; with the name `.regrow` it is that of whoever works there."""
    return Path(shutil.copytree(_templates() / "fresh", folder / name))


def furnished(folder: Path) -> Path:
    """A new home in `folder` that holds the sample notes, a topic, and one generation from it."""
    return Path(shutil.copytree(_furnished(), folder / "home"))


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Until the address answers."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, process.communicate()
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:  # Refused, cut off, or too slow on a busy machine: it is asked again.
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Until that is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.05)


def command(words: tuple[str | Path, ...]) -> list[str]:
    """What starts `regrow` with these words in a process of its own."""
    return [sys.executable, "-m", "regrow", *map(str, words)]


def environment(more: dict[str, str] | None) -> dict[str, str]:
    """The tests' own, and this checkout wherever the command is run from."""
    return {**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "100", **(more or {})}


def _checked(ended: Ended, code: int | None) -> Ended:
    assert "Traceback" not in ended.out + ended.err, ended.err
    assert code is None or ended.code == code, ended
    return ended


@functools.cache
def _templates() -> Path:
    room = Path(tempfile.mkdtemp(prefix="regrow-cli-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    run("init", "--home", room / "fresh", cwd=room)
    return room


@functools.cache
def _furnished() -> Path:
    room = _templates()
    home = Path(shutil.copytree(room / "fresh", room / "furnished"))
    run("import", "notes", SAMPLES, "--home", home, cwd=room)
    run("topics", "discover", "--random-seed", "1", "--home", home, cwd=room)
    run("generate", "--home", home, cwd=room)
    return home
