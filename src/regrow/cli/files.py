"""Text files that commands check: read whole, in UTF-8, from a path or from stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from regrow.kit import errors

MOST_BYTES = 2_000_000
MEDIA = ("blog", "social", "email", "article")


def refuse_medium(medium: str) -> None:
    if medium not in MEDIA:
        raise errors.Invalid(f"--medium: {medium[:40]!r} is none, use one of {', '.join(MEDIA)}", "bad_medium")


def shown(file: str) -> str:
    return "standard input" if file == "-" else file


def read(file: str) -> str:
    name = shown(file)
    try:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else _bytes(Path(file))
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise errors.Invalid(f"{name} is no UTF-8 text: convert it first", "not_utf8") from None
    if len(data) > MOST_BYTES:
        raise errors.Invalid(f"{name} is larger than {MOST_BYTES // 1_000_000} MB: check it in parts", "too_long")
    return text.replace("\r\n", "\n")


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as opened_file:
            return opened_file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no file"
        raise errors.NotFound(f"{path} cannot be read: {reason}", "file_not_found") from None
