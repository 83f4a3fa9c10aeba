"""Which program a vault comes from, told from the names in it and the first bytes of a few of its files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NOTION_ID = re.compile(r"(?:^|[ _-])([0-9a-f]{32})(?:_all)?\.(?:md|html|csv)$")
KEEP_KEYS = ("textContent", "listContent", "isTrashed", "isArchived", "userEditedTimestampUsec")
HEAD_BYTES = 4_096
MAX_HEADS = 40
"""Files whose first bytes are looked at: exports are all of one kind, a few tell."""

_MARKDOWN = (".md", ".markdown")
_DOCUMENTS = (".html", ".htm", ".txt", ".note")
_PACKS = (".bear2bk", ".bearbk", ".textpack")
_EXPORT_ZIP = re.compile(
    r"(?:^|/)(?:export-|takeout|.*bear notes|.*roam|.*logseq|.*notion|.*evernote)[^/]*\.zip$", re.I
)
_ROAM = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\[\s*\{(?=(?s:.*?)"(?:title|string|children|create-time|uid)")')
_KEEP = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{(?=(?s:.*?)"(?:' + "|".join(KEEP_KEYS).encode() + rb')")')


@dataclass(frozen=True)
class Look:
    """What can be seen of a vault: its names, and how some of its files begin."""

    names: Sequence[str]
    heads: Mapping[str, bytes] = field(default_factory=dict)


class Format(NamedTuple):
    """A kind of vault. `holds` are the endings of which one must be there at least."""

    name: str
    about: str
    holds: tuple[str, ...]


FORMATS = (
    Format("markdown", "a folder of Markdown: Obsidian, Dendron, Zettelkasten or plain files", _MARKDOWN),
    Format("logseq", "a Logseq graph: pages, journals, properties and block references", (*_MARKDOWN, ".org")),
    Format("notion", "a Notion export: the zip as it comes, with pages and databases", (".md", ".html", ".csv")),
    Format("roam", "a Roam graph: its JSON export, with block references and embeds", (".json",)),
    Format("evernote", "Evernote: ENEX files, whatever their size", (".enex",)),
    Format("keep", "Google Keep: what Takeout gives, zipped or unpacked", (".json", ".html")),
    Format("bear", "Bear: a backup, text bundles, or a folder of both", (*_PACKS, ".md", ".markdown", ".txt")),
    Format("files", "a folder of text, HTML and Markdown, as from Apple Notes, or Tomboy", (*_MARKDOWN, *_DOCUMENTS)),
    Format("mixed", "a folder that holds several exports, each read as what it is", ()),
)  # fmt: skip
NAMES = tuple(one.name for one in FORMATS)


def of(name: str) -> Format:
    return next(one for one in FORMATS if one.name == name)


def detect(look: Look) -> str:
    """The name of the format; a folder of which nothing is known is one of Markdown."""
    if "logseq/config.edn" in look.names:
        return "logseq"
    counts = kinds(look)
    texts, documents = counts["markdown"], counts["documents"]
    exports = [name for name in ("evernote", "bear", "archive", "notion", "inner logseq") if counts[name]]
    exports += [name for name in ("roam", "keep") if counts[name] > texts]
    if len(exports) > 1 or exports in (["archive"], ["inner logseq"]):
        return "mixed"
    if exports:
        return "mixed" if exports == ["evernote"] and texts + documents else exports[0]
    if texts and _has_all(look.names, ("pages/", "journals/")):
        return "logseq"
    return "files" if documents > texts else "markdown"


def kinds(look: Look) -> Counter[str]:
    """How many files of each kind there are."""
    found: Counter[str] = Counter(kind for name in look.names if (kind := kind_of(name, look.heads.get(name, b""))))
    plain = found["markdown"] + found["documents"]
    if found["notion"] <= plain:
        # A few names with an id among many others: files that somebody keeps, not an export.
        found["documents"] += found.pop("notion", 0)
    found["archive"] += found["zip"] if not found["markdown"] else 0
    return found


def kind_of(name: str, head: bytes = b"") -> str:
    """What one file is; empty when it is nothing that holds notes."""
    lowered = name.lower()
    if ".textbundle/" in lowered:
        return "bear" if re.search(r"\.textbundle/text\.(?:md|markdown|txt)$", lowered) else ""
    for is_it, kind in _KINDS:
        if is_it(lowered):
            return kind
    if lowered.endswith(".json"):
        return "roam" if _ROAM.match(head) else "keep" if _KEEP.match(head) else ""
    return ""


_KINDS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda name: name.endswith(".enex"), "evernote"),
    (lambda name: name.endswith(_PACKS) or _EXPORT_ZIP.search(name), "archive"),
    (lambda name: name.endswith(".zip"), "zip"),
    (lambda name: name.endswith("/logseq/config.edn"), "inner logseq"),
    (NOTION_ID.search, "notion"),
    (lambda name: name.endswith(_MARKDOWN), "markdown"),
    (lambda name: name.endswith(_DOCUMENTS), "documents"),
)


def to_look_at(names: Iterable[str]) -> list[str]:
    """The files whose first bytes tell something: JSON may be anybody's."""
    found = [name for name in names if name.lower().endswith(".json") and ".textbundle/" not in name.lower()]
    return found[:MAX_HEADS]


def _has_all(names: Sequence[str], folders: Iterable[str]) -> bool:
    return all(any(name.startswith(folder) for name in names) for folder in folders)
