"""Somebody's own texts from files and folders: Markdown, plain text, web pages, and the plain part of mails."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regrow.adapters.sources import decoding, mails, web_pages
from regrow.domain.notes.vaults import Skipped
from regrow.kit import errors

SUFFIXES = (".md", ".markdown", ".txt", ".html", ".htm", ".eml")
MOST_FILES = 50_000
_CUT_BACK = 4_096
Shares = Callable[[Sequence[int]], list[int]]
"""How many bytes of files of these sizes are read."""


@dataclass(slots=True)
class OwnTexts:
    """Files to read, and in `skipped` those that could not be, each with the reason. `is_cut` when there is more."""

    files: list[Path]
    sizes: list[int]
    skipped: list[Skipped] = field(default_factory=list)
    is_cut: bool = False

    @property
    def bytes(self) -> int:
        return sum(self.sizes)

    def texts(self, shares: Shares, on_progress: Callable[[int, int], None] | None = None) -> Iterator[str]:
        """One text after the other; no more than one is held. `on_progress` hears of bytes done and of all."""
        parts = shares(self.sizes)
        done, total = 0, sum(parts)
        for path, size, share in zip(self.files, self.sizes, parts, strict=True):
            self.is_cut = self.is_cut or share < size
            text = self._text(path, share) if share else ""
            done += share
            if on_progress is not None:
                on_progress(done, total)
            if text.strip():
                yield text

    def _text(self, path: Path, share: int) -> str:
        try:
            data, is_whole = _read(path, share)
            found, _ = decoding.decode(data if is_whole else _at_a_gap(data))
            found = _prose(path, found, data)
        except OSError as error:
            self._skip(path, f"it cannot be read: {error.strerror or error.__class__.__name__}")
        except decoding.NotText as error:
            self._skip(path, str(error))
        else:
            if not found.strip():
                self._skip(path, "it holds no text" if path.suffix.lower() != ".eml" else "the mail has no plain text")
            return found
        return ""

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(shown(path), reason))


def found(paths: Sequence[Path]) -> OwnTexts:
    """The files at the paths and below them, sorted, each once. NotFound for a path that is none."""
    own = OwnTexts([], [])
    seen: set[tuple[int, int]] = set()
    for path in paths:
        for file in _files(path.expanduser(), own):
            try:
                status = file.stat()
            except OSError as error:
                own.skipped.append(Skipped(shown(file), f"it cannot be read: {error.strerror}"))
                continue
            reason = _reason(file, status)
            if reason:
                own.skipped.append(Skipped(shown(file), reason))
            elif (status.st_dev, status.st_ino) not in seen and len(own.files) < MOST_FILES:
                seen.add((status.st_dev, status.st_ino))
                own.files.append(file)
                own.sizes.append(status.st_size)
            elif len(own.files) >= MOST_FILES:
                own.is_cut = True
    return own


def shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _files(path: Path, own: OwnTexts) -> Iterator[Path]:
    """The file itself, or those below the folder that are texts by their names; hidden ones and links are passed."""
    if "\x00" in str(path):
        raise errors.Invalid("the path holds a NUL character: give a file or a folder", "bad_path")
    if not path.is_dir():
        if not os.path.lexists(path):
            raise errors.NotFound(f"there is no {shown(path)}: give files or folders of texts", "no_such_path")
        yield path
        return

    def refused(error: OSError) -> None:
        where = Path(error.filename or path)
        own.skipped.append(Skipped(shown(where), f"the folder cannot be read: {error.strerror}"))

    for folder, folders, names in os.walk(path, onerror=refused):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if not name.startswith(".") and name.lower().endswith(SUFFIXES) and not file.is_symlink():
                yield file


def _reason(file: Path, status: os.stat_result) -> str:
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if not file.name.lower().endswith(SUFFIXES):
        return f"not a text by its name: use {', '.join(SUFFIXES)}"
    return "" if status.st_size else "it is empty"


def _read(path: Path, share: int) -> tuple[bytes, bool]:
    """That many bytes from the beginning, and whether that is all; a pipe's writer is not waited for."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(handle, "rb") as file:
        data = file.read(share)
        return data, not file.read(1)


def _at_a_gap(data: bytes) -> bytes:
    """Cut back to the last gap, so that no character is halved; in UTF-16 and UTF-32 to a whole number of fours."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return data[: len(data) // 4 * 4]
    gap = max(data.rfind(b"\n", -_CUT_BACK), data.rfind(b" ", -_CUT_BACK))
    if gap > 0:
        return data[:gap]
    end = len(data)
    while end > len(data) - 4 and end > 0 and data[end - 1] & 0xC0 == 0x80:
        end -= 1
    return data[: end - 1] if end > 0 and data[end - 1] >= 0xC0 else data


def _prose(path: Path, text: str, data: bytes) -> str:
    suffix = path.suffix.lower()
    if suffix in (".html", ".htm"):
        return web_pages.markdown(text)
    return mails.plain(data) if suffix == ".eml" else text
