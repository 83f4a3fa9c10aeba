"""The colours of a site, light and dark: read, checked for contrast, and completed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

LEAST_TEXT, LEAST_QUIET = 7.0, 4.5
"""Contrast of text on its paper, and of quiet text, links and marks on it (WCAG 2.2: AAA and AA)."""
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class Look:
    """What may be chosen: `paper` is the ground, `ink` the text on it, `accent` links and marks; `dark_` by night."""

    paper: str = "#fbfaf7"
    ink: str = "#20231f"
    accent: str = "#1f6b45"
    dark_paper: str = "#151714"
    dark_ink: str = "#e8e6df"
    dark_accent: str = "#8ccfa4"


@dataclass(frozen=True, slots=True)
class Shades:
    """One of the two faces of a look. `quiet` is for dates and notes, `line` for rules, `wash` for code and quotes."""

    paper: str
    ink: str
    accent: str
    quiet: str
    line: str
    wash: str


NAMES = tuple(field.name for field in fields(Look))
PLAIN = Look()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def problems(given: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with chosen colours, each with what to do; empty when nothing is."""
    wrong = [f"look.{str(name)[:40]}: unknown, use {', '.join(NAMES)}" for name in given if name not in NAMES]
    for name in NAMES:
        value = given.get(name)
        if value is not None and (not isinstance(value, str) or _COLOUR.fullmatch(value) is None):
            wrong.append(f"look.{name}: a colour such as #1f6b45")
    return tuple(wrong) or _too_faint(_completed(given))


def look_of(given: Mapping[str, Any]) -> Look:
    """The look that stored colours stand for; the plain one where they cannot be read on each other."""
    return PLAIN if problems(given) else _completed(given)


def shades(look: Look, is_dark: bool) -> Shades:
    """One face of a look, its quieter colours mixed from the chosen ones."""
    paper, ink, accent = (
        (look.dark_paper, look.dark_ink, look.dark_accent) if is_dark else (look.paper, look.ink, look.accent)
    )
    return Shades(
        paper=_long(paper),
        ink=_long(ink),
        accent=_long(accent),
        quiet=_quiet(paper, ink),
        line=_mixed(paper, ink, 0.16),
        wash=_mixed(paper, ink, 0.05),
    )


def _completed(given: Mapping[str, Any]) -> Look:
    return Look(**{name: _long(given[name]) for name in NAMES if isinstance(given.get(name), str)})


def _too_faint(look: Look) -> tuple[str, ...]:
    asked = (
        ("ink", "paper", LEAST_TEXT),
        ("accent", "paper", LEAST_QUIET),
        ("dark_ink", "dark_paper", LEAST_TEXT),
        ("dark_accent", "dark_paper", LEAST_QUIET),
    )
    return tuple(
        f"look.{front}: {getattr(look, front)} on {getattr(look, ground)} has a contrast of {found:.1f}, and readers "
        f"need at least {least:g}: choose a {'lighter' if 'dark' in ground else 'darker'} {front}"
        for front, ground, least in asked
        if (found := contrast(getattr(look, front), getattr(look, ground))) < least
    )


def _quiet(paper: str, ink: str) -> str:
    """As near to the paper as readable text may be."""
    for share in (0.62, 0.7, 0.8, 0.9):
        found = _mixed(paper, ink, share)
        if contrast(found, _mixed(paper, ink, 0.05)) >= LEAST_QUIET + 0.3:
            return found
    return _long(ink)


def _mixed(ground: str, front: str, share: float) -> str:
    pairs = zip(_parts(ground), _parts(front), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * share):02x}" for low, high in pairs)


def _long(colour: str) -> str:
    """The colour with six digits."""
    digits = colour[1:].lower()
    return "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))


def _parts(colour: str) -> tuple[int, int, int]:
    digits = _long(colour)[1:]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
