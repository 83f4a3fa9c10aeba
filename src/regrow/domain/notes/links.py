"""Links out of a note: wikilinks, embeds and Markdown links to other notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from regrow.domain.notes import naming
from regrow.domain.notes.facts import MAX_LINKS, MAX_NAME, MAX_TARGET, Link, LinkKind

_WIKI = re.compile(r"(?<!\\)\[\[([^\[\]\n]++)\]\]")
_MARKDOWN = re.compile(
    r"\]\([ \t]*+(?:<([^<>\n]++)>|([^\s()<>]*+(?:\([^\s()]*+\)[^\s()<>]*+)*+))"
    r"(?:[ \t]++(?:\"[^\"\n]*+\"|'[^'\n]*+'|\([^()\n]*+\)))?[ \t]*+\)"
)
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]\n]++)\]:[ \t]*+(?:<([^<>\n]++)>|(\S++))", re.M)
_PIPE = re.compile(r"\\?\|")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
_NOTE_FILE = re.compile(r"\.(?:md|markdown)$", re.I)
_DENDRON = re.compile(r"dendron://[^/]*/", re.I)
_DOTTED = re.compile(r"[\w-]+(?:\.[\w-]+)+$")
_ATTACHMENT = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif|tiff?|heic|ico|pdf|mp3|m4a|wav|ogg|flac|3gp|mp4|webm|mkv|mov|ogv|avi"
    r"|csv|tsv|xlsx?|docx?|pptx?|zip|canvas|base|edn|json|html?)$",
    re.I,
)


def find(masked: str, is_alias_first: bool = False) -> tuple[tuple[Link, ...], bool]:
    """The links of a text whose code is blanked, in order, and whether there were more than are kept.

    `is_alias_first` reads `[[alias|target]]`, the order of Dendron. Links to attachments and inside the same note
    are none.
    """
    if "[" not in masked:
        return (), False
    found = list(islice(_wiki(masked, is_alias_first), MAX_LINKS + 1))
    if "](" in masked:
        found += islice(_inline(masked), MAX_LINKS + 1)
    if "]:" in masked:
        found += islice(_defined(masked), MAX_LINKS + 1)
    found.sort(key=lambda link: link.start)
    return tuple(found[:MAX_LINKS]), len(found) > MAX_LINKS


def _wiki(text: str, is_alias_first: bool) -> Iterator[Link]:
    for match in _WIKI.finditer(text):
        inside = match[1]
        if "|" in inside:
            first, *more = _PIPE.split(inside, maxsplit=1)
            target, alias = (more[0], first) if is_alias_first or "dendron://" in more[0] else (first, more[0])
        else:
            target, alias = inside, ""
        is_embed = match.start() > 0 and text[match.start() - 1] == "!"
        link = made("embed" if is_embed else "wikilink", target, alias, match.start() - is_embed, match.end())
        if link is not None:
            yield link


def _inline(text: str) -> Iterator[Link]:
    for match in _MARKDOWN.finditer(text):
        target = _file_target(match[1] or match[2])
        if target:
            opened = text.rfind("[", max(0, match.start() - MAX_NAME), match.start())
            start = opened if opened >= 0 else match.start()
            shown = text[start + 1 : match.start()]
            if link := made("markdown", target, "" if "](" in shown else shown, start, match.end()):
                yield link


def _defined(text: str) -> Iterator[Link]:
    for match in _DEFINITION.finditer(text):
        target = _file_target(match[2] or match[3])
        if target and (link := made("markdown", target, match[1], match.start(), match.end())):
            yield link


def _file_target(written: str) -> str:
    """The decoded target of a Markdown link that leads to a note's file, else empty."""
    path, _, heading = written.partition("#")
    path = path.partition("?")[0]
    if "%" in path:
        path = unquote(path)
    if not _NOTE_FILE.search(path) or _SCHEME.match(path):
        return ""
    return f"{path}#{unquote(heading)}" if heading else path


def made(kind: LinkKind, written: str, alias: str, start: int = 0, end: int = 0) -> Link | None:
    """A link from its written target; None when it leads nowhere else, or to an attachment."""
    target, _, heading = written.partition("#")
    target = naming.storable(target).strip().rstrip("\\")
    if not target or len(target) > MAX_TARGET or ("." in target and _ATTACHMENT.search(target)):
        return None
    name = naming.last_part(full_name(target))
    if not name or len(name) > MAX_NAME:
        return None
    heading = naming.storable(heading)[:MAX_NAME].strip()
    alias = naming.storable(alias)[:MAX_NAME].strip()
    return Link(kind, target, name, heading or None, alias or None, start, end)


def full_name(target: str) -> str:
    """The folded name a written target asks for, with its folders and without the name of a Dendron vault."""
    if "://" in target:
        target = _DENDRON.sub("", target)
    return naming.folded(target).strip("/")


def other_order(link: Link) -> Link | None:
    """The link read the other way round, where its alias looks like the dotted name of a note."""
    if link.kind == "markdown" or not link.alias:
        return None
    alias = link.alias.partition("#")[0]
    if not _DOTTED.match(alias):
        return None
    return made(link.kind, link.alias, link.target, link.start, link.end)
