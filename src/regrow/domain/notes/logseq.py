"""Logseq pages: page properties, blocks with properties of their own, references, macros, and file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote

from regrow.domain.notes import naming, outlines, tags
from regrow.domain.notes.outlines import Block, References

_BULLET = re.compile(r"([ \t]*)-(?:[ \t]+(.*)|$)")
_FENCE = re.compile(r"[ \t]*(?:-[ \t]+)?(```+|~~~+)")
_PROPERTY = re.compile(r"[ \t]*([^\W\d][\w./-]{0,60})::(?:[ \t]+(.*)|$)")
_JOURNAL = re.compile(r"(\d{4})[_-](\d\d)[_-](\d\d)$")
_DROPPED = re.compile(
    r"(?:id|collapsed|created[-_]at|updated[-_]at|heading|background-color|template.*|query-.*|card-.*|logseq\..*"
    r"|filters|icon|exclude-from-graph-view|ls-type|hl-.*)$"
)
_MARKS = ("title", "alias", "aliases", "tags", "tag", "public", "publish", "published", "private")
UID = re.compile(r"\(\(\s*([0-9a-fA-F-]{36})\s*\)\)")
IDS = re.compile(r"\bid::[ \t]*([0-9a-fA-F-]{36})")
_EMBED = re.compile(r"\{\{\s*embed\s+(?:\(\(\s*([^()\s]+)\s*\)\)|(\[\[[^\[\]\n]+\]\]))\s*\}\}")
_NAMED = re.compile(r"\[([^\[\]\n]*+)\]\(\(\(\s*([0-9a-fA-F-]{36})\s*\)\)\)")
_MACRO = re.compile(r"\{\{\{?\s*+([\w-]++)([^{}\n]*+)\}?\}\}")
_DRAWER = re.compile(
    r"^[ \t]*:(?:LOGBOOK|PROPERTIES|logbook|properties):(?s:.*?)(?:^[ \t]*:(?:END|end):[ \t]*\n?|\Z)", re.M
)
_QUERY = re.compile(r"^[ \t]*#\+BEGIN_QUERY\b(?s:.*?)(?:^[ \t]*#\+END_QUERY[ \t]*\n?|\Z)", re.M | re.I)
_QUOTE = re.compile(r"^[ \t]*#\+BEGIN_QUOTE[^\n]*\n((?s:.*?))(?:^[ \t]*#\+END_QUOTE[ \t]*$|\Z)", re.M | re.I)
_FRAME = re.compile(r"^[ \t]*#\+(?:BEGIN|END)_\w+[^\n]*\n?", re.M | re.I)
_PLANNED = re.compile(r"^[ \t]*(?:SCHEDULED|DEADLINE|CLOCK):[^\n]*\n?", re.M)
_SIZE = re.compile(r"(?<=\))\{:(?:height|width)[^{}\n]*\}")
_TASK = re.compile(r"(TO(?:DO)|LATER|NOW|DOING|WAITING|WAIT|IN-PROGRESS|DONE|CANCELED|CANCELLED) +(?:\[#[A-C]\] *)?")
_MARKED = re.compile(r"\^\^([^\^\n]+)\^\^")
_LINKED_MACROS = ("video", "youtube", "tweet", "twitter", "bilibili", "vimeo", "img", "pdf")
_TEXT_MACROS = ("cloze", "mark")


@dataclass(frozen=True, slots=True)
class Page:
    """A page taken apart: its properties in order, and its blocks with their text as written."""

    properties: dict[str, str]
    blocks: tuple[Block, ...]


def read(text: str) -> Page:
    """Takes the outline of a page apart; a page without bullets is one block."""
    blocks = list(_blocks(text))
    properties: dict[str, str] = {}
    if blocks and (blocks[0].depth < 0 or all(_PROPERTY.match(line) for line in blocks[0].text.split("\n"))):
        kept, found = _own(blocks[0].text)
        properties = dict(found)
        blocks[0] = Block(0, kept)
    return Page(properties, tuple(_settled(block) for block in blocks))


def _blocks(text: str) -> Iterator[Block]:
    """Blocks as they stand; what comes before the first bullet has the depth -1."""
    lines: list[str] = []
    widths: list[int] = []
    depth, strip, fence = -1, 0, ""
    for line in text.split("\n"):
        bullet = None if fence else _BULLET.match(line)
        if bullet is not None:
            if lines or depth >= 0:
                yield Block(depth, "\n".join(lines))
            width = len(bullet[1].expandtabs(4))
            while widths and widths[-1] >= width:
                widths.pop()
            depth, strip = len(widths), len(bullet[1]) + 2
            widths.append(width)
            lines = [bullet[2] or ""]
        else:
            lines.append(_unindented(line, strip))
        if found := _FENCE.match(line):
            fence = found[1] if not fence else "" if found[1].startswith(fence) else fence
    yield Block(depth, "\n".join(lines))


def _unindented(line: str, most: int) -> str:
    blank = len(line) - len(line.lstrip(" \t"))
    return line[min(blank, most) :]


def _settled(block: Block) -> Block:
    kept, found = _own(block.text, is_page=False)
    uid = next((value for key, value in found if key == "id"), "").strip().lower()
    return Block(max(block.depth, 0), kept, uid)


def _own(text: str, is_page: bool = True) -> tuple[str, list[tuple[str, str]]]:
    """The text without the properties that are nothing to read, and all properties found."""
    kept: list[str] = []
    found: list[tuple[str, str]] = []
    is_code = False
    for line in text.split("\n"):
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        match = None if is_code else _PROPERTY.match(line)
        if match is None:
            kept.append(line)
            continue
        key, value = match[1].lower(), (match[2] or "").strip()
        found.append((key, value))
        # A property with links is part of the graph; privacy asked for in a block must reach whoever reads the note.
        is_read = "[[" in value if is_page else not _DROPPED.match(key)
        if is_read and not (is_page and key in _MARKS):
            kept.append(line.strip())
    return "\n".join(kept), found


def is_property(line: str) -> bool:
    return _PROPERTY.match(line) is not None


def front(page: Page) -> dict[str, Any]:
    """Page properties as front matter."""
    made: dict[str, Any] = {}
    for key, value in page.properties.items():
        if key in ("alias", "aliases"):
            made["aliases"] = [*made.get("aliases", ()), *tags.listed(value)]
        elif key in ("tags", "tag"):
            made["tags"] = [*made.get("tags", ()), *tags.listed(value)]
        elif key in ("created-at", "created_at", "updated-at", "updated_at"):
            made[key[:7]] = moment(value) or value
        elif key in _MARKS or not _DROPPED.match(key):
            made[key] = naming.storable(value)
    return made


def moment(value: object) -> str:
    """A time in milliseconds since 1970 as text; empty when it is none."""
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""


def clean(text: str, references: References) -> str:
    """Markdown of one block's text: references and embeds told, macros, drawers and task marks put into words."""
    return outlines.outside_code(text, lambda part: _cleaned(part, references))


