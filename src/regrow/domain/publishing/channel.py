"""What a channel is to us: what it takes, what goes out, what may come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from regrow.domain.publishing.totals import Totals

Kind = Literal["published", "refused", "retry", "unknown"]
LONGEST_ANSWER = 4_000
"""Characters of an answer from outside that are kept."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`media` it takes. `is_repeatable`: the same key may be sent again and takes effect once.

    `can_reconcile`: it can be asked whether a key was taken. Lengths are in characters, None without a limit.
    """

    media: tuple[str, ...]
    is_repeatable: bool = False
    can_reconcile: bool = False
    can_remove: bool = False
    has_metrics: bool = False
    longest_title: int | None = None
    longest_body: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One variant on its way out. `key` is the same in every attempt; `body` is Markdown, `html` what it renders to."""

    key: str
    post_id: str
    medium: str
    label: str
    title: str
    body: str
    html: str
    slug: str
    language: str
    author: str
    at: str
    address: str = ""
    """Where it stands on the built-in site already, else empty."""
    piece_id: str = ""
    """A new text of the same piece may replace the old one where a channel keeps files."""
    summary: str = ""
    hashtags: tuple[str, ...] = ()
    disclosure: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to.

    `published`: taken. `refused`: not taken, and never will be. `retry`: certainly not taken, may be sent again.
    `unknown`: nobody can tell. `answer` is what the outside said, cut to LONGEST_ANSWER.
    """

    kind: Kind
    outside_id: str = ""
    address: str = ""
    detail: str = ""
    retry_after_seconds: float | None = None
    answer: str = ""
    status: int = 0
    """Of the answer in HTTP; 0 when there was none."""
    milliseconds: int = 0


class Channel(Protocol):
    """A connected destination. No method raises for what the outside does: that is an outcome."""

    @property
    def capabilities(self) -> Capabilities: ...

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        """What would be refused, in words that say what to change; empty when nothing. Asks nobody."""
        ...

    def post(self, outgoing: Outgoing) -> Outcome:
        """Sends it, once."""
        ...

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        """Whether its key was taken: `published`, `retry` when certainly not, else `unknown`. Changes nothing."""
        ...

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        """Takes it back: `published` stands for done."""
        ...

    def status(self) -> tuple[bool, str]:
        """Whether the channel can be used now, and what to do when not."""
        ...

    def metrics(self, outside_id: str) -> Totals | None:
        """The channel's own totals of a post; None when it has none."""
        ...


@runtime_checkable
class Testable(Protocol):
    """A channel that can be sent a message which publishes nothing."""

    def test(self, key: str) -> Outcome: ...


SettingKind = Literal["text", "number", "switch"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a kind of channel wants to be told. Secrets are texts; they are sealed and never shown."""

    name: str
    help: str
    is_secret: bool = False
    is_required: bool = False
    default: Any = ""
    kind: SettingKind = "text"


@dataclass(frozen=True, slots=True)
class Declared:
    """A kind of channel that can be connected, and what it wants to be told."""

    name: str
    help: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a channel may know of this installation. `address` is where readers reach the server, without a slash.

    `folders` are those outside the home that channels may write in.
    """

    home: str
    address: str
    allows_private: bool
    clock: Callable[[], datetime]
    folders: tuple[str, ...] = ()


class Register(Protocol):
    """Every kind of channel there is."""

    @property
    def surroundings(self) -> Surroundings: ...

    def declared(self) -> tuple[Declared, ...]:
        """The kinds that can be connected, in the order in which they are shown."""
        ...

    def make(self, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Channel:
        """A channel to act with. Invalid when the settings cannot work, Unavailable for a kind that is gone."""
        ...
