"""A small subject with enough notes to write from, for tests that drive a writer."""

from __future__ import annotations

import dataclasses
from typing import Any

from regrow.domain.writing import DEFAULT_PLATFORMS, BlogDraft, Brief, Call, EmailDraft, SocialDraft, Source, Voice

STARTER = Source(
    "note_starter",
    "Feeding a starter",
    "Feed the starter every day with equal weights of flour and water. A neglected jar smells of acetone after four "
    "days. Keep it at 24 degrees for a steady rise. A rise to double within six hours tells you that it is ready. "
    "Discard half before you feed it again. In winter the same rise took nine hours in our kitchen.",
)
FLOUR = Source(
    "note_flour",
    "Choosing flour",
    "Rye ferments faster than white wheat. One part rye to four parts wheat kept our starter lively for a year. "
    "Bleached flour slowed the rise by a third, though that was one small trial. Tap water with much chlorine may slow "
    "it as well. Weigh the flour, because a cup varies by a fifth. Sifting brought no difference we could measure.",
)
OVEN = Source(
    "note_oven",
    "The oven",
    "A closed pot keeps the steam that a home oven loses. Heat the pot for forty minutes before the dough goes in. "
    "Take the lid off after twenty minutes for a dark crust. Without steam the crust sets early and the loaf tears. "
    "A loaf is done when its core reaches 96 degrees.",
)


def bread(**changes: Any) -> Brief:
    """A brief on baking bread at home from three notes, with any of its fields changed."""
    brief = Brief(
        topic_title="Sourdough at home",
        topic_summary="How a starter is kept alive, which flour it likes and how a home oven bakes a good crust.",
        sources=(STARTER, FLOUR, OVEN),
        voice=Voice("A patient baker"),
        platforms=DEFAULT_PLATFORMS,
    )
    return dataclasses.replace(brief, **changes)


def blog_call(**changes: Any) -> Call:
    """A call for a blog article on the bread brief."""
    return Call("write_blog", bread(**changes), BlogDraft)


def social_call(**changes: Any) -> Call:
    """A call for social posts on the bread brief."""
    return Call("write_social", bread(**changes), SocialDraft)


def email_call(**changes: Any) -> Call:
    """A call for an e-mail on the bread brief."""
    return Call("write_email", bread(**changes), EmailDraft)
