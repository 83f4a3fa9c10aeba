"""Versions of a piece: what a person may change of a text, and what a piece said at a version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from regrow.domain.writing import PLATFORM_LENGTHS
from regrow.kit import errors

LONGEST: Mapping[str, int] = {
    "title": 200,
    "subject": 200,
    "preheader": 200,
    "cta": 100,
    "cta_url": 2_000,
    "body": 100_000,
}
MOST_HASHTAGS = 30
FIELDS: Mapping[str, tuple[str, ...]] = {
    "blog": ("title", "body"),
    "article": ("title", "body"),
    "social": ("body", "hashtags"),
    "email": ("subject", "preheader", "body", "cta", "cta_url"),
}
"""What a person may change of a text, by medium."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_TAG = re.compile(r"[^\s#,]{1,100}")
_WEB = re.compile(r"https?://[^\s<>\"']+")
Contents = dict[str, dict[str, Any]]
"""A text by label."""


@dataclass(frozen=True, slots=True)
class Written:
    """One label's text, and the version of the piece at which it came."""

    label: str
    version: int
    content: dict[str, Any]


def contents_at(written: Iterable[Written], version: int) -> Contents:
    """What a piece said at a version: for each label, the newest text up to it."""
    found: dict[str, Written] = {}
    for each in written:
        if each.version <= version and (each.label not in found or each.version > found[each.label].version):
            found[each.label] = each
    return {label: found[label].content for label in sorted(found)}


def edited(medium: str, platform: str, stands: Contents, changes: Mapping[str, Mapping[str, Any]]) -> Contents:
    """The labels that a person's changes really change, with their whole new text; Invalid names all that is off."""
    problems: list[str] = []
    done: Contents = {}
    for label, fields in changes.items():
        if label not in stands:
            problems.append(f"variants.{label[:10]}: this piece has the labels {', '.join(stands)}")
            continue
        tidy: dict[str, Any] = {}
        for name, value in fields.items():
            problem = _problem(medium, name, value)
            if problem:
                problems.append(f"variants.{label}.{name[:40]}: {problem}")
            else:
                tidy[name] = _tidied(name, value)
        new = {**stands[label], **tidy}
        problems += _too_long(label, platform, new) if tidy else []
        if new != stands[label]:
            done[label] = new
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_edit", problems=problems)
    return done


def _problem(medium: str, name: str, value: Any) -> str | None:
    if name not in FIELDS.get(medium, ()):
        return f"cannot be changed in a piece of this medium, use {', '.join(FIELDS.get(medium, ()))}"
    if name == "hashtags":
        is_sound = isinstance(value, list) and len(value) <= MOST_HASHTAGS and all(_is_tag(tag) for tag in value)
        return None if is_sound else f"a list of at most {MOST_HASHTAGS} words without # signs, commas and blanks"
    if not isinstance(value, str):
        return "must be text"
    if len(value) > LONGEST[name]:
        return f"at most {LONGEST[name]:,} characters, this has {len(value):,}"
    if _CONTROL.search(value.replace("\r\n", "\n")):
        return "holds a control character: leave it out"
    return _blank_or_broken(name, value)


def _blank_or_broken(name: str, value: str) -> str | None:
    if name == "cta_url":
        return None if not value.strip() or _WEB.fullmatch(value.strip()) else "an address with http or https, or empty"
    if not value.strip():
        return "is empty: write something, or reject the piece"
    if name != "body" and len(value.strip().splitlines()) > 1:
        return "is one line"
    return None


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and _TAG.fullmatch(tag) is not None and tag.isprintable()


def _tidied(name: str, value: Any) -> Any:
    if name == "hashtags":
        return list(value)
    return value.replace("\r\n", "\n") if name == "body" else value.strip()


def _too_long(label: str, platform: str, content: Mapping[str, Any]) -> list[str]:
    limit = PLATFORM_LENGTHS.get(platform)
    length = len(content.get("body", "")) + sum(len(tag) + 2 for tag in content.get("hashtags", ()))
    if limit is None or length <= limit:
        return []
    return [f"variants.{label}: {platform} takes {limit} characters with the hashtags, this has {length}"]
