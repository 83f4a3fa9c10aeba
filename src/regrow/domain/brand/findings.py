"""What the guard is told about one variant of a piece, and what it may find in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from regrow.domain.brand.guidelines import Guidelines
from regrow.domain.writing import Source, Voice

Severity = Literal["veto", "major", "minor"]
Shingles = frozenset[tuple[str, ...]]
MOST_QUOTED = 160


@dataclass(frozen=True, slots=True)
class Text:
    """One field of a variant, such as its title, word for word."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Published:
    """A text that went out before, or was approved to: what to call it, and its shingles."""

    where: str
    shingles: Shingles


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """One variant, and all that its checks may know.

    `language` is empty when nobody said which; `sources` is None when the text has none to be held against, which is
    something else than sources that all went away. `private` holds titles of private notes. `voice` sets the limits;
    without one there are none of a persona.
    """

    medium: str = "blog"
    platform: str = ""
    label: str = "A"
    texts: tuple[Text, ...] = ()
    hashtags: tuple[str, ...] = ()
    language: str = "en"
    voice: Voice | None = None
    guidelines: Guidelines = field(default_factory=Guidelines)
    sources: tuple[Source, ...] | None = None
    private: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """`quote` stands word for word at `start` of the field; it is empty when something is missing. `how` says how to
    fix it.
    """

    check: str
    severity: Severity
    quote: str
    field: str
    start: int
    how: str
