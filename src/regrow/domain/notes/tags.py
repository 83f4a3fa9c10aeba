"""Tags in a note's text, and which of them make it private."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from regrow.domain.notes import naming
from regrow.domain.notes.facts import MAX_TAG, MAX_TAGS

_NOT_IN_TAG = (
    r"\s\x00-\x2c\x2e\x3a-\x40\x5b-\x5e\x60\x7b-\x7f\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf"
    r"\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f\uff00-\uff0f\uff1a-\uff20"
)
_INLINE = re.compile(
    rf"#(?:(?<=[\s,;]#)|(?<=^#)|(?<=[^\]]\(#)|(?<=^\(#))(?:\[\[([^\[\]\n]++)\]\]|([^{_NOT_IN_TAG}]++))", re.M
)
_PROPERTY = re.compile(r"^[ \t]*+(?:[-*+][ \t]++)?([^\W\d][\w-]{0,60})::[ \t]*+(.*)$", re.M)
_REFERENCE = re.compile(r"#?\[\[([^\[\]]*)\]\]")


def inline(masked: str) -> Iterator[str]:
    """`#tag`, `#nested/tag` and `#[[tag of words]]` in a text whose code is blanked; numbers alone are none."""
    if "#" not in masked:
        return
    for match in _INLINE.finditer(masked):
        tag = (match[1] or match[2]).strip("/ ")
        if tag and not tag.replace("/", "").replace("-", "").isdigit():
            yield tag


def properties(masked: str) -> Iterator[tuple[str, str]]:
    """Logseq's `key:: value` lines, keys in lower case."""
    if "::" in masked:
        for match in _PROPERTY.finditer(masked):
            yield match[1].lower(), match[2].strip()


def listed(value: str) -> Iterator[str]:
    """The items of a property: parted by commas, with or without `#` and `[[...]]`."""
    for item in _REFERENCE.sub(r"\1", value).split(","):
        if text := item.strip().lstrip("#").strip():
            yield text


def kept(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, whatever its case, in the order met; not more than are stored, none too long."""
    found: dict[str, str] = {}
    for tag in tags:
        tag = naming.storable(tag)
        folded = tag.casefold()
        if 0 < max(len(tag), len(folded)) <= MAX_TAG:
            found.setdefault(folded, tag)
            if len(found) >= MAX_TAGS:
                break
    return tuple(found.values())


def is_private(tag: str) -> bool:
    """`private` and everything nested in it."""
    folded = tag.casefold().strip("#/ ")
    return folded == "private" or folded.startswith("private/")
