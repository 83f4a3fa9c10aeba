"""Opening somebody's own editor on a text, and keeping what they wrote when it cannot be used."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from regrow.cli import sheet
from regrow.kit import errors

USUAL = ("editor", "nano", "vi")
MOST_BYTES = 4_000_000
UNSAVED = "unsaved"
HOW = "set EDITOR to the program you write with, such as: export EDITOR=nano"


def edit(text: str, home: Path, name: str) -> str:
    """What somebody made of the text in their editor.

    When that fails nothing is changed: what was written until then is kept under the home, and the error says where.
    """
    words = command()
    folder = Path(tempfile.mkdtemp(prefix="regrow-"))
    file = folder / f"{_plain(name)}.md"
    try:
        _write(file, text.encode())
        problem = _run([*words, str(file)])
        found = _read(file)
        if problem or found is None:
            _fail(problem or f"{words[0]} left no file behind", home, file, text.encode(), found)
        return _decoded(found, home, file)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def command() -> list[str]:
    """The words that start the editor: VISUAL, EDITOR, or one that most machines have."""
    for variable in ("VISUAL", "EDITOR"):
        if os.environ.get(variable, "").strip():
            return _split(variable, os.environ[variable])
    if not sys.stdin.isatty():
        raise errors.Invalid(f"there is no terminal here to open an editor on: {HOW}", "no_editor")
    for program in USUAL:
        if found := shutil.which(program):
            return [found]
    raise errors.Invalid(f"no editor was found ({', '.join(USUAL)}): {HOW}", "no_editor")


def keep(home: Path, name: str, text: str | bytes) -> Path:
    """Puts somebody's text under the home, in a file that only they can read; never over another one."""
    folder = home / UNSAVED
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    raw = text.encode(errors="replace") if isinstance(text, str) else text
    path = folder / f"{_plain(name)}.md"
    numbers = itertools.count(2)
    while True:
        try:
            _write(path, raw)
            return path.absolute()
        except FileExistsError:
            path = folder / f"{_plain(name)}-{next(numbers)}.md"


def _plain(name: str) -> str:
    """A name that is a file's name on every system."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or "text"


def _split(variable: str, value: str) -> list[str]:
    try:
        words = shlex.split(value)
    except ValueError:
        raise errors.Invalid(f"{variable} has a quotation mark too few: {value[:80]!r}", "no_editor") from None
    if not words:
        raise errors.Invalid(f"{variable} names no program: {HOW}", "no_editor")
    return words


def _write(path: Path, raw: bytes) -> None:
    """Into a new file; FileExistsError when something is there already."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(raw)


def _run(words: list[str]) -> str:
    """Waits for the editor; what went wrong in a few words, or nothing."""
    sys.stdout.flush()
    # A drawing must not land in the pipe that the answer goes to.
    out = None if sys.stdout.isatty() else 2
    running: list[subprocess.Popen[bytes]] = []
    with _terminal_kept(), _signals_for(running) as early:
        try:
            running.append(subprocess.Popen(words, stdout=out))
        except OSError as error:
            return f"{words[0]} could not be started ({error.strerror}): {HOW}"
        for number in early:
            running[0].send_signal(number)
        code = running[0].wait()
    if code < 0:
        return f"{words[0]} was ended by {_signal_name(-code)}"
    return f"{words[0]} ended with an error ({code})" if code else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """The terminal is afterwards as it was, however the editor left it."""
    if not sys.stdin.isatty():
        yield
        return
    import termios

    fd = sys.stdin.fileno()
    before = termios.tcgetattr(fd)
    try:
        yield
    finally:
        with suppress(termios.error):  # The terminal may have gone with the editor.
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


@contextmanager
def _signals_for(running: list[subprocess.Popen[bytes]]) -> Iterator[list[int]]:
    """While it runs, Ctrl-C is the editor's business; being ended ends the editor first, so that its text is kept.

    Gives the signals that came before the editor was known.
    """
    early: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield early
        return

    def leave_it(_number: int, _frame: FrameType | None) -> None:
        """Set instead of ignoring the signal: that the editor would inherit."""

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if running:
            running[0].send_signal(number)
        else:
            early.append(number)

    handlers = {signal.SIGINT: leave_it, signal.SIGQUIT: leave_it, signal.SIGTERM: pass_on, signal.SIGHUP: pass_on}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield early
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(file: Path) -> bytes | None:
    """What the editor left, None when that is no file."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError:
        return None


def _decoded(raw: bytes, home: Path, file: Path) -> str:
    try:
        if len(raw) > MOST_BYTES:
            raise errors.Invalid(f"the file has over {MOST_BYTES:,} bytes: a text can be much shorter", "too_long")
        return sheet.decoded(raw)
    except errors.Invalid as error:
        raise errors.Invalid(f"{error.detail}. {_kept(home, file)}", error.code) from None


def _fail(problem: str, home: Path, file: Path, before: bytes, found: bytes | None) -> NoReturn:
    told = _kept(home, file) if found is not None and found != before else "Nothing was changed."
    raise errors.Unavailable(f"{problem}. {told}", "editor_failed")


def _kept(home: Path, file: Path) -> str:
    """Where the file is now: under the home, or among the temporary files when the home cannot be written to."""
    try:
        path = keep(home, file.stem, file.read_bytes())
    except OSError:
        folder = file.parent.rename(f"{file.parent}-{UNSAVED}")
        path = folder / file.name
    return f"Nothing was changed; what you wrote is kept in {path}"
