"""The prose of a Markdown text with everything at its place: code, addresses and tags become blanks."""

from __future__ import annotations

import re

_CODE = re.compile(r"`[^`\n]++`")
_MASKED = re.compile(
    r"</?[a-zA-Z][^<>\n]*+>"
    r"|(?<=\])\([^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)?\)"
    r"|!\[[^\[\]\n]*+\]"
    r"|(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.)[^\s<>()\[\]\"']++",
    re.IGNORECASE,
)
_CANDIDATE = re.compile(r"<|!\[|\]\(|://|www\.", re.IGNORECASE)
_FENCE = re.compile(r"[ \t>]{0,20}(`{3,}|~{3,})")
_FRONT = re.compile(r"(?:\ufeff)?---[ \t]*\n")
_FRONT_END = re.compile(r"^---[ \t]*$", re.MULTILINE)
_VISIBLE = re.compile(r"[^\n]")


def prose(text: str) -> str:
    """The text with blanks for what no reader reads as prose; every other character keeps its offset."""
    text = without_code(text)
    return _MASKED.sub(_blank, text) if _CANDIDATE.search(text) else text


def without_code(text: str) -> str:
    """The text with blanks for front matter, comments and code; addresses stay."""
    text = _without_comments(_without_fences(_without_front(text)))
    return _CODE.sub(_blank, text) if "`" in text else text


def _blank(match: re.Match[str]) -> str:
    return _VISIBLE.sub(" ", match[0])


def _without_front(text: str) -> str:
    opened = _FRONT.match(text)
    closed = _FRONT_END.search(text, opened.end()) if opened else None
    return text if closed is None else _VISIBLE.sub(" ", text[: closed.end()]) + text[closed.end() :]


def _without_comments(text: str) -> str:
    start, kept, done = text.find("<!--"), [], 0
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        kept += [text[done:start], _VISIBLE.sub(" ", text[start : end + 3])]
        done = end + 3
        start = text.find("<!--", done)
    return "".join((*kept, text[done:]))


def _without_fences(text: str) -> str:
    if "```" not in text and "~~~" not in text:
        return text
    kept: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if fence or mark:
            kept.append(_VISIBLE.sub(" ", line))
            if not fence and mark:
                fence = mark[1]
            elif mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            kept.append(line)
    return "".join(kept)
