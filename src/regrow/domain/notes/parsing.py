"""From a raw note to what is stored of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from regrow.domain.notes import comments, front, links, naming, tags
from regrow.domain.notes.facts import MAX_LINKS, MAX_TITLE, ParsedNote
from regrow.domain.notes.vaults import RawNote
from regrow.domain.prose import inline

_H1 = re.compile(r"^ {0,3}#[ \t]++([^\n]*)", re.M)
_UNDERLINED = re.compile(r"^([^\s#>|-][^\n]*)\n=++[ \t]*$", re.M)
PAGE_PROPERTIES = 2_000
"""Logseq's page properties stand at the top of a page; further down they belong to a block."""


def parse(raw: RawNote) -> ParsedNote:
    """Reads one note. Of a private one only path, title and names are left."""
    said = front.said(raw.front, raw.front_text)
    text, masked, hidden = comments.uncover(raw.body)
    properties = tuple(tags.properties(masked))
    written = [tag for key, value in properties if key in ("tags", "tag") for tag in tags.listed(value)]
    all_tags = tags.kept((*said.tags, *written, *tags.inline(masked)))
    page = dict(tags.properties(masked[:PAGE_PROPERTIES])) if properties else {}
    title = (said.title or page.get("title", "") or _heading(text, masked) or _file_title(raw.path))[:MAX_TITLE]
    aliases = (*said.aliases, *(tags.listed(page["alias"]) if "alias" in page else ()))
    identity = said.identity or naming.zettel(naming.stem(raw.path))[0]
    names = naming.names(raw.path, title, aliases, said.identity)
    # A note hidden by a mark inside a comment is hidden all the same.
    if said.is_private or _is_private((*said.tags, *written, *all_tags, *tags.inline(hidden)), properties):
        return ParsedNote(raw.path, raw.digest, identity, title, "", (), (), {}, (), 0, True, (), names)
    found, is_cut = links.find(masked, raw.is_alias_first)
    warnings = (*raw.warnings, *_cut_warning(is_cut))
    return ParsedNote(
        path=raw.path,
        digest=raw.digest,
        identity=identity,
        title=title,
        body=text,
        tags=all_tags,
        aliases=tuple(dict.fromkeys(aliases)),
        front_matter=dict(raw.front),
        warnings=warnings,
        word_count=len(text.split()),
        is_private=False,
        links=found,
        names=names,
    )


def _is_private(found: Iterable[str], properties: Iterable[tuple[str, str]]) -> bool:
    return any(tags.is_private(tag) for tag in found) or any(
        front.says_private(key, value) for key, value in properties
    )


def _heading(text: str, masked: str) -> str:
    if match := _H1.search(masked) if "#" in masked else None:
        return _words(text[match.start(1) : match.end(1)].rstrip().rstrip("#"))
    if "\n=" in masked and (under := _UNDERLINED.search(masked)):
        return _words(text[under.start(1) : under.end(1)])
    return ""


def _words(text: str) -> str:
    return inline.plain(naming.storable(text[: 4 * MAX_TITLE]))


def _file_title(path: str) -> str:
    stem = naming.stem(path)
    return " ".join((naming.zettel(stem)[1] or stem).split()) or "untitled"


def _cut_warning(is_cut: bool) -> tuple[str, ...]:
    return (f"more than {MAX_LINKS:,} links: the first {MAX_LINKS:,} are kept",) if is_cut else ()
