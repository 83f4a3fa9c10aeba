"""A feed as a channel: RSS and Atom files in a folder, written anew from the newest posts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.adapters.channels import places
from regrow.domain.publishing import feeds, rendering
from regrow.domain.publishing.channel import Capabilities, Outcome, Outgoing, Setting, Surroundings
from regrow.domain.publishing.totals import Totals
from regrow.kit import errors, plain

KIND = "feed"
HELP = "RSS and Atom files in a folder"
RSS, ATOM, ENTRIES = "feed.xml", "atom.xml", ".entries"
MOST = 500
SETTINGS = (
    Setting(
        "folder",
        "Where feed.xml and atom.xml go, such as feeds: within `published` of the home, or an allowed path",
        is_required=True,
    ),
    Setting("title", "What the feed is called, such as Bread at home", is_required=True),
    Setting("address", "The site that the feed belongs to, such as https://host/", is_required=True),
    Setting("post_address", "Where a post can be read, such as https://host/posts/{slug}/; else the built-in site"),
    Setting("own_address", "Where the folder can be read, such as https://host/feeds/"),
    Setting("description", "What the feed is about, in a sentence"),
    Setting("language", "The language of the feed, such as en or de-AT", default="en"),
    Setting("most", f"How many posts it holds, at most {MOST}", default=20, kind="number"),
)
CAPABILITIES = Capabilities(media=("blog", "article"), is_repeatable=True, can_reconcile=True, can_remove=True)


@dataclass(frozen=True, slots=True)
class FeedFiles:
    """Each post is one entry on disk first; both files follow from the entries, so that none can get lost."""

    place: places.Place
    feed: feeds.Feed
    own_address: str
    post_address: str
    most: int

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def validate(self, outgoing: Outgoing) -> tuple[str, ...]:
        if not outgoing.title.strip():
            return ("a post in a feed needs a title: give the piece one",)
        return ()

    def post(self, outgoing: Outgoing) -> Outcome:
        entry = self._entry(outgoing)
        try:
            with self.place.locked():
                self._entries.write(_file(outgoing), json.dumps(plain.as_json(entry)).encode())
                self._write()
        except OSError as error:
            return Outcome("retry", detail=f"{self.place.path} cannot be written: {error.strerror or error}")
        return Outcome("published", entry.id, entry.address)

    def reconcile(self, outgoing: Outgoing) -> Outcome:
        """The entry may be there while the files are not, and writing both again does no harm."""
        return Outcome("retry", detail="an entry may be written any number of times")

    def remove(self, outgoing: Outgoing, outside_id: str) -> Outcome:
        try:
            with self.place.locked():
                self._entries.remove(_file(outgoing))
                self._write()
        except OSError as error:
            return Outcome("retry", detail=f"{self.place.path} cannot be written: {error.strerror or error}")
        return Outcome("published", outside_id)

    def status(self) -> tuple[bool, str]:
        try:
            with self.place.locked():
                return True, f"writes {RSS} and {ATOM} to {self.place.path}"
        except OSError as error:
            return False, f"{self.place.path} cannot be written: {error.strerror or error}"

    def metrics(self, outside_id: str) -> Totals | None:
        return None

    @property
    def _entries(self) -> places.Place:
        return self.place.within(ENTRIES)

    def _entry(self, outgoing: Outgoing) -> feeds.Entry:
        slug = rendering.file_name(outgoing, "x").removesuffix(".x")
        return feeds.Entry(
            id=f"urn:regrow:{outgoing.key}",
            title=outgoing.title,
            html=outgoing.html,
            at=outgoing.at,
            address=places.filled(self.post_address, slug) or outgoing.address,
            summary=outgoing.summary,
            author=outgoing.author,
        )

    def _write(self) -> None:
        """Both files from the newest entries; those that no longer fit in are forgotten."""
        found = {name: entry for name in self._entries.names() if (entry := _read(self._entries.read(name)))}
        shown = feeds.newest(list(found.values()), self.most)
        kept = {entry.id for entry in shown}
        for name, entry in found.items():
            if entry.id not in kept:
                self._entries.remove(name)
        self.place.write(RSS, feeds.rss(self._at(RSS), shown))
        self.place.write(ATOM, feeds.atom(self._at(ATOM), shown))

    def _at(self, name: str) -> feeds.Feed:
        own = f"{self.own_address.rstrip('/')}/{name}" if self.own_address else ""
        return feeds.Feed(self.feed.title, self.feed.address, self.feed.description, self.feed.language, own)


def _file(outgoing: Outgoing) -> str:
    return f"{outgoing.key}.json"


def _read(text: str | None) -> feeds.Entry | None:
    """An entry as it was written; None for a file that is none, such as one of somebody else."""
    try:
        entry = plain.from_json(feeds.Entry, json.loads(text or ""))
        is_sound = all(isinstance(value, str) for value in plain.as_json(entry).values())
        datetime.fromisoformat(entry.at)
        return entry if is_sound else None
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def make(settings: Mapping[str, Any], secrets: Mapping[str, str], surroundings: Surroundings) -> FeedFiles:
    most = settings.get("most", 20)
    if not 1 <= most <= MOST:
        raise errors.Invalid(f"settings.most: from 1 to {MOST}", "bad_channel_settings")
    place = places.place(settings["folder"], surroundings)
    named = ("address", "own_address", "post_address")
    site, own, post = (places.web_address(name, settings.get(name, "")) for name in named)
    feed = feeds.Feed(settings["title"], site, settings.get("description", ""), settings.get("language") or "en")
    return FeedFiles(place, feed, own, post, most)
