"""A piece as a sheet of plain text that a person edits, and back again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow.kit import errors

MOST = 100_000
"""Characters of one text."""
INTRODUCTION = """\
# Change the text below, then save and close to keep it. Empty the whole file to give up.
# Leave the lines with === as they are: they say which variant the text under them is.
"""
NAMES = {
    "title": "title",
    "subject": "subject",
    "preheader": "preheader",
    "cta": "call to action",
    "hashtags": "hashtags",
}
"""The short fields by what their lines are called."""
OF_MEDIUM = {"blog": ("title",), "email": ("subject", "preheader", "cta"), "social": ("hashtags",)}

_HEADING = re.compile(r"=== *variant +(.+?) *===[ \t]*", re.IGNORECASE)
_LONGEST_HEADING = 80
_BETWEEN_TAGS = re.compile(r"[\s,、\uff0c]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK_START = re.compile(r"\A(?:[^\S\n]*\n)+")


@dataclass(slots=True)
class _Section:
    """The lines under one heading; `line` is the heading's number."""

    label: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    is_body: bool = False


def to_text(piece: Mapping[str, Any]) -> str:
    """The whole piece, every variant under a heading of its own: short fields as lines, then the body as it is."""
    sections = (_section(piece, variant) for variant in piece["variants"])
    return INTRODUCTION + "".join(f"\n{section}" for section in sections)


