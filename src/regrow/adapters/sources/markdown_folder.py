"""A folder of Markdown notes: Obsidian, Dendron, Zettelkasten, Logseq pages, or plain files."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from pathlib import Path

from regrow.adapters.sources import decoding, front_matter
from regrow.domain.notes import front, resolving
from regrow.domain.notes.facts import MAX_PATH_BYTES, MOST_LINKS
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped
from regrow.kit import errors

MAX_BYTES = 10_000_000
MAX_SOURCE = 100
NOTE_SUFFIXES = (".md", ".markdown")
IGNORED_FOLDERS = frozenset(("node_modules", "templates", "_templates", "template", "_template"))
"""Besides every folder whose name begins with a dot, and the folder Logseq keeps its settings in."""


class MarkdownFolder:
    """Reads notes below one folder. Nothing outside it is opened, and no file is read whole above `MAX_BYTES`.

    `source` names the folder for ever. By default it is the folder's name and a mark of its full path, so that two
    folders of one name stay apart; give the old name to go on after moving a folder.
    """

    def __init__(self, folder: str | os.PathLike[str], source: str | None = None) -> None:
        self._root = _checked(folder)
        self._root_path = os.fspath(self._root)
        self.source = _checked_source(source) if source else source_of(self._root)
        self._is_dendron = any((above / "dendron.yml").is_file() for above in (self._root, *self._root.parents))
        self._names: dict[str, str] = {}

    def listing(self) -> Listing:
        """Every note file, sorted by path; ignored folders and other files are passed over in silence."""
        paths: list[str] = []
        skipped: list[Skipped] = []
        unreadable: list[str] = []
        self._names = {}
        folders = [""]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(os.path.join(self._root, folder)) as entries:
                    for entry in entries:
                        self._sort_in(entry, folder, folders, paths, skipped)
            except OSError as error:
                if not folder:
                    raise errors.Invalid(f"cannot read {self._root}: {error.strerror}", "unreadable_folder") from None
                unreadable.append(f"{shown(folder)}/")
                skipped.append(Skipped(shown(folder), f"the folder cannot be read: {error.strerror}"))
        return Listing(sorted(paths), tuple(sorted(skipped, key=lambda one: one.path)), tuple(unreadable))

    def _sort_in(
        self, entry: os.DirEntry[str], folder: str, folders: list[str], paths: list[str], skipped: list[Skipped]
    ) -> None:
        if entry.name.startswith("."):
            return
        place = f"{folder}/{entry.name}" if folder else entry.name
        is_note = entry.name.lower().endswith(NOTE_SUFFIXES)
        if entry.is_symlink():
            if is_note or entry.is_dir():
                skipped.append(Skipped(shown(place), self._link_reason(entry)))
        elif entry.is_dir(follow_symlinks=False):
            if not _is_ignored(entry):
                folders.append(place)
        elif is_note:
            reason = _file_reason(entry, place)
            if reason:
                skipped.append(Skipped(shown(place), reason))
            else:
                name = shown(place)
                paths.append(name)
                if name != place:
                    self._names[name] = place

    def _link_reason(self, entry: os.DirEntry[str]) -> str:
        try:
            target = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            is_loop = error.errno == errno.ELOOP
            return "a symbolic link that leads back to itself" if is_loop else "a symbolic link that leads nowhere"
        if os.path.commonpath((target, self._root)) != self._root_path:
            return "a symbolic link out of the folder: copy the notes in, or import that folder by itself"
        return "a symbolic link inside the folder: what it leads to is imported from its own place"

    def fetch(self, path: str) -> Fetched | Skipped:
        """Reads one listed file; a file that is gone, locked, too large or changing is skipped with the reason."""
        try:
            data = _read(f"{self._root_path}/{self._names.get(path, path)}")
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return Skipped(path, "it vanished while the folder was read: import again")
            return Skipped(path, f"it cannot be read: {error.strerror}")
        except _Unfit as error:
            return Skipped(path, str(error))
        return Fetched(path, hashlib.sha256(data).hexdigest(), data)

    def understand(self, fetched: Fetched) -> RawNote | Skipped:
        """The text and front matter of what was fetched."""
        try:
            text, warning = decoding.decode(fetched.data)
        except decoding.NotText as error:
            return Skipped(fetched.path, str(error))
        if text.count("[[") + text.count("](") > MOST_LINKS:
            return Skipped(fetched.path, f"holds more than {MOST_LINKS:,} links")
        warnings = [warning] if warning else []
        parts = front.split(text)
        found, problem = front_matter.load(parts.front) if parts.front is not None else ({}, "")
        if problem:
            warnings.append(problem)
        if not parts.is_closed:
            warnings.append("front matter is never closed by ---: read down to the first other line")
        return RawNote(
            path=fetched.path,
            digest=fetched.digest,
            body=parts.body,
            front=found,
            front_text=parts.front or "",
            warnings=tuple(warnings),
            is_alias_first=self._is_dendron,
        )


class _Unfit(Exception):
    """A file that is no note; the message is the reason given."""


def source_of(root: Path) -> str:
    """The name of a folder as a source: its last part, and eight hex digits of its full path."""
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
    return f"{shown(root.name or 'root')[: MAX_SOURCE - 9]}-{mark}"


def shown(path: str) -> str:
    """The path as it is stored: bytes that are no UTF-8 become `\\xNN`."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _checked(folder: str | os.PathLike[str]) -> Path:
    text = os.fspath(folder)
    if "\x00" in text:
        raise errors.Invalid("the path holds a NUL character: give the path of a folder", "bad_path")
    path = Path(text).expanduser()
    try:
        found = path.resolve(strict=True)
    except FileNotFoundError:
        raise errors.NotFound(f"there is no {shown(text)}: give the folder of the notes", "no_such_path") from None
    except (OSError, RuntimeError) as error:
        raise errors.Invalid(f"cannot open {shown(text)[:300]}: {error}", "bad_path") from None
    if not found.is_dir():
        raise errors.Invalid(f"{shown(text)} is a file: give the folder that holds the notes", "not_a_folder")
    return found


