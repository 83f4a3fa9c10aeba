"""Putting other people's text into a prompt so that it stays material: a random marker around each piece."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence

from regrow.domain.writing import PLATFORM_LENGTHS, Brief
from regrow.kit.errors import Invalid

MATERIAL_CHARS = 80_000
"""Characters of notes in one prompt, about 20,000 tokens: above that, models drop the middle and the bill grows."""

REPLACED_CHARS = 24_000
"""Characters of replaced texts in one prompt: enough to see what they say, and never more than the notes."""
_TITLE_CHARS = 200

MARKER_SHAPE = re.compile(r"(?i)material-[0-9a-f]{16}")
"""What a marker looks like; a finished text that holds one has leaked its frame."""

_ID_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,119}")
_FENCE = re.compile(r"<{3,}|>{3,}")
_SPECIAL_TOKEN = re.compile(r"<\s*[|\uff5c]")
_ROLE_TAG = re.compile(
    r"(?i)<(\s*/?\s*(?:system|assistant|user|developer|instructions?|tool_result|tool|function)\b)"
    r"|<(/?s|bos|eos|start_of_turn|end_of_turn)(?=>)|\[(/?INST|/?SYS)\]|<<(/?SYS)>>"
)
_KEPT_FORMAT_CHARACTERS = "\u200c\u200d"
"""Joiners: emoji and several scripts need them; every other invisible character can only hide something."""


def new_marker() -> str:
    """A marker nobody could have written into a note beforehand."""
    return "material-" + secrets.token_hex(8)


def frame(marker: str, label: str, text: str) -> str:
    """`text` between an opening and a closing line that carry the marker; nothing inside can close it."""
    return f"<<<{marker} {label}>>>\n{defused(text)}\n<<<end {marker}>>>"


def defused(text: str) -> str:
    """The text without what could end a frame, speak as another role or hide from a reader."""
    text = "".join(c for c in text.replace("\r\n", "\n") if _is_visible(c))
    text = MARKER_SHAPE.sub("[marker removed]", text)
    text = _SPECIAL_TOKEN.sub("(|", text)
    text = _ROLE_TAG.sub(lambda m: "(" + next(g for g in m.groups() if g is not None).strip() + " ", text)
    return _FENCE.sub(lambda m: ("\u2039" if m.group().startswith("<") else "\u203a") * len(m.group()), text)


def _is_visible(character: str) -> bool:
    if character in "\n\t" or character in _KEPT_FORMAT_CHARACTERS:
        return True
    if "\U000e0100" <= character <= "\U000e01ef":
        return False
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}


def checked_id(note_id: str) -> str:
    """The id as it may stand on a frame's opening line; one that could break out of it is refused."""
    if not _ID_SHAPE.fullmatch(note_id):
        raise Invalid("a note id holds characters that do not belong in an id; import the notes again", "note_id")
    return note_id


def fair_shares(lengths: Sequence[int], budget: int = MATERIAL_CHARS) -> list[int]:
    """How many characters of each note are used: short notes whole, long ones cut to the same height."""
    shares = [0] * len(lengths)
    left = budget
    for place, index in enumerate(sorted(range(len(lengths)), key=lambda i: lengths[i])):
        shares[index] = min(lengths[index], left // (len(lengths) - place))
        left -= shares[index]
    return shares


def cut_notes(brief: Brief) -> tuple[str, ...]:
    """Ids of the notes that do not go into the prompt whole, for the provenance of what is written."""
    lengths = [len(source.text) for source in brief.sources]
    pairs = zip(brief.sources, fair_shares(lengths), strict=True)
    return tuple(source.note_id for source, share in pairs if share < len(source.text))


def framed_notes(brief: Brief, marker: str) -> list[str]:
    """Every source in a frame of its own, long ones cut at a paragraph with the cut said."""
    shares = fair_shares([len(source.text) for source in brief.sources])
    framed = []
    for source, share in zip(brief.sources, shares, strict=True):
        body = _titled(source.title, _cut(source.text, share))
        framed.append(frame(marker, f"note {checked_id(source.note_id)}", body))
    return framed


def framed_replaced(brief: Brief, marker: str) -> list[str]:
    """Every text to be replaced in a frame of its own that names its platform, under its title if it has one.

    Long ones are cut with the cut said.
    """
    concerned = [each for each in brief.replaced if each.platform in ("", *brief.platforms)]
    shares = fair_shares([len(each.text) for each in concerned], REPLACED_CHARS)
    framed = []
    for number, (each, share) in enumerate(zip(concerned, shares, strict=True), 1):
        label = f"replaced {number} {each.platform if each.platform in PLATFORM_LENGTHS else ''}".rstrip()
        text = _cut(each.text, share, "text")
        framed.append(frame(marker, label, _titled(each.title[:_TITLE_CHARS], text) if each.title else text))
    return framed


def _titled(title: str, text: str) -> str:
    return f"Title: {' '.join(title.split())}\n\n{text}"


def _cut(text: str, share: int, name: str = "note") -> str:
    if len(text) <= share:
        return text
    kept = text[:share]
    paragraph = kept.rfind("\n\n")
    kept = kept[:paragraph] if paragraph > share // 2 else kept
    return f"{kept.rstrip()}\n\n(The {name} goes on for {len(text) - len(kept):,} more characters that are not shown.)"
