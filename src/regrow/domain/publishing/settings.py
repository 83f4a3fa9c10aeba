"""What a kind of channel is told: known names, the right types, and everything that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from regrow.domain.publishing.channel import Declared, Setting
from regrow.kit import errors

LONGEST = 2_000
"""Characters of one value."""
_TYPES: dict[str, tuple[type, str]] = {"text": (str, "a text"), "number": (int, "a whole number"), "switch": (bool, "")}


def declared(kinds: Iterable[Declared], name: str) -> Declared:
    """The kind of this name; Invalid tells which ones there are."""
    found = {each.name: each for each in kinds}
    if name not in found:
        raise errors.Invalid(f"kind: {name[:60]!r} is no kind of channel, use {', '.join(found)}", "bad_channel_kind")
    return found[name]


def checked(kind: Declared, settings: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with their defaults; Invalid names all that is off in both. `secrets` are only looked at."""
    problems = [
        *_of("settings", settings, [each for each in kind.settings if not each.is_secret]),
        *_of("secrets", secrets, [each for each in kind.settings if each.is_secret]),
    ]
    if problems:
        raise errors.Invalid("; ".join(problems), "bad_channel_settings", problems=problems)
    return {each.name: settings.get(each.name, each.default) for each in kind.settings if not each.is_secret}


def _of(where: str, given: Mapping[str, Any], wanted: list[Setting]) -> list[str]:
    known = {each.name: each for each in wanted}
    names = ", ".join(known) or "there are none for this kind"
    problems = [f"{where}.{name[:60]}: unknown, use {names}" for name in given if name not in known]
    for name, each in known.items():
        if each.is_required and given.get(name) in (None, ""):
            problems.append(f"{where}.{name}: is needed: {each.help}")
        elif name in given and (problem := _problem(each, given[name])):
            problems.append(f"{where}.{name}: {problem}")
    return problems


def _problem(wanted: Setting, value: Any) -> str:
    kind, words = _TYPES[wanted.kind]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return words or "true or false"
    if isinstance(value, str) and (len(value) > LONGEST or "\x00" in value):
        return f"at most {LONGEST} characters, and no NUL among them"
    return ""
