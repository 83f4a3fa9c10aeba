"""Feeds, and the map of a site, as XML: RSS 2.0, Atom and the sitemap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as xml

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
CREATOR = "http://purl.org/dc/elements/1.1/"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_MAPPED = 50_000
"""Addresses that one sitemap may hold."""
for _prefix, _address in (("content", CONTENT), ("dc", CREATOR)):
    xml.register_namespace(_prefix, _address)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands above the posts. `address` is the site's, `own_address` the feed's, empty when nobody knows it."""

    title: str
    address: str
    description: str = ""
    language: str = "en"
    own_address: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One post. `id` stays the same for ever; times are ISO 8601 in UTC. `html` is empty where the text is not told."""

    id: str
    title: str
    html: str
    at: str
    updated: str = ""
    address: str = ""
    summary: str = ""
    author: str = ""


def newest(entries: Sequence[Entry], most: int) -> list[Entry]:
    """The last `most`, newest first, in the same order wherever they are asked for."""
    return sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)[:most]


def rss(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """RSS 2.0, with whole texts, for the entries in this order."""
    root = xml.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = xml.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.address)
    _add(channel, "description", feed.description or feed.title)
    _add(channel, "language", feed.language)
    if entries:
        _add(channel, "lastBuildDate", _mail_date(max(entry.updated or entry.at for entry in entries)))
    if feed.own_address:
        link = {"href": feed.own_address, "rel": "self", "type": "application/rss+xml"}
        xml.SubElement(channel, "atom:link", {name: _clean(value) for name, value in link.items()})
    for entry in entries:
        _rss_item(channel, entry)
    return _written(root)


def atom(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Atom, with whole texts, for the entries in this order."""
    root = xml.Element("feed", {"xmlns": ATOM, "xml:lang": _clean(feed.language)})
    _add(root, "title", feed.title)
    if feed.description:
        _add(root, "subtitle", feed.description)
    _add(root, "id", feed.own_address or feed.address)
    xml.SubElement(root, "link", {"href": _clean(feed.address), "rel": "alternate"})
    if feed.own_address:
        xml.SubElement(root, "link", {"href": _clean(feed.own_address), "rel": "self"})
    _add(root, "updated", max((entry.updated or entry.at for entry in entries), default="1970-01-01T00:00:00Z"))
    for entry in entries:
        _atom_entry(root, feed, entry)
    return _written(root)


def sitemap(pages: Sequence[tuple[str, datetime | None]]) -> bytes:
    """The addresses of a site with their last change, at most MOST_MAPPED."""
    root = xml.Element("urlset", {"xmlns": SITEMAP})
    for address, changed_at in pages[:MOST_MAPPED]:
        item = xml.SubElement(root, "url")
        _add(item, "loc", address)
        if changed_at is not None:
            _add(item, "lastmod", changed_at.astimezone(UTC).isoformat(timespec="seconds"))
    return _written(root)


def _rss_item(channel: xml.Element, entry: Entry) -> None:
    item = xml.SubElement(channel, "item")
    _add(item, "title", entry.title)
    if entry.address:
        _add(item, "link", entry.address)
    xml.SubElement(item, "guid", {"isPermaLink": "false"}).text = _clean(entry.id)
    _add(item, "pubDate", _mail_date(entry.at))
    if entry.author:
        _add(item, f"{{{CREATOR}}}creator", entry.author)
    _add(item, "description", entry.summary or entry.title)
    if entry.html:
        _add(item, f"{{{CONTENT}}}encoded", entry.html)


def _atom_entry(root: xml.Element, feed: Feed, entry: Entry) -> None:
    item = xml.SubElement(root, "entry")
    _add(item, "title", entry.title)
    _add(item, "id", entry.id)
    _add(item, "published", entry.at)
    _add(item, "updated", entry.updated or entry.at)
    if entry.address:
        xml.SubElement(item, "link", {"href": _clean(entry.address), "rel": "alternate"})
    _add(xml.SubElement(item, "author"), "name", entry.author or feed.title)
    if entry.summary:
        _add(item, "summary", entry.summary)
    if entry.html:
        xml.SubElement(item, "content", {"type": "html"}).text = _clean(entry.html)


def _add(parent: xml.Element, name: str, text: str) -> None:
    xml.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """Without what no XML may hold, however it is written."""
    return _NOT_XML.sub("", text)


def _mail_date(at: str) -> str:
    return format_datetime(datetime.fromisoformat(at).astimezone(UTC), usegmt=True)


def _written(root: xml.Element) -> bytes:
    text = xml.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
