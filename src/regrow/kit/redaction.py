"""Taking secrets out of a text before it reaches a log, a row or a person."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_SHORTEST_KNOWN = 4
"""A shorter known value would blank out ordinary words; nobody has a key of three letters."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S), HIDDEN),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/@:]{0,200}:[^\s/@]{1,200}@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,30}://)[^\s/@:]{1,200}@"), rf"\1{HIDDEN}@"),
    # "basic knowledge" is prose: what has neither a digit nor a capital inside is hidden only when it is long.
    (
        re.compile(
            r"\b((?i:bearer|basic))(\s+)"
            r"(?:(?=\S*(?:\d|[a-z][A-Z]))[A-Za-z0-9._~+/=-]{6,}|[A-Za-z0-9._~+/=-]{20,})"
        ),
        rf"\1\2{HIDDEN}",
    ),
    (re.compile(r"\b(?:sk|pk|rk|xai|gsk|whsec)[-_][A-Za-z0-9_*-]{6,}"), HIDDEN),
    (re.compile(r"\brk\.[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9_-]{4,}"), HIDDEN),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{20,}"), HIDDEN),
    (re.compile(r"\b(?:ghp|gho|ghs|ghu|glpat|github_pat)[-_][A-Za-z0-9_]{16,}"), HIDDEN),
    (re.compile(r"\bAKIA[A-Z0-9]{12,}"), HIDDEN),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), HIDDEN),
    (
        re.compile(
            r"(?i)\b((?:[a-z0-9]+[_-]){0,4}(?:api[_-]?key|access[_-]?key|token|secret|password|passwd|pwd))"
            r"(\\?[\"']?\s*[=:]\s*\\?[\"']?)(?!\[hidden\])[^\s\"'\\,;&})]{4,}"
        ),
        rf"\1\2{HIDDEN}",
    ),
)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text with anything that looks like a key, token or password replaced by `[hidden]`.

    `known` are secrets held in hand; they are replaced wherever they stand, whatever they look like.
    """
    for secret in sorted(known, key=len, reverse=True):
        if len(secret) >= _SHORTEST_KNOWN:
            text = text.replace(secret, HIDDEN)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def shorten(text: str, limit: int = 300) -> str:
    """One line of at most `limit` characters, without control characters; a cut is marked by an ellipsis."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
