"""Pictures that social networks show beside a link: drawn once, kept on disk by what they say."""

from __future__ import annotations

import functools
import hashlib
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

from regrow.domain.publishing.looks import Shades
from regrow.kit import folders

WIDTH, HEIGHT = 1200, 630
MARGIN = 90
SIZES = (78, 66, 56, 48)
MOST_LINES, LONGEST = 4, 300
DRAWING = 2
"""Counts up when cards are drawn differently, so that kept ones are not used any more."""
_UNKNOWN = "\uffff"


@dataclass(frozen=True, slots=True)
class Card:
    """What a card says, and in which colours."""

    title: str
    site: str
    note: str
    shades: Shades

    @property
    def digest(self) -> str:
        told = "\x1f".join((str(DRAWING), self.title, self.site, self.note, *astuple(self.shades)))
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:24]


def png(card: Card, folder: Path) -> bytes:
    """The card as PNG, from the folder when it was drawn before."""
    kept = folder / f"{card.digest}.png"
    try:
        return kept.read_bytes()
    except FileNotFoundError:
        drawn = _drawn(card)
    _keep(kept, drawn)
    return drawn


def _keep(place: Path, drawn: bytes) -> None:
    """Whole or not at all, so that nobody reads half a picture."""
    folders.make(place.parent)
    file, name = tempfile.mkstemp(dir=place.parent, prefix=".card-")
    with os.fdopen(file, "wb") as written:
        written.write(drawn)
    Path(name).replace(place)


def _drawn(card: Card) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), card.shades.paper)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 14), fill=card.shades.accent)
    pen.rectangle((MARGIN, HEIGHT - 150, MARGIN + 72, HEIGHT - 146), fill=card.shades.accent)
    size, lines = _fitted(_drawable(card.title), WIDTH - 2 * MARGIN)
    top = 96
    for line in lines:
        pen.text((MARGIN, top), line, card.shades.ink, _font(size), stroke_width=1)
        top += round(size * 1.22)
    site, note = (_drawable(each) for each in (card.site, card.note))
    below = _cut(site, _font(34), WIDTH - 2 * MARGIN - 320)
    pen.text((MARGIN, HEIGHT - 116), below, card.shades.ink, _font(34))
    pen.text((WIDTH - MARGIN, HEIGHT - 112), note, card.shades.quiet, _font(28), anchor="ra")
    made = io.BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def _fitted(title: str, width: int) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines; the last one is cut when none does."""
    lines: list[str] = []
    for size in SIZES:
        lines = _lines(title.split(), _font(size), width)
        if len(lines) <= MOST_LINES:
            return size, lines
    rest = " ".join(lines[MOST_LINES - 1 :])
    return SIZES[-1], [*lines[: MOST_LINES - 1], _cut(rest, _font(SIZES[-1]), width)]


def _lines(words: Sequence[str], font: FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(_cut(word, font, width))
    return lines


def _cut(text: str, font: FreeTypeFont, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def _drawable(text: str) -> str:
    """The text in signs that the font has; empty when it is mostly in a script that the font does not know."""
    known = "".join(each for each in text[:LONGEST] if each.isspace() or _is_known(each))
    return " ".join(known.split()) if len(known) >= 0.8 * len(text[:LONGEST]) else ""


@functools.lru_cache(maxsize=4096)
def _is_known(sign: str) -> bool:
    return sign.isprintable() and _shape(sign) != _shape(_UNKNOWN)


def _shape(sign: str) -> tuple[bytes, tuple[int, int]]:
    mask = _font(40).getmask(sign)
    return bytes(mask), mask.size


@functools.lru_cache(maxsize=16)
def _font(size: int) -> FreeTypeFont:
    made = ImageFont.load_default(size)
    assert isinstance(made, FreeTypeFont)
    return made