def _checked_source(source: str) -> str:
    if source == resolving.WRITTEN_HERE or len(source) > MAX_SOURCE or not source.isprintable() or not source.strip():
        raise errors.Invalid(
            f"a source is a name of 1 to {MAX_SOURCE} printable characters other than {resolving.WRITTEN_HERE}",
            "bad_source",
        )
    return source


def _is_ignored(entry: os.DirEntry[str]) -> bool:
    name = entry.name.lower()
    return name in IGNORED_FOLDERS or (name == "logseq" and os.path.isfile(os.path.join(entry.path, "config.edn")))


def _file_reason(entry: os.DirEntry[str], place: str) -> str:
    if not entry.is_file(follow_symlinks=False):
        return "not a regular file"
    if len(os.fsencode(place)) > MAX_PATH_BYTES:
        return f"its path is longer than {MAX_PATH_BYTES:,} bytes: shorten it"
    return ""


def _read(path: str) -> bytes:
    """The whole of a regular file. It is opened without following a link and without waiting for a pipe's writer."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        before = os.fstat(handle)
        size = before.st_size
        if not stat.S_ISREG(before.st_mode):
            raise _Unfit("not a regular file")
        if size > MAX_BYTES:
            raise _Unfit(_too_large(size))
        data = os.read(handle, size + 1)
        while 0 < len(data) < size and (more := os.read(handle, size - len(data))):
            data += more
        after = os.fstat(handle)
    finally:
        os.close(handle)
    if len(data) != size or after.st_size != size or after.st_mtime_ns != before.st_mtime_ns:
        raise _Unfit("it changed while it was read: import again")
    return data


def _too_large(size: int) -> str:
    return f"too large: {size / 1e6:.1f} MB, notes may have {MAX_BYTES // 1_000_000} MB"