def from_text(text: str, piece: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The changed fields of each label; empty when nothing changed or the text was emptied.

    Invalid names the line that cannot be understood, and says what to do.
    """
    tidy = _unified(text.removeprefix("\ufeff"))
    if all(map(_is_silent, tidy.split("\n"))):
        return {}
    _refuse_control(tidy)
    return {label: changed for label, new in _read(tidy, piece).items() if (changed := _changed(label, new, piece))}


def decoded(raw: bytes) -> str:
    """The text of a file; Invalid names the first line that is no UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise errors.Invalid(
            f"line {number} is not UTF-8: set your editor to write UTF-8 and save again", "not_utf8"
        ) from None


def _section(piece: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    content = variant["content"]
    lines = [f"{NAMES[name]}: {_short(content.get(name))}".rstrip() for name in _shown(piece, content)]
    return "\n".join((f"=== Variant {variant['label']} ===", *lines, "", _escaped(content.get("body")), ""))


def _shown(piece: Mapping[str, Any], content: Mapping[str, Any]) -> list[str]:
    """The short fields of this content: those of its medium, and what else it has."""
    usual = OF_MEDIUM.get(piece.get("medium", ""), ())
    return [name for name in NAMES if name in usual or content.get(name)]


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_short(each) for each in value)
    return " ".join(_clean(str(value or "")).split())


def _escaped(body: Any) -> str:
    """A line that could be taken for a heading of the sheet gets a backslash."""
    lines = _tidy(_clean(str(body or ""))).split("\n")
    return "\n".join(f"\\{line}" if _heading(line.lstrip("\\")) else line for line in lines)


def _heading(line: str) -> str | None:
    """The label that a heading of the sheet names."""
    found = _HEADING.fullmatch(line) if len(line) <= _LONGEST_HEADING else None
    return found[1] if found else None


def _is_silent(line: str) -> bool:
    """Nothing, or what the sheet itself said; anything else above the first heading would be lost unseen."""
    return not line.strip() or line.strip() in INTRODUCTION.split("\n")


def _clean(text: str) -> str:
    """What would steer a terminal is shown as an unknown character, and is one once the text is kept."""
    return _CONTROL.sub("\ufffd", _unified(text))


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _tidy(body: str) -> str:
    return _BLANK_START.sub("", body).rstrip()


def _refuse_control(text: str) -> None:
    found = _CONTROL.search(text)
    if found:
        number = text.count("\n", 0, found.start()) + 1
        raise errors.Invalid(f"line {number} holds a control character ({found[0]!a}): take it out", "bad_text")


def _read(text: str, piece: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Every variant's fields as they are written, checked for being there and being there once."""
    contents = {variant["label"]: variant["content"] for variant in piece["variants"]}
    names = {label.casefold(): label for label in contents}
    found: dict[str, _Section] = {}
    for section in _sections(text):
        label = names.get(section.label.casefold())
        if label is None:
            known = ", ".join(contents)
            raise _off(section.line, f"there is no variant {section.label[:20]!r} of this piece, only {known}")
        if label in found:
            raise _off(section.line, f"variant {label} stands here a second time: take one of the two out")
        found[label] = section
    for label in contents:
        if label not in found:
            raise _off(0, f"the line '=== Variant {label} ===' is missing: put it back above the text of {label}")
    return {label: _values(section, label, _shown(piece, contents[label])) for label, section in found.items()}


def _sections(text: str) -> Sequence[_Section]:
    found: list[_Section] = []
    for number, line in enumerate(text.split("\n"), 1):
        if label := _heading(line):
            found.append(_Section(label, number))
        elif found:
            _take(found[-1], line, number)
        elif not _is_silent(line):
            raise _off(number, "this stands above the first '=== Variant ... ===': move it below, or take it out")
    return found


def _take(section: _Section, line: str, number: int) -> None:
    if section.is_body:
        section.body.append(line[1:] if line.startswith("\\") and _heading(line.lstrip("\\")) else line)
    elif not line.strip():
        section.is_body = True
    else:
        _take_field(section, line, number)


def _take_field(section: _Section, line: str, number: int) -> None:
    shown, colon, value = line.partition(":")
    names = {shown: name for name, shown in NAMES.items()}
    name = names.get(" ".join(shown.casefold().split())) if colon else None
    if name is None:
        known = ", ".join(f"'{shown}:'" for shown in NAMES.values())
        raise _off(
            number,
            f"{line.strip()[:40]!r} is no field, known are {known}: leave an empty line before the text itself",
        )
    if name in section.fields:
        raise _off(number, f"'{NAMES[name]}:' stands here a second time: take one of the two out")
    section.fields[name] = value


def _values(section: _Section, label: str, shown: Sequence[str]) -> dict[str, str]:
    for name in section.fields:
        if name not in shown:
            raise _off(section.line, f"variant {label} has no {NAMES[name]}: take that line out")
    for name in shown:
        if name not in section.fields:
            raise _off(section.line, f"'{NAMES[name]}:' is missing below this line: put it back, empty to have none")
    return {**section.fields, "body": _tidy("\n".join(section.body))}


def _changed(label: str, new: Mapping[str, str], piece: Mapping[str, Any]) -> dict[str, Any]:
    """Compared with what the sheet said, so that what a sheet cannot show does not count as a change."""
    content = next(variant["content"] for variant in piece["variants"] if variant["label"] == label)
    found: dict[str, Any] = {}
    for name, value in new.items():
        held = content.get(name)
        before: Any = _tidy(_clean(str(held or ""))) if name == "body" else _short(held)
        after: Any = value if name == "body" else " ".join(value.split())
        if name == "hashtags":
            before, after = _tags(before), _tags(after)
        if after != before:
            found[name] = _fitting(label, name, after)
    return found


def _tags(text: str) -> list[str]:
    tags = (tag.lstrip("#") for tag in _BETWEEN_TAGS.split(text))
    return list(dict.fromkeys(tag for tag in tags if tag))


def _fitting(label: str, name: str, value: Any) -> Any:
    if name == "body" and not value:
        raise _off(0, f"the text of variant {label} is empty: write it, or empty the whole file to give up")
    length = len(value) if isinstance(value, str) else sum(map(len, value))
    if length > MOST:
        what = NAMES.get(name, "text")
        raise _off(0, f"the {what} of variant {label} has {length:,} characters: at most {MOST:,} can be kept")
    return value


def _off(line: int, detail: str) -> errors.Invalid:
    return errors.Invalid(f"line {line}: {detail}" if line else detail, "bad_sheet")
