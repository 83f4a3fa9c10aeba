"""Links that lead nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from regrow.domain.brand import masking
from regrow.domain.brand.findings import Finding, Severity
from regrow.domain.brand.seen import Passage, Seen

_LINK = re.compile(r"\[([^\[\]\n]*+)\]\(([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)?)([ \t]++[^()\n]*+)?\)")
_UNCLOSED = re.compile(r"\]\((?!\()(?:https?://|/|#)?[^()\s]*+(?=[ \t]*(?:\n|$))")
_APART = re.compile(r"\[[^\[\]\n]++\][ \t]++\(https?://[^()\s]*+\)")
_WIKILINK = re.compile(r"!?\[\[[^\[\]\n]*+\]\]")
_REFERENCE = re.compile(r"(?<![\]!\\])\[([^\[\]\n^]++)\]\[([^\[\]\n]*+)\]")
_DEFINED = re.compile(r"^ {0,3}\[([^\[\]\n^]++)\]:[ \t]*\S", re.MULTILINE)
_HREF = re.compile(r"<[aA][ \t]++[^<>\n]*?\bhref[ \t]*=[ \t]*[\"']?([^\"'<>\s]*+)[^<>\n]*+>?")
_BARE = re.compile(r"\b(?:https?://|www\.)[^\s<>()\[\]\"']*+", re.IGNORECASE)
_SCRIPT = re.compile(r"[\s\x00-\x1f]*(?:javascript[\s\x00-\x1f]*:|vbscript:|data:text)", re.IGNORECASE)
_HOST = re.compile(r"(?:https?:)?//(?:[^/@?#]*@)?(\[[^\]]*\]|[^/:?#]*)|(www\.[^/:?#]*)", re.IGNORECASE)
_NOWHERE = re.compile(
    r"(?:.+\.)?(?:example\.(?:com|org|net)|example|invalid|test|localhost|local)"
    r"|0\.0\.0\.0|127(?:\.\d{1,3}){3}|\[::1?\]"
    r"|(?:www\.)?(?:your|my|some)-?(?:website|domain|site|company|link|url|shop)\.\w+|(?:www\.)?(?:domain|website)\.com"
    r"|(?:www\.)?(?:ihre|deine)-?(?:website|domain|seite)\.\w+",
    re.IGNORECASE,
)


def links(seen: Seen) -> Iterator[Finding]:
    """Links without an address, with one that is a stand-in or runs a script, broken Markdown, unresolved wikilinks."""
    for passage in seen.passages:
        text = masking.without_code(passage.text)
        if passage.field == "cta_url":
            yield from _judged(passage, (0, len(text)), text.strip()) if text.strip() else ()
        elif "[" in text or "://" in text or "www." in text.lower() or "<a" in text.lower():
            yield from _in_markdown(passage, text)
            yield from _broken(passage, text)
            yield from _bare(passage, text)


def _in_markdown(passage: Passage, text: str) -> Iterator[Finding]:
    for match in _LINK.finditer(text):
        if (
            not passage.text[slice(*match.span(1))].strip()
            and not match[0].startswith("[]()")
            and not _is_image(text, match.start())
        ):
            yield _told(passage, match.span(), "major", "this link has no words to click on: give it some")
        yield from _judged(passage, match.span(), match[2].strip("<>"), is_link=True)
    for match in _HREF.finditer(text):
        yield from _judged(passage, match.span(), match[1], is_link=True)


def _bare(passage: Passage, text: str) -> Iterator[Finding]:
    """Addresses outside of links."""
    inside = bytearray(len(text))
    for pattern in (_LINK, _HREF):
        for match in pattern.finditer(text):
            inside[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    for match in _BARE.finditer(text):
        if not inside[match.start()]:
            yield from _judged(passage, match.span(), match[0].rstrip(".,;:!?"))


def _is_image(text: str, start: int) -> bool:
    return start > 0 and text[start - 1] == "!"


def _judged(passage: Passage, span: tuple[int, int], address: str, is_link: bool = False) -> Iterator[Finding]:
    if _SCRIPT.match(address):
        yield _told(passage, span, "veto", "this link runs a script: link to a page with https://")
    elif is_link and address in ("", "#"):
        yield _told(passage, span, "major", "this link leads nowhere: give it an address, or take it out")
    elif (host := _HOST.match(address)) and _is_nowhere(host[1] if host[1] is not None else host[2]):
        yield _told(passage, span, "major", f"{address[:80]} is a stand-in: put the real address there")


def _is_nowhere(host: str) -> bool:
    return not host.strip(".") or host.lower() == "www." or _NOWHERE.fullmatch(host.rstrip(".")) is not None


def _broken(passage: Passage, text: str) -> Iterator[Finding]:
    for match in _WIKILINK.finditer(text):
        yield _told(passage, match.span(), "major", "a link between notes means nothing to readers: name or link it")
    for pattern in (_UNCLOSED, _APART):
        for match in pattern.finditer(text):
            yield _told(passage, match.span(), "major", "this link is broken Markdown: write [words](https://address)")
    defined = {match[1].lower() for match in _DEFINED.finditer(text)}
    for match in _REFERENCE.finditer(text):
        if (match[2] or match[1]).lower() not in defined:
            yield _told(passage, match.span(), "major", "nothing defines where this link leads: add its address")


def _told(passage: Passage, span: tuple[int, int], severity: Severity, how: str) -> Finding:
    return passage.finding("links", severity, *span, how)
