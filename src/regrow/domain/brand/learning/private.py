"""What must not be shown as an example of somebody's writing: addresses, numbers of persons, keys."""

from __future__ import annotations

import re

from regrow.kit import redaction

_LOOKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an e-mail address", re.compile(r"[\w.+-]{1,64}\s?@\s?[\w-]{1,63}\.\w{2}")),
    ("an e-mail address", re.compile(r"\b\w{1,64}\s?[\[({]\s?(?:at|ät)\s?[\])}]\s?\w{1,63}", re.IGNORECASE)),
    ("an account number", re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){2,8}(?:[ \u00a0]?[A-Z0-9]{1,4})?\b")),
    ("a telephone number", re.compile(r"(?:\+|\b00)\d(?:[ \u00a0()/.-]{0,3}\d){6,}")),
    ("a telephone number", re.compile(r"\(?\b0?\d{3}\)?[ .-]\d{3,4}(?:[ .-]\d{4})?\b(?![-/.]\d)")),
    ("a card or telephone number", re.compile(r"\d(?:[ \u00a0()/.-]{0,2}\d){8,}")),
    ("a key", re.compile(r"\b(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{20,}")),
    ("an address on the web", re.compile(r"\b(?:https?|ftp)://|\bwww\.\w", re.IGNORECASE)),
)
_MAYBE = re.compile(r"[@\[({]|\d\D{0,3}\d|://|www\.")
"""What all of them hold; most paragraphs hold none of it."""


def looks_like(text: str) -> str:
    """What of that the text seems to hold, such as `an e-mail address`; empty when nothing."""
    found = ""
    if _MAYBE.search(text):
        found = next((what for what, pattern in _LOOKS if pattern.search(text)), "")
    return found or ("a key or password" if redaction.redact(text) != text else "")


def without(text: str) -> str:
    """The text with a gap in place of everything that looks private."""
    if _MAYBE.search(text) is None:
        return text
    for _, pattern in _LOOKS:
        text = pattern.sub(" \u2423 ", text)
    return text
