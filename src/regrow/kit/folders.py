"""Folders to work in: made when they are missing, with errors that say what is wrong with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from regrow.kit import errors


def make(folder: Path) -> None:
    """Invalid when there is a file in its place; Unavailable when it cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise errors.Invalid(f"{folder} is a file: name a folder with --home", "bad_home") from None
    except OSError as error:
        reason = error.strerror or error.__class__.__name__
        raise errors.Unavailable(f"the home {folder} cannot be made: {reason}", "not_writable", None, True) from None
    if not os.access(folder, os.W_OK):
        raise errors.Unavailable(f"{folder} cannot be written: check its permissions", "not_writable", None, True)


def lock_file(folder: Path) -> IO[str]:
    """The file whose lock says who works in a folder; Unavailable when it cannot be opened."""
    try:
        return (folder / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error.__class__.__name__
        raise errors.Unavailable(f"{folder / 'lock'} cannot be opened: {reason}", "not_writable", None, True) from None
