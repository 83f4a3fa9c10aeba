"""Front matter: where it ends, what it says, and what can be saved of it when it is broken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from regrow.domain.notes import naming
from regrow.domain.notes.facts import MAX_ALIASES, MAX_ID, MAX_NAME

_KEY = re.compile(r"""["']?([^\W\d][\w .-]{0,80}?)["']?[ \t]{0,20}:(?:[ \t]+(.*)|)$""")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M)
_ITEM = re.compile(r"( *)- +(.*)$")
_FLAT = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,80}):(?: +(.*))?$")
_PLAIN = re.compile(r"[^\W_](?:[^\s:#]|[ ](?!#)|:(?=[^\s])|(?<=\S)#)*+$")
_FLOW = re.compile(r"\[([^\[\]{}\"'#&*!|>%@`:\t]*)\]$")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,17})$")
_DECIMAL = re.compile(r"[0-9]{1,17}\.[0-9]{1,17}$")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z?)?$")
_QUOTED = re.compile(r"""(?:'([^'\\]*)'|"([^"\\]*)")$""")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "yes", "on"), True),
    **dict.fromkeys(("false", "no", "off"), False),
    "null": None,
}
IDENTITY_KEYS = ("id", "uid", "zettel-id", "zettel_id", "zettelid")


class Split(NamedTuple):
    """A note's two parts. `front` is None without front matter; `is_closed` is False when its end is missing."""

    front: str | None
    body: str
    is_closed: bool = True


def split(text: str) -> Split:
    """Cuts front matter off. A `---` that opens no `key: value` block is a rule and stays in the body."""
    opened = text[:200].lstrip("\ufeff \t\n")
    if not opened.startswith("---"):
        return Split(None, text)
    start = text.find("\n", text.find("---"))
    if start < 0 or text[text.find("---") : start].strip() != "---":
        return Split(None, text)
    closing = _CLOSING.search(text, start + 1)
    if closing is None:
        return _unclosed(text, start + 1)
    front = text[start + 1 : closing.start()]
    if front.strip() and not any(_opens_key(line) for line in front[:20_000].split("\n")):
        return Split(None, text)
    return Split(front, text[closing.end() + 1 :])


def _opens_key(line: str) -> bool:
    return line.startswith("{") or _KEY.match(line) is not None


def _unclosed(text: str, start: int) -> Split:
    """Without an end, the front matter is what looks like it: everything down to the first other line."""
    position = start
    while position < len(text):
        end = text.find("\n", position)
        line = text[position : end if end >= 0 else len(text)]
        if not (_KEY.match(line) or (position > start and line[:1] in (" ", "\t", "-") and line.strip())):
            break
        position = len(text) if end < 0 else end + 1
    if position == start:
        return Split(None, text)
    return Split(text[start:position], text[position:], is_closed=False)


def salvage(front: str) -> dict[str, Any]:
    """What `key: value` lines and `- item` lines give, read one by one; never fails."""
    found: dict[str, Any] = {}
    key = ""
    for line in front.split("\n"):
        if match := _KEY.match(line):
            key = match[1]
            found[key] = _salvaged(match[2] or "")
        elif key and (item := _ITEM.match(line)):
            before = found[key] if isinstance(found[key], list) else []
            found[key] = [*before[:MAX_ALIASES], _unquoted(item[2])]
    return found


def _salvaged(value: str) -> Any:
    value = value.strip()
    if value.startswith("["):
        return [_unquoted(item) for item in value.strip("[]").split(",") if item.strip()]
    return _unquoted(value)


def _unquoted(value: str) -> str:
    return value.strip().strip("\"'").strip()


def simple(front: str) -> dict[str, Any] | None:
    """What YAML would give, for front matter of flat keys with plain values; None when it takes more to tell.

    Most notes are of this kind, and a YAML parser takes longer than all the rest of reading them.
    """
    found: dict[str, Any] = {}
    key, indent = "", -1
    for line in front.split("\n"):
        if flat := _FLAT.match(line):
            key, indent = flat[1], -1
            if key.lower() in _WORDS or (value := _scalar(flat[2] or "")) is _UNSURE:
                return None
            found[key] = value
        elif line and (item := _ITEM.match(line)) and key:
            value = _scalar(item[2])
            is_first = indent < 0
            if value is _UNSURE or value is None or (found[key] is not None if is_first else indent != len(item[1])):
                return None
            if is_first:
                found[key], indent = [], len(item[1])
            found[key].append(value)
        elif line.strip():
            return None
    return found


