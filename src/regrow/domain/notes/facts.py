"""What is known of a note once its text has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

LinkKind = Literal["wikilink", "embed", "markdown"]
NameKind = Literal["file", "alias", "title", "id", "part"]

MAX_LINKS = 5_000
MOST_LINKS = 100_000
"""A text with more links than this is no note that somebody wrote."""
MAX_TAGS = 500
MAX_ALIASES = 100
MAX_NAME = 500
MAX_TARGET = 1_024
MAX_TITLE = 500
MAX_TAG = 200
MAX_ID = 200
MAX_PATH_BYTES = 1_000
"""Paths stand in a database index, whose entries must stay below 2,700 bytes."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link as written; `start` and `end` are its place in the note's stored body."""

    kind: LinkKind
    target: str
    name: str
    heading: str | None
    alias: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """A note ready to be stored. `identity` is empty when nothing but its path tells it from others."""

    path: str
    digest: str
    identity: str
    title: str
    body: str
    tags: tuple[str, ...]
    aliases: tuple[str, ...]
    front_matter: dict[str, Any]
    warnings: tuple[str, ...]
    word_count: int
    is_private: bool
    links: tuple[Link, ...]
    names: tuple[tuple[str, NameKind], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A note that answers to a name. `is_live` is False for an archived note."""

    note_id: str
    source: str
    path: str
    name: str
    kind: str
    is_live: bool = True
