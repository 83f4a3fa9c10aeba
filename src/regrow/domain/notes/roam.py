"""Roam pages: their tree of blocks as an outline, attributes as properties, and Roam's marks as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from regrow.domain.notes import logseq, naming, outlines, tags
from regrow.domain.notes.outlines import Block, References

MAX_BLOCKS = 50_000
UID = re.compile(r"\(\(([\w-]{1,64})\)\)")
_NAMED = re.compile(r"\[([^\[\]\n]*+)\]\(\(\(([\w-]{1,64})\)\)\)")
_PAGE_NAMED = re.compile(r"\[([^\[\]\n]++)\]\(\[\[([^\[\]\n]++)\]\]\)")
_EMBED = re.compile(
    r"\{\{(?:\[\[)?embed(?:-path|-children)?(?:\]\])?:\s*(?:\(\(([\w-]{1,64})\)\)|(\[\[[^\[\]\n]++\]\]))\s*\}\}"
)
_TASK = re.compile(r"\{\{(?:\[\[)?(TO(?:DO)|DONE)(?:\]\])?\}\}\s*")
_MEDIA = re.compile(r"\{\{(?:\[\[)?(?:video|youtube|audio|pdf|iframe|tweet)(?:\]\])?:?\s*(https?://[^\s{}]++)\s*\}\}")
_QUERY = re.compile(r"\{\{(?:\[\[)?query(?:\]\])?:[^\n]*\}\}")
_COMPONENT = re.compile(r"\{\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}\}")
_ATTRIBUTE = re.compile(r"([^\s:`\[\]{}][^:`\n\[\]{}]{0,80})::[ \t]*(.*)$", re.S)
_ITALIC = re.compile(r"(?<!\w)__(\S(?:[^_\n]*\S)?)__(?!\w)")
_MARKED = re.compile(r"\^\^([^\^\n]+)\^\^")
_DAILY = re.compile(r"([A-Z][a-z]+) (\d{1,2})(?:st|nd|rd|th), (\d{4})$")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()  # fmt: skip


def blocks(page: Mapping[str, Any]) -> list[Block]:
    """The page's tree as a flat outline, read without recursion: depth is the exporter's to choose."""
    found: list[Block] = []
    waiting = [(child, 0) for child in reversed(_children(page))]
    while waiting and len(found) < MAX_BLOCKS:
        block, depth = waiting.pop()
        text = naming.storable(block["string"]) if isinstance(block.get("string"), str) else ""
        if text.endswith("```") and "\n" in text:
            text = f"{text[:-3].rstrip()}\n```"
        level = block.get("heading")
        if isinstance(level, int) and 1 <= level <= 6 and text.strip() and "\n" not in text:
            text = f"{'#' * level} {text}"
        uid = block.get("uid")
        found.append(Block(depth, text, uid if isinstance(uid, str) else ""))
        waiting += [(child, depth + 1) for child in reversed(_children(block))]
    return found


def _children(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    children = node.get("children")
    return [one for one in children if isinstance(one, dict)] if isinstance(children, list) else []


def front(page: Mapping[str, Any], outline: Iterable[Block]) -> dict[str, Any]:
    """Title, identity, times, and the attributes that stand at the top level of the page."""
    made: dict[str, Any] = {"title": title(page)}
    if isinstance(page.get("uid"), str) and page["uid"]:
        made["id"] = page["uid"]
    for key, written in (("created", "create-time"), ("updated", "edit-time")):
        if said := logseq.moment(page.get(written, "")):
            made[key] = said
    if alias := daily(made["title"]):
        made["aliases"] = [alias]
    for key, value in _attributes(outline):
        if key in ("alias", "aliases"):
            made["aliases"] = [*made.get("aliases", ()), *tags.listed(value)]
        elif key in ("tags", "tag"):
            made["tags"] = [*made.get("tags", ()), *tags.listed(value)]
        else:
            made.setdefault(key, value)
    return made


def _attributes(outline: Iterable[Block]) -> Iterator[tuple[str, str]]:
    for block in outline:
        match = _ATTRIBUTE.match(block.text) if block.depth == 0 and "::" in block.text else None
        if match is not None and match[2].strip():
            yield match[1].strip().lower(), match[2].strip()


def title(page: Mapping[str, Any]) -> str:
    said = page.get("title")
    return " ".join(naming.storable(said).split()) if isinstance(said, str) else ""


def daily(said: str) -> str:
    """The ISO date of a daily note's title, else empty."""
    match = _DAILY.match(said)
    if match is None or match[1] not in _MONTHS:
        return ""
    try:
        return date(int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2])).isoformat()
    except ValueError:
        return ""


def clean(text: str, references: References) -> str:
    """Markdown of one block's text."""
    return outlines.outside_code(text, lambda part: _cleaned(part, references))


def _cleaned(text: str, references: References) -> str:
    if "{{" in text:
        text = _EMBED.sub(lambda match: f"!{match[2]}" if match[2] else references.whole(match[1]) or "", text)
        text = _TASK.sub(lambda match: "[x] " if match[1] == "DONE" else "[ ] ", text)
        text = _COMPONENT.sub("", _QUERY.sub("", _MEDIA.sub(r"<\1>", text)))
    if "((" in text:
        text = _NAMED.sub(lambda match: match[1] or references.text(match[2]) or "", text)
        text = UID.sub(lambda match: _referred(match, references), text)
    if "]([[" in text:
        text = _PAGE_NAMED.sub(r"[[\2|\1]]", text)
    return _MARKED.sub(r"==\1==", _ITALIC.sub(r"*\1*", text))


def _referred(match: re.Match[str], references: References) -> str:
    """What is nobody's id and only a word stays as it was: people write double brackets too."""
    said = references.text(match[1])
    return said if said is not None else match[0] if match[1].isalpha() and match[1].islower() else ""
