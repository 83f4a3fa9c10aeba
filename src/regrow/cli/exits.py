"""How a command ends: which exit code an error has, and how it is told."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import typer
from typer.core import TyperGroup

from regrow.cli import options
from regrow.kit import clock, errors, redaction

OK, REFUSED, USAGE, NOT_FOUND, CONFLICT, FORBIDDEN, LIMIT, OUTSIDE, BUG = 0, 1, 2, 3, 4, 5, 6, 7, 70
OUTSIDE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
INTERRUPTED = 128 + signal.SIGINT
CODES = {
    "invalid": USAGE,
    "not_found": NOT_FOUND,
    "conflict": CONFLICT,
    "stale": CONFLICT,
    "forbidden": FORBIDDEN,
    "unauthorised": FORBIDDEN,
    "insufficient_credits": LIMIT,
    "limit_reached": LIMIT,
    "unavailable": OUTSIDE,
}


def code_of(error: errors.RegrowError) -> int:
    return CODES.get(error.kind, BUG)


def guarded(command: TyperGroup, args: list[str]) -> int:
    """Runs a command line and gives back its exit code; nothing that happens inside shows as a traceback."""
    is_json = "--json" in args
    try:
        code = command.main(args, prog_name="regrow", standalone_mode=False)
        sys.stdout.flush()
        return _ended(code)
    except BrokenPipeError:
        return _pipe_closed()
    except SystemExit as left:
        return _left(left, is_json)
    except typer.TyperException as error:
        return _misused(error, is_json)
    except (KeyboardInterrupt, typer.Abort):
        return _ended(INTERRUPTED)
    except errors.RegrowError as error:
        if error.kind != "bug":
            return _told(code_of(error), error.code, error.detail, is_json)
        return _bug(error, is_json)
    except OSError as error:
        if error.errno in OUTSIDE_ERRORS:
            return _told(OUTSIDE, "not_writable", f"{error.filename or 'a file'}: {error.strerror}", is_json)
        return _bug(error, is_json)
    except Exception as error:
        return _bug(error, is_json)


def leave(code: int) -> NoReturn:
    """Ends the process without waiting for threads that still sit in a model call; their runs go on elsewhere."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = _pipe_closed()
    if threading.active_count() > 1:
        os._exit(code)
    sys.exit(code)


def _ended(code: object) -> int:
    if code == INTERRUPTED:
        _say("Interrupted.")
    return code if isinstance(code, int) else OK


def _pipe_closed() -> int:
    """Whoever read our output has gone: nothing is left to say, and Python must not complain at its exit."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    return OK


def _left(left: SystemExit, is_json: bool) -> int:
    """A closed pipe arrives as an exit with 1 raised while handling it; every other exit means what it says."""
    cause = left.__context__
    if left.code == 1 and isinstance(cause, OSError) and cause.errno == errno.EPIPE:
        return _pipe_closed()
    if left.code is None:
        return OK
    return left.code if isinstance(left.code, int) else _told(REFUSED, "refused", str(left.code), is_json)


def _misused(error: typer.TyperException, is_json: bool) -> int:
    show: Callable[[], None] | None = getattr(error, "show", None)
    if not is_json and show is not None:
        show()
        return error.exit_code
    detail = error.format_message()
    if not detail or detail.startswith("Usage:"):
        detail = "name a command: see regrow --help"
    return _told(error.exit_code, "usage", detail, is_json)


def _told(code: int, name: str, detail: str, is_json: bool) -> int:
    safe = redaction.redact(detail)
    if is_json:
        sys.stdout.write(json.dumps({"error": {"code": name, "detail": safe}}, ensure_ascii=False) + "\n")
    _say(f"Error: {safe}")
    return code


def _bug(error: Exception, is_json: bool) -> int:
    trace = redaction.redact("".join(traceback.format_exception(error)))
    if os.environ.get("REGROW_LOG_LEVEL", "").lower() == "debug":
        _say(trace)
    line = redaction.shorten(redaction.redact(f"{type(error).__name__}: {error}"), 200)
    return _told(BUG, "bug", f"this is a bug in Regrow ({line}). {_logged(trace)}", is_json)


def _logged(trace: str) -> str:
    home = options.current().home or Path(os.environ.get("REGROW_HOME") or ".regrow")
    file = home / "regrow.log"
    try:
        with file.open("a", encoding="utf-8") as log:
            log.write(f"{clock.iso(clock.now())}\n{trace}\n")
    except OSError:
        return "Run it again with REGROW_LOG_LEVEL=debug to see where it happened, and report that, please."
    return f"What happened is written in {file}: report it, please."


def _say(text: str) -> None:
    sys.stderr.write(f"{text.rstrip()}\n")
