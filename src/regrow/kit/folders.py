"""The folder of a home: made when it is missing, and the file in it that one process holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from regrow.kit import errors


def lock_file(home: Path) -> IO[str]:
    """The lock of a home, opened; Unavailable says why it cannot be."""
    try:
        return (home / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error.__class__.__name__
        raise errors.Unavailable(f"{home / 'lock'} cannot be opened: {reason}", "not_writable", None, True) from None


def make(home: Path) -> None:
    """Makes the folder; Invalid when a file stands there, Unavailable when it cannot be made or written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise errors.Invalid(f"{home} is a file: name a folder with --home", "bad_home") from None
    except OSError as error:
        reason = error.strerror or error.__class__.__name__
        raise errors.Unavailable(f"the home {home} cannot be made: {reason}", "not_writable", None, True) from None
    if not os.access(home, os.W_OK):
        raise errors.Unavailable(f"{home} cannot be written: check its permissions", "not_writable", None, True)
