"""A post as a file: Markdown or HTML under front matter that every reader of YAML reads alike."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from regrow.domain.publishing.channel import Outgoing

FENCE = "---"
PIECE, KEY = "regrow_piece", "regrow_key"
LONGEST_NAME = 200
"""Bytes of a file's name, with room for what file systems and tools add."""
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[\w][\w-]*\Z")


def front_matter(outgoing: Outgoing) -> str:
    """Each value is JSON, which YAML can read and nothing in a text can break out of."""
    values: dict[str, Any] = {
        "title": outgoing.title,
        "date": outgoing.at,
        "slug": outgoing.slug,
        "language": outgoing.language,
        "author": outgoing.author,
        "summary": outgoing.summary,
        "tags": [tag.lstrip("#") for tag in outgoing.hashtags],
        "canonical": outgoing.address,
        "disclosure": outgoing.disclosure,
        PIECE: outgoing.piece_id,
        KEY: outgoing.key,
    }
    lines = (f"{name}: {_quoted(value)}" for name, value in values.items() if value)
    return "\n".join((FENCE, *lines, FENCE, ""))


def document(outgoing: Outgoing, is_html: bool) -> str:
    """The whole file: front matter, then the text, which ends in one line break."""
    return f"{front_matter(outgoing)}\n{(outgoing.html if is_html else outgoing.body).strip()}\n"


def marks(text: str) -> Mapping[str, str]:
    """Which piece and which key a file is of; empty when it was not written here."""
    found: dict[str, str] = {}
    lines = text.split("\n")
    if lines[0] != FENCE or FENCE not in lines[1:]:
        return found
    for line in lines[1 : lines.index(FENCE, 1)]:
        name, colon, value = line.partition(": ")
        if colon and name in (PIECE, KEY) and value.startswith('"'):
            found[name] = _unquoted(value)
    return found


def file_name(outgoing: Outgoing, ending: str) -> str:
    """The first variant has the slug's own name, the others their label behind it; empty for a slug that is none."""
    label = "" if outgoing.label in ("", "A") else f"-{outgoing.label.lower()}"
    name = f"{outgoing.slug}{label}"
    is_sound = _NAME.match(name) is not None and len(f"{name}.{ending}".encode()) <= LONGEST_NAME
    return f"{name}.{ending}" if is_sound else ""


def _quoted(value: Any) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def _unquoted(value: str) -> str:
    try:
        found = json.loads(value)
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""
