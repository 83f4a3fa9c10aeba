"""Notes cut out of one large file, kept on disk in a file without a name until they are read one by one."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from typing import BinaryIO

from regrow.adapters.sources.places import Unfit

MAX_NOTES = 200_000
"""Names and places of so many notes are kept in memory; more belong in several files."""


class Spool:
    """Bytes under names. Only the names and where the bytes lie are in memory."""

    def __init__(self) -> None:
        self._file: BinaryIO = tempfile.TemporaryFile()
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def add(self, name: str, data: bytes) -> None:
        if len(self._places) >= MAX_NOTES:
            raise Unfit(f"it holds more than {MAX_NOTES:,} notes: export fewer at a time")
        self._file.seek(self._end)
        self._file.write(data)
        self._places[name] = (self._end, len(data))
        self._end += len(data)

    def free_name(self, stem: str, mark: str) -> str:
        """`stem.md`, with a mark or a number where another note has that name."""
        name, number = f"{stem}.md", 2
        if name in self._places and mark:
            name = f"{stem} ({mark}).md"
        while name in self._places:
            name = f"{stem} ({number}).md"
            number += 1
        return name

    def read(self, name: str) -> bytes:
        place = self._places.get(name)
        if place is None:
            raise Unfit("it is not in the file any more: import again")
        self._file.seek(place[0])
        return self._file.read(place[1])

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)
