"""Feeds and maps of a site as XML: RSS 2.0, Atom, and the sitemap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from regrow.domain.publishing.structured import Entry, Publisher

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST_MAPPED = 50_000
"""Addresses that one sitemap may hold."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _space in (("atom", ATOM), ("content", CONTENT)):
    ET.register_namespace(_prefix, _space)


def rss(site: Publisher, own_address: str, entries: Sequence[Entry]) -> bytes:
    """RSS 2.0, newest first, with whole texts where entries have them."""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", site.name)
    _add(channel, "link", site.address)
    _add(channel, "description", site.tagline or site.name)
    _add(channel, "language", site.language)
    _add(channel, "lastBuildDate", format_datetime(_newest(entries), usegmt=True))
    ET.SubElement(channel, f"{{{ATOM}}}link", {"href": own_address, "rel": "self", "type": "application/rss+xml"})
    for each in entries:
        item = ET.SubElement(channel, "item")
        _add(item, "title", each.title)
        _add(item, "link", each.address)
        _add(item, "guid", each.id, isPermaLink="false")
        _add(item, "pubDate", format_datetime(each.published_at.astimezone(UTC), usegmt=True))
        _add(item, "description", each.summary)
        if each.html:
            _add(item, f"{{{CONTENT}}}encoded", each.html)
    return _written(root)


def atom(site: Publisher, own_address: str, entries: Sequence[Entry]) -> bytes:
    """Atom, newest first, with whole texts where entries have them."""
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": site.language})
    _add(root, "id", site.address)
    _add(root, "title", site.name)
    if site.tagline:
        _add(root, "subtitle", site.tagline)
    _add(root, "updated", _newest(entries).isoformat())
    ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": own_address})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": site.address})
    _add(ET.SubElement(root, "author"), "name", site.name)
    for each in entries:
        item = ET.SubElement(root, "entry")
        _add(item, "id", each.id)
        _add(item, "title", each.title)
        ET.SubElement(item, "link", {"rel": "alternate", "type": "text/html", "href": each.address})
        _add(item, "published", each.published_at.astimezone(UTC).isoformat())
        _add(item, "updated", each.changed_at.astimezone(UTC).isoformat())
        _add(item, "summary", each.summary)
        if each.html:
            _add(item, "content", each.html, type="html")
    return _written(root)


def sitemap(pages: Sequence[tuple[str, datetime | None]]) -> bytes:
    """The addresses of a site with their last change, at most MOST_MAPPED."""
    root = ET.Element("urlset", {"xmlns": SITEMAP})
    for address, changed_at in pages[:MOST_MAPPED]:
        item = ET.SubElement(root, "url")
        _add(item, "loc", address)
        if changed_at is not None:
            _add(item, "lastmod", changed_at.astimezone(UTC).isoformat(timespec="seconds"))
    return _written(root)


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _newest(entries: Sequence[Entry]) -> datetime:
    """When the last change was; long ago for an empty feed, so that its bytes stay the same."""
    return max((each.changed_at for each in entries), default=EPOCH).astimezone(UTC)


def _written(root: ET.Element) -> bytes:
    # Attributes of the root hold checked words only; texts were cleaned as they came in.
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text
