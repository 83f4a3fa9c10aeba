"""The names a note answers to, and the form in which names are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from regrow.domain.notes.facts import MAX_NAME, NameKind

_NOTE_SUFFIX = re.compile(r"\.(?:md|markdown)$", re.I)
_ZETTEL = re.compile(r"(\d{12,14})(?!\d)[ _.-]*(.*)", re.S)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without what a database refuses: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("", text)


def folded(text: str) -> str:
    """The form names are compared in: composed characters, no case, single spaces, no `.md`."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _NOTE_SUFFIX.sub("", " ".join(text.split())).casefold()


def last_part(name: str) -> str:
    """What a folded name is looked up by: the part after its last slash."""
    return name.rstrip("/").rpartition("/")[2]


def stem(path: str) -> str:
    return _NOTE_SUFFIX.sub("", path.rpartition("/")[2])


def folder(path: str) -> str:
    return path.rpartition("/")[0]


def zettel(file_stem: str) -> tuple[str, str]:
    """The time stamp of 12 to 14 digits that opens a file name, and the rest; an empty id when there is none."""
    match = _ZETTEL.match(file_stem)
    return (match[1], match[2].strip()) if match else ("", file_stem)


def names(path: str, title: str, aliases: Iterable[str], identity: str) -> tuple[tuple[str, NameKind], ...]:
    """Folded names with what they are; the first kind wins, and names too long to be looked up are left out.

    A title or alias that holds a slash is also filed under its last part, so that a link waiting for it is found.
    """
    found: dict[str, NameKind] = {}
    for name, kind in _all(path, title, aliases, identity):
        if 0 < len(name) <= MAX_NAME:
            found.setdefault(name, kind)
    for name in list(found):
        if "/" in name and (part := last_part(name)):
            found.setdefault(part, "part")
    return tuple(found.items())


def _all(path: str, title: str, aliases: Iterable[str], identity: str) -> Iterator[tuple[str, NameKind]]:
    file_stem = stem(path)
    stamp, rest = zettel(file_stem)
    yield folded(file_stem), "file"
    if "___" in file_stem or "%" in file_stem:
        # Logseq writes a namespace's slash into file names this way.
        yield folded(storable(unquote(file_stem.replace("___", "/")))), "file"
    for alias in aliases:
        yield folded(alias), "alias"
    yield folded(title), "title"
    if stamp:
        yield folded(rest), "title"
        yield stamp, "id"
    yield folded(identity), "id"
