"""From the bytes of a note to its text, whatever program wrote them."""

from __future__ import annotations

import codecs
import re

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(ValueError):
    """The bytes are no text; the message says how that shows."""


def decode(data: bytes) -> tuple[str, str]:
    """The text with `\\n` line ends and without byte order mark, and a warning or an empty text.

    UTF-8, UTF-16 and UTF-32 with a mark; anything else is read as Windows-1252, where every byte means something.
    """
    text, warning = _decoded(data)
    if "\x00" in text:
        raise NotText("it holds NUL bytes, so it is no text file")
    if _CONTROL.search(text) and len(_CONTROL.findall(text[:20_000])) > len(text[:20_000]) // 20:
        raise NotText("it holds control characters, so it is no text file")
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text), warning


def _decoded(data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError:
                raise NotText(f"it begins like {encoding.upper()} but is not") from None
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        if b"\x00" in data:
            raise NotText("it holds NUL bytes, so it is no text file") from None
    try:
        return data.decode("cp1252"), "not UTF-8: read as Windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "not UTF-8: read as Latin-1"
