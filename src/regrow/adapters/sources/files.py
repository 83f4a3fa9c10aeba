"""Files that notes are read from: in a folder, in an archive or one by itself; and how a note is made of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Protocol

from regrow.adapters.sources import decoding, front_matter, places
from regrow.domain.notes import front, naming
from regrow.domain.notes.facts import MOST_LINKS
from regrow.domain.notes.vaults import Fetched, Listing, RawNote, Skipped

MARKDOWN = (".md", ".markdown")
HTML = (".html", ".htm")
TEXT = (".txt",)
TOMBOY = (".note",)
ARCHIVES = (".zip", ".bear2bk", ".bearbk", ".textpack")
KNOWN = (*MARKDOWN, *HTML, *TEXT, *ARCHIVES, ".org", ".json", ".csv", ".enex", ".edn", ".yml", *TOMBOY)
"""Endings of files that any reader looks at; everything else is an attachment and is never opened."""


class Files(Protocol):
    """A place with files in it, every name already made safe and every size counted while it is read."""

    @property
    def label(self) -> str: ...

    def scan(self) -> Listing:
        """Names of the files with a known ending, sorted, and what was refused."""
        ...

    def read(self, name: str) -> bytes:
        """The whole of one file. Unfit says why it cannot be had."""
        ...

    def open(self, name: str) -> BinaryIO:
        """A file to be read from its beginning, however large; Unfit when it cannot be had."""
        ...


class Part:
    """Some of the files of another place, under names without their folder."""

    def __init__(self, files: Files, names: Iterable[str], folder: str) -> None:
        self._files, self._folder = files, f"{folder}/" if folder else ""
        self._names = sorted(name.removeprefix(self._folder) for name in names)
        self.label = f"{files.label}/{folder}" if folder else files.label

    def scan(self) -> Listing:
        return Listing(self._names)

    def read(self, name: str) -> bytes:
        return self._files.read(self._folder + name)

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._folder + name)


def has_ending(name: str, endings: Sequence[str]) -> bool:
    return name.lower().endswith(tuple(endings))


def stem(path: str) -> str:
    """The last part of a path without its ending."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def digest(kind: str, *parts: bytes) -> str:
    """What tells whether a note changed. The kind is in it, so that a better way of reading takes old notes anew."""
    found = hashlib.sha256(kind.encode())
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()


def fetched(files: Files, kind: str, path: str, name: str | None = None) -> Fetched | Skipped:
    """Reads one file as a note of that kind."""
    try:
        data = files.read(name or path)
    except places.Unfit as error:
        return Skipped(path, str(error))
    return Fetched(path, digest(kind, data), data)


def text_of(got: Fetched) -> tuple[str, str] | Skipped:
    """The text of what was fetched and a warning or an empty text."""
    try:
        return decoding.decode(got.data)
    except decoding.NotText as error:
        return Skipped(got.path, str(error))


def made(
    got: Fetched, body: str, properties: Mapping[str, Any], warnings: Iterable[str] = (), front_text: str = ""
) -> RawNote | Skipped:
    """A note of this text, with properties as its front matter."""
    if body.count("[[") + body.count("](") > MOST_LINKS:
        return Skipped(got.path, f"holds more than {MOST_LINKS:,} links")
    said = front_matter.plain({key: value for key, value in properties.items() if value not in ("", [], None)})
    return RawNote(got.path, got.digest, naming.storable(body), said, front_text, tuple(one for one in warnings if one))


def markdown(
    got: Fetched, is_alias_first: bool = False, properties: Mapping[str, Any] | None = None
) -> RawNote | Skipped:
    """A Markdown note with its front matter; `properties` hold where front matter says nothing."""
    text = text_of(got)
    if isinstance(text, Skipped):
        return text
    if text[0].count("[[") + text[0].count("](") > MOST_LINKS:
        return Skipped(got.path, f"holds more than {MOST_LINKS:,} links")
    warnings = [text[1]] if text[1] else []
    parts = front.split(text[0])
    found, problem = front_matter.load(parts.front) if parts.front is not None else ({}, "")
    if problem:
        warnings.append(problem)
    if not parts.is_closed:
        warnings.append("front matter is never closed by ---: read down to the first other line")
    return RawNote(
        path=got.path,
        digest=got.digest,
        body=parts.body,
        front={**front_matter.plain(dict(properties)), **found} if properties else found,
        front_text=parts.front or "",
        warnings=tuple(warnings),
        is_alias_first=is_alias_first,
    )
