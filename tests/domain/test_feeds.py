"""Feeds that readers of feeds can read, and maps that crawlers can."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as xml

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.domain.publishing import feeds
from regrow.domain.publishing.feeds import Entry, Feed
from tests.channels import HOSTILE

FEED = Feed("Alice's <bread> & more", "https://example.org/", "About bread", "en-GB", "https://example.org/feed.xml")
ENTRIES = [
    Entry(
        f"urn:regrow:{n}",
        f"Title {n} <b>",
        f"<p>Text {n} &amp; more</p>",
        f"2026-11-0{n}T10:00:00.000Z",
        address=f"https://example.org/{n}",
        summary=f"Summary {n}",
        author="Alice & Bob",
    )
    for n in (3, 2, 1)
]


@pytest.mark.parametrize(("write", "version"), [(feeds.rss, "rss20"), (feeds.atom, "atom10")])
def test_a_reader_finds_everything(write: object, version: str) -> None:
    found = feedparser.parse(write(FEED, ENTRIES))  # type: ignore[operator]
    assert (found.bozo, found.version) == (False, version)
    assert (found.feed.title, found.feed.link) == ("Alice's <bread> & more", "https://example.org/")
    assert found.feed.language == "en-GB"
    assert [link.href for link in found.feed.links if link.rel == "self"] == ["https://example.org/feed.xml"]
    assert [entry.id for entry in found.entries] == ["urn:regrow:3", "urn:regrow:2", "urn:regrow:1"]
    first = found.entries[0]
    assert (first.title, first.link, first.author) == ("Title 3 <b>", "https://example.org/3", "Alice & Bob")
    assert first.summary == "Summary 3"
    assert first.content[0].value == "<p>Text 3 &amp; more</p>"
    assert first.published_parsed[:5] == (2026, 11, 3, 10, 0)


@pytest.mark.parametrize("write", [feeds.rss, feeds.atom])
def test_a_feed_without_posts_is_one(write: object) -> None:
    found = feedparser.parse(write(Feed("t", "https://h/"), []))  # type: ignore[operator]
    assert (found.bozo, found.entries) == (False, [])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("write", [feeds.rss, feeds.atom])
def test_hostile_texts_stay_texts(write: object, text: str) -> None:
    hostile = Entry(text, text, text, "2026-11-01T10:00:00Z", address=text, summary=text, author=text)
    written: bytes = write(Feed(text, text, text, text, text), [hostile])  # type: ignore[operator]
    root = xml.fromstring(written)
    assert sum(1 for each in root.iter() if each.tag.rpartition("}")[2] in ("item", "entry")) == 1
    assert not [each for each in root.iter() if each.tag.rpartition("}")[2] in ("script", "b")]


@given(st.text(), st.text())
def test_every_text_makes_xml(title: str, html: str) -> None:
    entry = Entry("urn:regrow:1", title, html, "2026-11-01T10:00:00Z")
    for write in (feeds.rss, feeds.atom):
        assert xml.fromstring(write(FEED, [entry])) is not None


def test_the_newest_come_first_and_the_order_is_always_the_same() -> None:
    mixed = [ENTRIES[1], ENTRIES[2], ENTRIES[0]]
    assert feeds.newest(mixed, 2) == ENTRIES[:2]
    assert feeds.newest(list(reversed(mixed)), 9) == ENTRIES


@pytest.mark.parametrize("write", [feeds.rss, feeds.atom])
def test_an_entry_without_its_text_tells_of_it_only(write: object) -> None:
    entry = Entry("urn:regrow:1", "Title", "", "2026-11-01T10:00:00.000Z", updated="2026-11-02T10:00:00.000Z")
    found = feedparser.parse(write(FEED, [entry]))  # type: ignore[operator]
    assert (found.bozo, "content" in found.entries[0]) == (False, False)


def test_a_map_holds_what_one_may_hold() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    pages = [(f"https://a.test/{number}?a&b", at if number else None) for number in range(feeds.MOST_MAPPED + 5)]
    root = xml.fromstring(feeds.sitemap(pages))
    assert len(root) == feeds.MOST_MAPPED
    assert [each.text for each in root[1]] == ["https://a.test/1?a&b", "2026-03-02T09:30:00+00:00"]
    assert len(root[0]) == 1
