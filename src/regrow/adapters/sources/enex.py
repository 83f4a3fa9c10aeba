"""The XML of an Evernote export, read piece by piece: no entity is expanded and no address is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from regrow.adapters.sources import places
from regrow.adapters.sources.places import Unfit

_PIECE = 1 << 18
_FIELDS = frozenset(("title", "content", "created", "updated", "tag", "guid", "source-url", "author"))
MAX_TAGS = 500


@dataclass(slots=True)
class Note:
    """One note as exported: `content` is its ENML. `is_large` when it was cut for being larger than a note may be."""

    texts: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    is_large: bool = False


def notes(file: BinaryIO) -> Iterator[Note]:
    """The notes of an export, one after the other. Unfit when the XML breaks off or is not what Evernote writes."""
    walk = _Walk()
    is_last = False
    while not is_last:
        data = file.read(_PIECE)
        is_last = not data
        try:
            walk.parser.Parse(data, is_last)
        except expat.ExpatError as error:
            yield from walk.taken()
            reason = expat.ErrorString(error.code)
            raise Unfit(f"its XML breaks off in line {error.lineno} ({reason}): export it again") from None
        yield from walk.taken()
    if not walk.is_export:
        raise Unfit("it is no Evernote export: it has no <en-export>")


class _Walk:
    def __init__(self) -> None:
        self.is_export = False
        self._done: list[Note] = []
        self._note: Note | None = None
        self._field = ""
        self._parts: list[str] = []
        self._size = 0
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._entity

    def taken(self) -> list[Note]:
        done, self._done = self._done, []
        return done

    def _entity(self, *declared: object) -> None:
        raise Unfit("its XML declares entities, which no export does: it is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.is_export = name == "en-export"
        elif self._depth == 2 and name == "note" and self.is_export:
            self._note = Note()
        elif self._note is not None and self._depth in (3, 4) and name in _FIELDS and not self._field:
            self._field, self._parts, self._size = name, [], 0

    def _data(self, text: str) -> None:
        if self._field:
            self._size += len(text)
            if self._size <= places.MAX_BYTES:
                self._parts.append(text)
            elif self._note is not None:
                self._note.is_large = True

    def _end(self, name: str) -> None:
        self._depth -= 1
        note = self._note
        if note is None:
            return
        if self._depth == 1 and name == "note":
            self._done.append(note)
            self._note = None
        elif name == self._field:
            text = "".join(self._parts)
            if name != "tag":
                note.texts.setdefault(name, text)
            elif len(note.tags) < MAX_TAGS:
                note.tags.append(text.strip())
            self._field, self._parts = "", []


_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$")


def moment(written: str) -> str:
    """Evernote's `20260101T120000Z` as ISO 8601; whatever else stands there as it is."""
    return _TIME.sub(r"\1-\2-\3T\4:\5:\6+00:00", written.strip())