def _cleaned(text: str, references: References) -> str:
    if "{{" in text:
        text = _EMBED.sub(lambda match: _embedded(match, references), text)
    if "((" in text:
        text = _NAMED.sub(lambda match: match[1] or references.text(match[2].lower()) or "", text)
        text = UID.sub(lambda match: references.text(match[1].lower()) or "", text)
    if "{{" in text:
        text = _MACRO.sub(_told, text)
    if ":" in text:
        text = _SIZE.sub("", _PLANNED.sub("", _DRAWER.sub("", text)))
    if "#+" in text:
        text = _FRAME.sub("", _QUOTE.sub(_quoted, _QUERY.sub("", text)))
    text = _MARKED.sub(r"==\1==", text)
    task = _TASK.match(text)
    return (
        f"[{' ' if task[1] not in ('DONE', 'CANCELED', 'CANCELLED') else 'x'}] {text[task.end() :]}" if task else text
    )


def _embedded(match: re.Match[str], references: References) -> str:
    return f"!{match[2]}" if match[2] else references.whole(match[1].lower()) or ""


def _told(match: re.Match[str]) -> str:
    name, rest = match[1].lower(), match[2].strip()
    if name in _LINKED_MACROS:
        return f"<{rest}>" if rest.startswith(("http://", "https://")) else ""
    return rest.strip('"') if name in _TEXT_MACROS else ""


def _quoted(match: re.Match[str]) -> str:
    return "\n".join(f"> {line.strip()}" for line in match[1].strip("\n").split("\n"))


def title(path: str) -> str:
    """The page's name as its file says it: `%2F`, `%3F` and `___` undone, a journal by its date."""
    stem = file_stem(path)
    if (day := _day(stem)) is not None:
        return day.isoformat()
    return naming.storable(" ".join(unquote(stem.replace("___", "/").replace("%2F", "/")).split())).strip("/") or stem


def file_stem(path: str) -> str:
    name = naming.stem(path)
    return name[:-4] if name.lower().endswith(".org") else name


def journal_names(path: str) -> tuple[str, ...]:
    """What links call the journal page of a day: `May 14th, 2020`, as Logseq and Roam write it."""
    day = _day(file_stem(path))
    return (spoken(day),) if day is not None and "journals/" in f"/{path}" else ()


def _day(stem: str) -> date | None:
    match = _JOURNAL.match(stem)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def spoken(day: date) -> str:
    ending = "th" if 10 <= day.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{_MONTHS[day.month - 1]} {day.day}{ending}, {day.year}"
