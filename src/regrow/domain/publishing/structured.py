"""Structured data for search engines: what a page is, in the words of schema.org."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Publisher:
    """A site as search engines should know it."""

    name: str
    address: str
    tagline: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as lists and search engines are told of it."""

    id: str
    title: str
    address: str
    summary: str
    published_at: datetime
    changed_at: datetime
    card: str = ""
    words: int = 0


def of_site(site: Publisher, entries: Sequence[Entry]) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Blog",
        "@id": site.address,
        "url": site.address,
        "name": site.name,
        **({"description": site.tagline} if site.tagline else {}),
        "inLanguage": site.language,
        "blogPost": [
            {"@type": "BlogPosting", "headline": each.title[:110], "url": each.address, **_times(each)}
            for each in entries
        ],
    }


def of_article(site: Publisher, entry: Entry) -> dict[str, Any]:
    """The article with its place in the site. The author is the site: a voice is no person."""
    house = {"@type": "Organization", "name": site.name, "url": site.address}
    article = {
        "@type": "BlogPosting",
        "@id": entry.address,
        "url": entry.address,
        "mainEntityOfPage": entry.address,
        "headline": entry.title[:110],
        "description": entry.summary,
        "inLanguage": site.language,
        "wordCount": entry.words,
        **_times(entry),
        **({"image": [entry.card]} if entry.card else {}),
        "author": house,
        "publisher": house,
    }
    crumbs = {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": 1, "name": site.name, "item": site.address},
            {"@type": "ListItem", "position": 2, "name": entry.title, "item": entry.address},
        ],
    }
    return {"@context": "https://schema.org", "@graph": [article, crumbs]}


def written(told: Mapping[str, Any]) -> str:
    """As JSON that nothing in it can end the script element of."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.translate({ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"})


def _times(entry: Entry) -> dict[str, str]:
    return {"datePublished": entry.published_at.isoformat(), "dateModified": entry.changed_at.isoformat()}
