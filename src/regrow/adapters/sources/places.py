"""The place somebody names: which folder or file it is, what it is called for ever, and how a file of it is read."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from regrow.domain.notes import resolving
from regrow.kit import errors

MAX_BYTES = 10_000_000
MAX_SOURCE = 100
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY


class Unfit(Exception):
    """A file that is no note; the message is the reason given."""


def source_of(root: Path) -> str:
    """The name of a folder as a source: its last part, and eight hex digits of its full path."""
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
    return f"{shown(root.name or 'root')[: MAX_SOURCE - 9]}-{mark}"


def shown(path: str) -> str:
    """The path as it is stored: bytes that are no UTF-8 become `\\xNN`."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def found(given: str | os.PathLike[str]) -> Path:
    """The full path of what somebody named."""
    text = os.fspath(given)
    if "\x00" in text:
        raise errors.Invalid("the path holds a NUL character: give the path of a folder", "bad_path")
    path = Path(text).expanduser()
    try:
        return path.resolve(strict=True)
    except FileNotFoundError:
        raise errors.NotFound(f"there is no {shown(text)}: give the folder of the notes", "no_such_path") from None
    except (OSError, RuntimeError) as error:
        raise errors.Invalid(f"cannot open {shown(text)[:300]}: {error}", "bad_path") from None


def folder(given: str | os.PathLike[str]) -> Path:
    """The full path of a folder that somebody named."""
    path = found(given)
    if not path.is_dir():
        text = shown(os.fspath(given))
        raise errors.Invalid(f"{text} is a file: give the folder that holds the notes", "not_a_folder")
    return path


def checked_source(source: str) -> str:
    if source == resolving.WRITTEN_HERE or len(source) > MAX_SOURCE or not source.isprintable() or not source.strip():
        raise errors.Invalid(
            f"a source is a name of 1 to {MAX_SOURCE} printable characters other than {resolving.WRITTEN_HERE}",
            "bad_source",
        )
    return source


def read(path: str) -> bytes:
    """The whole of a regular file. It is opened without following a link and without waiting for a pipe's writer."""
    handle = os.open(path, _FLAGS)
    try:
        before = os.fstat(handle)
        size = before.st_size
        if not stat.S_ISREG(before.st_mode):
            raise Unfit("not a regular file")
        if size > MAX_BYTES:
            raise Unfit(too_large(size))
        data = os.read(handle, size + 1)
        while 0 < len(data) < size and (more := os.read(handle, size - len(data))):
            data += more
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if len(data) != size or after.st_size != size or after.st_mtime_ns != before.st_mtime_ns:
        raise Unfit("it changed while it was read: import again")
    return data


def opened(path: str) -> BinaryIO:
    """A regular file of any size, to be read piece by piece."""
    handle = os.open(path, _FLAGS)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unfit("not a regular file")
    return os.fdopen(handle, "rb")


def too_large(size: int) -> str:
    return f"too large: {size / 1e6:.1f} MB, notes may have {MAX_BYTES // 1_000_000} MB"
