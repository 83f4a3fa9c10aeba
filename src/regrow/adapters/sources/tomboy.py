"""Tomboy and Gnote: one XML file per note, whose tags have plain names."""

from __future__ import annotations

import re
from html import unescape

from regrow.adapters.sources import files, html
from regrow.domain.notes.vaults import Fetched, RawNote, Skipped

_CONTENT = re.compile(r"<note-content\b[^>]*+>((?s:.*?))</note-content>")
_TITLE = re.compile(r"<title>([^<]*+)</title>")
_TIME = re.compile(r"<(create-date|last-change-date)>([^<]{10,40})</")
_TAG = re.compile(r"<tag>([^<]{1,200})</tag>")
_NAMES = {
    "bold": "b", "italic": "i", "strikethrough": "s", "monospace": "code", "list": "ul", "list-item": "li",
    "size:huge": "h2", "size:large": "h3", "underline": "span", "highlight": "em",
}  # fmt: skip
_NAMED = re.compile(r"<(/?)([a-z:-]+)\b[^<>]*+>")


def note(got: Fetched, text: str) -> RawNote | Skipped:
    """The note as Markdown; a link inside becomes a link to the note of that title."""
    found = _CONTENT.search(text)
    if found is None:
        return Skipped(got.path, "it is no Tomboy note: it has no <note-content>")
    title = _TITLE.search(text)
    name = " ".join(unescape(title[1]).split()) if title else files.stem(got.path)
    times = {key: value for key, value in _TIME.findall(text)}
    tags = [
        tag.rpartition(":")[2] for tag in map(unescape, _TAG.findall(text)) if not tag.startswith("system:template")
    ]
    first, _, rest = found[1].partition("\n")
    body = rest if unescape(first).strip() == name else found[1]
    return files.made(
        got,
        html.read(_NAMED.sub(_renamed, body).replace("\n", "<br>\n")).body,
        {
            "title": name, "id": files.stem(got.path), "tags": tags,
            "created": times.get("create-date", ""), "updated": times.get("last-change-date", ""),
        },
    )  # fmt: skip


def _renamed(match: re.Match[str]) -> str:
    name = match[2]
    if name == "link:internal":
        return "]]" if match[1] else "[["
    return f"<{match[1]}{_NAMES[name]}>" if name in _NAMES else ""
