"""The files below one folder: nothing outside it is opened, and symbolic links are told instead of followed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from regrow.adapters.sources import files, places
from regrow.adapters.sources.places import Unfit, shown
from regrow.domain.notes.facts import MAX_PATH_BYTES
from regrow.domain.notes.vaults import Listing, Skipped
from regrow.kit import errors

IGNORED = frozenset(("node_modules", "__macosx"))
"""Besides every folder whose name begins with a dot."""


class Folder:
    """Files with a known ending below one folder. Names that are no UTF-8 are shown with `\\xNN` and still found."""

    def __init__(
        self,
        root: Path,
        wanted: tuple[str, ...] = files.KNOWN,
        is_ignored: Callable[[os.DirEntry[str]], bool] = lambda entry: entry.name.lower() in IGNORED,
    ) -> None:
        self.root = root
        self.label = shown(root.name)
        self._path = os.fspath(root)
        self._wanted, self._is_ignored = wanted, is_ignored
        self._names: dict[str, str] = {}

    def scan(self) -> Listing:
        """Every file, sorted by path; ignored folders and other files are passed over in silence."""
        walk = _Walk(self._path, self._wanted, self._is_ignored)
        found = walk.run()
        self._names = walk.names
        return found

    def read(self, name: str) -> bytes:
        try:
            return places.read(self.place(name))
        except OSError as error:
            raise _unfit(error) from None

    def open(self, name: str) -> BinaryIO:
        try:
            return places.opened(self.place(name))
        except OSError as error:
            raise _unfit(error) from None

    def place(self, name: str) -> str:
        return f"{self._path}/{self._names.get(name, name)}"


class _Walk:
    """One walk through a folder."""

    def __init__(self, root: str, wanted: tuple[str, ...], is_ignored: Callable[[os.DirEntry[str]], bool]) -> None:
        self._root, self._wanted, self._is_ignored = root, wanted, is_ignored
        self.names: dict[str, str] = {}
        self._paths: list[str] = []
        self._skipped: list[Skipped] = []
        self._unreadable: list[str] = []
        self._folders = [""]

    def run(self) -> Listing:
        while self._folders:
            folder = self._folders.pop()
            try:
                with os.scandir(os.path.join(self._root, folder)) as entries:
                    for entry in entries:
                        self._sort_in(entry, folder)
            except OSError as error:
                if not folder:
                    raise errors.Invalid(f"cannot read {self._root}: {error.strerror}", "unreadable_folder") from None
                self._unreadable.append(f"{shown(folder)}/")
                self._skipped.append(Skipped(shown(folder), f"the folder cannot be read: {error.strerror}"))
        skipped = tuple(sorted(self._skipped, key=lambda one: one.path))
        return Listing(sorted(self._paths), skipped, tuple(self._unreadable))

    def _sort_in(self, entry: os.DirEntry[str], folder: str) -> None:
        if entry.name.startswith("."):
            return
        place = f"{folder}/{entry.name}" if folder else entry.name
        is_note = entry.name.lower().endswith(self._wanted)
        if entry.is_symlink():
            if is_note or entry.is_dir():
                self._skipped.append(Skipped(shown(place), self._link_reason(entry)))
        elif entry.is_dir(follow_symlinks=False):
            if not self._is_ignored(entry):
                self._folders.append(place)
        elif is_note:
            reason = _file_reason(entry, place)
            if reason:
                self._skipped.append(Skipped(shown(place), reason))
            else:
                name = shown(place)
                self._paths.append(name)
                if name != place:
                    self.names[name] = place

    def _link_reason(self, entry: os.DirEntry[str]) -> str:
        try:
            target = os.path.realpath(entry.path, strict=True)
        except OSError as error:
            is_loop = error.errno == errno.ELOOP
            return "a symbolic link that leads back to itself" if is_loop else "a symbolic link that leads nowhere"
        if os.path.commonpath((target, self._root)) != self._root:
            return "a symbolic link out of the folder: copy the notes in, or import that folder by itself"
        return "a symbolic link inside the folder: what it leads to is imported from its own place"


def _file_reason(entry: os.DirEntry[str], place: str) -> str:
    if not entry.is_file(follow_symlinks=False):
        return "not a regular file"
    if len(os.fsencode(place)) > MAX_PATH_BYTES:
        return f"its path is longer than {MAX_PATH_BYTES:,} bytes: shorten it"
    return ""


def _unfit(error: OSError) -> Unfit:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Unfit("it vanished while the folder was read: import again")
    return Unfit(f"it cannot be read: {error.strerror}")


class Alone:
    """One file by itself, as a place with one file in it."""

    def __init__(self, path: Path) -> None:
        self._folder = Folder(path.parent)
        self._name = path.name
        self.label = shown(path.name)

    def scan(self) -> Listing:
        return Listing([self.label])

    def read(self, name: str) -> bytes:
        return self._folder.read(self._name)

    def open(self, name: str) -> BinaryIO:
        return self._folder.open(self._name)
