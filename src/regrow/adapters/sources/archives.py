"""Zip archives that nobody vouches for: nothing is unpacked under its name, and every byte is counted as it comes."""

from __future__ import annotations

import re
import stat
import struct
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, BinaryIO

from regrow.adapters.sources import files, places
from regrow.adapters.sources.files import Files
from regrow.adapters.sources.names import Named, is_folder, safe_name
from regrow.adapters.sources.places import Unfit
from regrow.domain.notes.vaults import Listing, Skipped

MAX_ENTRIES = 100_000
"""The largest exports have some ten thousand pages and as many attachments."""
MAX_DIRECTORY_BYTES = 32_000_000
"""The directory of an archive is read whole: a hundred thousand entries with long names, and not more."""
MAX_RATIO = 200
"""Prose deflates to a third, blank tables to a hundredth; a bomb to a thousandth."""
RATIO_FROM_BYTES = 1_000_000
"""Below this, what comes out is small whatever the ratio."""
MAX_TOTAL_BYTES = 8_000_000_000
"""Out of one archive with all archives in it: as much as the largest exports hold, and no disk is filled with more."""
MAX_DEPTH = 3
"""An export in its parts in the zip of a mail program; archives deeper than that are left alone."""
_PIECE = 1 << 18
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_BURSTS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError,
    IndexError,
)  # fmt: skip
"""All that the standard library raises over a damaged archive."""


