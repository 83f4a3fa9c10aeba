"""What a place that notes come from must offer, and what it hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not taken, with the reason in words a person can act on.

    `is_gone` when the program it comes from has thrown it away, so that what was imported of it before is archived.
    """

    path: str
    reason: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of one note. `digest` is their SHA-256 in hex; `path` has `/` between its parts."""

    path: str
    digest: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RawNote:
    """One note as text: `front` is its front matter as plain JSON, `front_text` the same as written."""

    path: str
    digest: str
    body: str
    front: Mapping[str, Any]
    front_text: str = ""
    warnings: tuple[str, ...] = ()
    is_alias_first: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Every note of a place, sorted by path. Notes below `unreadable` folders are not known to be gone."""

    paths: Sequence[str]
    skipped: tuple[Skipped, ...] = ()
    unreadable: tuple[str, ...] = ()


class Vault(Protocol):
    """A place that notes come from. `source` names it for ever: notes of another source are never touched."""

    @property
    def source(self) -> str: ...

    @property
    def format(self) -> str:
        """Which kind of vault it is, as `--format` names it."""
        ...

    def listing(self) -> Listing: ...

    def fetch(self, path: str) -> Fetched | Skipped:
        """Never raises for what a single file does."""
        ...

    def understand(self, fetched: Fetched) -> RawNote | Skipped: ...