_UNSURE: Any = object()


def _scalar(text: str) -> Any:
    text = text.strip(" ")
    if not text:
        return None
    if quoted := _QUOTED.match(text):
        return quoted[1] if quoted[1] is not None else quoted[2]
    if _NUMBER.match(text):
        return int(text)
    if _DATE.match(text):
        return text
    if flow := _FLOW.match(text):
        items = [_scalar(item) for item in flow[1].split(",")] if flow[1].strip() else []
        return _UNSURE if any(item is _UNSURE or item is None for item in items) else items
    if _DECIMAL.match(text):
        return float(text)
    if not _PLAIN.match(text) or "\t" in text:
        return _UNSURE
    lowered = text.lower()
    if lowered in _WORDS:
        return _WORDS[lowered] if text in (lowered, lowered.capitalize(), lowered.upper()) else text
    return text


class Said(NamedTuple):
    """What front matter says that Regrow understands."""

    title: str
    identity: str
    tags: tuple[str, ...]
    aliases: tuple[str, ...]
    is_private: bool


def said(front: Mapping[str, Any], front_text: str) -> Said:
    """Reads the keys Regrow knows, whatever their case."""
    if not front and not front_text:
        return _NOTHING
    known = {str(key).strip().lower(): value for key, value in front.items()}
    tags = tuple(_tags(known.get("tags"))) + tuple(_tags(known.get("tag")))
    if _HIDDEN_TAG.search(front_text):
        tags += tuple(_written_tags(front_text))
    return Said(
        title=_text(known.get("title")),
        identity=_identity(known),
        tags=tuple(dict.fromkeys(tags)),
        aliases=tuple(alias for key in ("aliases", "alias") for alias in _aliases(known.get(key)))[:MAX_ALIASES],
        is_private=_says_private(known) or (_MAYBE.search(front_text) is not None and _lines_say(front_text)),
    )


def _identity(known: Mapping[str, Any]) -> str:
    for key in IDENTITY_KEYS:
        if key in known and 0 < len(text := _text(known[key])) <= MAX_ID:
            return text
    return ""


_NOTHING = Said("", "", (), (), False)


def _text(value: Any) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(naming.storable(str(value)).split())
    return ""


def _tags(value: Any) -> Iterator[str]:
    """A list, or one text with commas or spaces between the tags."""
    if isinstance(value, list):
        for item in value:
            yield from (text.lstrip("#") for text in _text(item).split(",") if text.strip("# "))
    elif value is not None:
        yield from (text.lstrip("#") for text in _text(value).replace(",", " ").split())


def _aliases(value: Any) -> Iterator[str]:
    items = value if isinstance(value, list) else _text(value).split(",")
    for item in items:
        if (text := _text(item).strip()) and len(text) <= MAX_NAME:
            yield text


_HIDDEN_TAG = re.compile(r"private|^[\"']?tags?[\"']?[ \t]*:[ \t]*#|^[ \t]*-[ \t]+#", re.I | re.M)


def _written_tags(front_text: str) -> Iterator[str]:
    """Tags that YAML takes for a comment (`tags: #a`) or overwrites by a second key of the same name."""
    is_tags = False
    for line in front_text.split("\n"):
        if match := _KEY.match(line):
            is_tags = match[1].strip().lower() in ("tags", "tag")
            if is_tags:
                yield from _tags(_salvaged(match[2] or ""))
        elif is_tags and (item := _ITEM.match(line)):
            yield from _tags([_unquoted(item[2])])


_NO = frozenset(("false", "no", "off", "0", "n", "never"))
_YES = frozenset(("true", "yes", "on", "1", "y"))
_MAYBE = re.compile(r"pub|priv", re.I)


def says_private(key: str, value: Any) -> bool:
    """Whether one property asks for privacy: `publish: false` or `private: true`, in any spelling of yes and no."""
    text = _text(int(value) if isinstance(value, bool) else value).lower().strip("\"' ")
    if key in ("publish", "published", "public"):
        return text in _NO
    return key == "private" and text in _YES


def _says_private(known: Mapping[str, Any]) -> bool:
    return any(key in known and says_private(key, known[key]) for key in ("publish", "published", "public", "private"))


def _lines_say(front_text: str) -> bool:
    """YAML keeps the last of two equal keys and gives nothing when broken; privacy asked for once is enough."""
    for line in front_text.split("\n"):
        match = _KEY.match(line)
        if match and says_private(match[1].strip().lower(), (match[2] or "").partition(" #")[0]):
            return True
    return False
