"""What a persona must and must not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Guidelines:
    """Lists of words and phrases: liked and shunned ones, phrases that must or must not stand in every text, words of
    claims that need a source, disclaimers of which one must stand where a claim does, names of competitors, and the
    line that discloses how the text was made.
    """

    use: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    disclaimers: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    disclosure: tuple[str, ...] = ()


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Guidelines))


def of(stored: Mapping[str, Any]) -> Guidelines:
    """Guidelines from a persona's stored JSON; what is not set is empty."""
    return Guidelines(**{name: tuple(stored.get(name, ())) for name in NAMES})