@dataclass
class Budget:
    """What may still come out of an archive and those in it."""

    left: int = MAX_TOTAL_BYTES

    def take(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Unfit(f"the archive holds more than {MAX_TOTAL_BYTES // 1_000_000_000} GB: export it in parts")


class Archive:
    """The files of one zip archive. Its names are labels: nothing is ever written under one."""

    def __init__(self, file: BinaryIO, label: str, budget: Budget) -> None:
        self.label = label
        self._budget = budget
        # Closed with the last reader of it; whoever opened it has no use for it any more.
        weakref.finalize(self, file.close)
        _check_directory(file)
        with _telling():
            self._zip = zipfile.ZipFile(file)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self._listing = self._listed()

    def _listed(self) -> Listing:
        entries = [(safe_name(info), info) for info in self._zip.infolist() if not is_folder(info)]
        common = _common([name.text for name, _ in entries if not name.problem])
        skipped: list[Skipped] = []
        for name, info in entries:
            if not name.problem and not _is_wanted(name.text):
                continue
            problem = name.problem or _problem(info) or _twice(name, common, self._infos)
            if problem:
                skipped.append(Skipped(name.text, problem))
            else:
                self._infos[name.text.removeprefix(common)] = info
        return Listing(sorted(self._infos), tuple(sorted(skipped, key=lambda one: one.path)))

    def scan(self) -> Listing:
        return self._listing

    def read(self, name: str) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise Unfit("the archive does not hold it")
        if info.file_size > places.MAX_BYTES:
            raise Unfit(places.too_large(info.file_size))
        return b"".join(self._pieces(info))

    def open(self, name: str) -> BinaryIO:
        """The file unpacked into a place without a name, which is gone when it is closed."""
        info = self._infos.get(name)
        if info is None:
            raise Unfit("the archive does not hold it")
        with ExitStack() as stack:
            made = stack.enter_context(tempfile.TemporaryFile())
            for piece in self._pieces(info):
                made.write(piece)
            made.seek(0)
            stack.pop_all()
            return made

    def _pieces(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.flag_bits & 1:
            raise Unfit("it is encrypted: export it again without a password")
        size = 0
        with _telling(), self._zip.open(info) as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > RATIO_FROM_BYTES and size > MAX_RATIO * max(info.compress_size, 1):
                    raise Unfit(f"it unpacks to more than {MAX_RATIO} times its size, as no note does")
                self._budget.take(len(piece))
                yield piece


class Joined:
    """An archive together with those at its top: exports come in parts that belong together."""

    def __init__(self, parts: list[Files], skipped: list[Skipped], unreadable: list[str]) -> None:
        self.label = parts[0].label
        self._owners: dict[str, Files] = {}
        for part in parts:
            listing = part.scan()
            skipped += listing.skipped
            unreadable += listing.unreadable
            for name in listing.paths:
                if name in self._owners:
                    skipped.append(Skipped(name, f"{part.label} holds it a second time: the first one is taken"))
                self._owners.setdefault(name, part)
        self._listing = Listing(sorted(self._owners), tuple(skipped), tuple(unreadable))

    def scan(self) -> Listing:
        return self._listing

    def read(self, name: str) -> bytes:
        return self._owner(name).read(name)

    def open(self, name: str) -> BinaryIO:
        return self._owner(name).open(name)

    def _owner(self, name: str) -> Files:
        owner = self._owners.get(name)
        if owner is None:
            raise Unfit("the archive does not hold it")
        return owner


def opened(file: BinaryIO, label: str, budget: Budget | None = None, depth: int = 1) -> Files:
    """The files of an archive with those of the archives at its top; Unfit when it is none or is broken."""
    budget = budget or Budget()
    archive = Archive(file, label, budget)
    names = archive.scan().paths
    inner = [name for name in names if "/" not in name and files.has_ending(name, files.ARCHIVES)]
    if not inner:
        return archive
    outer = Listing([name for name in names if name not in set(inner)], archive.scan().skipped)
    parts: list[Files] = [_Outer(archive, outer)]
    skipped: list[Skipped] = []
    unreadable: list[str] = []
    for name in inner:
        try:
            if depth >= MAX_DEPTH:
                raise Unfit(f"archives in archives are read {MAX_DEPTH} deep: unpack it first")
            parts.append(opened(archive.open(name), name, budget, depth + 1))
        except Unfit as error:
            skipped.append(Skipped(name, str(error)))
            # What it held before may still be in it: nothing of this export is taken for gone.
            unreadable.append("")
    return Joined(parts, skipped, unreadable)


class _Outer:
    def __init__(self, archive: Archive, listing: Listing) -> None:
        self.label, self._archive, self._listing = archive.label, archive, listing
        self.read, self.open = archive.read, archive.open

    def scan(self) -> Listing:
        return self._listing


def is_archive(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", _END))


@contextmanager
def _telling() -> Iterator[None]:
    """Turns whatever a damaged archive makes the standard library raise into a reason."""
    try:
        yield
    except _BURSTS as error:
        said = str(error) or type(error).__name__
        raise Unfit(f"the archive is damaged ({said[:100]}): export it again") from None


def _check_directory(file: IO[bytes]) -> None:
    """Refuses a directory that would not fit in memory, before the standard library reads it whole."""
    with _telling():
        size = file.seek(0, 2)
        start = max(0, size - 65_557)
        file.seek(start)
        tail = file.read(65_557)
        place = tail.rfind(_END)
        if place < 0 or len(tail) - place < 22:
            raise Unfit("it is no zip archive, or its end is missing: download it again")
        length = _directory_bytes(file, start + place, tail[place : place + 22])
        if length > MAX_DIRECTORY_BYTES:
            raise Unfit(f"its directory has {length / 1e6:.0f} MB: export fewer notes at a time")
        file.seek(max(0, start + place - length - 1_000))
        if file.read(length + 1_000).count(_ENTRY) > MAX_ENTRIES:
            raise Unfit(f"it holds more than {MAX_ENTRIES:,} files: export fewer notes at a time")
        file.seek(0)


def _directory_bytes(file: IO[bytes], end: int, record: bytes) -> int:
    (length,) = struct.unpack("<L", record[12:16])
    if length != 0xFFFFFFFF and end >= 20:
        file.seek(end - 20)
        if not file.read(4).startswith(b"PK\x06\x07"):
            return int(length)
    if end < 76:
        return int(length)
    file.seek(end - 76)
    wide = file.read(56)
    return int(struct.unpack("<Q", wide[40:48])[0]) if wide.startswith(b"PK\x06\x06") else int(length)


def _is_wanted(name: str) -> bool:
    parts = name.split("/")
    return files.has_ending(name, files.KNOWN) and not any(
        part.startswith(".") or part in ("__MACOSX", "node_modules") for part in parts
    )


def _problem(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.create_system == 3 and stat.S_ISLNK(mode):
        return "a symbolic link: what it leads to is imported from its own place"
    if info.create_system == 3 and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "not a regular file"
    if info.compress_type not in _METHODS:
        return "packed by a method that no export uses: pack it anew as a plain zip"
    return ""


def _twice(name: Named, common: str, taken: dict[str, zipfile.ZipInfo]) -> str:
    return "the archive holds it twice: the first one is taken" if name.text.removeprefix(common) in taken else ""


_KEPT = re.compile(r"\.(?:textbundle|textpack)$|^(?:pages|journals|Keep|logseq)$", re.I)


def _common(names: list[str]) -> str:
    """The one folder at the top that holds everything: exports name it anew each time, so it is no part of a name."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    top = tops.pop() if len(tops) == 1 else ""
    return f"{top}/" if top and not _KEPT.search(top) else ""
