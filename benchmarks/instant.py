"""A writer that answers at once with a valid draft for any brief, so that only what stands around a call is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from regrow.domain.writing import Answer, Attempt, Brief, Call

BODIES = (
    "Weigh the flour before anything else, then add water and wait. Half an hour does most of the kneading for you. "
    "Fold the dough four times over two hours and let it rest on the counter until small bubbles show at its edge.",
    "An oven loses steam as soon as its door opens, which is why a closed pot bakes the better crust. Heat it early, "
    "drop the loaf in with care, and take off the lid when the colour begins to turn from pale gold to light brown.",
    "Starters forgive neglect more often than people think. Pour away the grey layer, keep one spoon of what lies "
    "below, feed it twice a day, and by the third morning the jar smells of apples and rises above its old mark again.",
    "Records beat memory in every kitchen. Write down temperature, hours and the brand of each sack, change one thing "
    "per week only, and after ten loaves those few pages will tell which of your habits made any difference at all.",
)
POSTS = (
    "Weigh the flour, add water, wait half an hour.",
    "A closed pot keeps the steam that ovens lose.",
    "Feed a tired starter twice a day; it comes back.",
    "Write down one change per loaf and compare them.",
)
OTHER_POSTS = (
    "Rye takes up more water than wheat does.",
    "Score the loaf with one quick and shallow cut.",
    "Salt goes in last, when the dough has rested.",
    "Half a loaf freezes well if sliced beforehand.",
)


class InstantWriter:
    """Answers every call without delay, or after `delay_seconds`."""

    def __init__(self, delay_seconds: float = 0.0) -> None:
        self._delay_seconds = delay_seconds

    def write(self, call: Call) -> Answer:
        time.sleep(self._delay_seconds)
        output = WRITTEN[call.function](call.brief)
        return Answer(output, "model", "bench:instant", (Attempt("bench", "instant", "ok", 900, 700, 0),), "bench", 1)

    def ready(self) -> None:
        """Has nothing to load."""

    def close(self) -> None:
        """Nothing is held."""


class RenewingWriter(InstantWriter):
    """Writes posts that differ from those it is told to replace: it has two sets of texts and takes the other one."""

    def write(self, call: Call) -> Answer:
        told = {earlier.text for earlier in call.brief.replaced}
        texts = POSTS if not told.intersection(POSTS) else OTHER_POSTS
        is_post = call.function in ("write_social", "regenerate_variant")
        output = posts(call.brief, texts) if is_post else WRITTEN[call.function](call.brief)
        return Answer(output, "model", "bench:instant", (Attempt("bench", "instant", "ok", 900, 700, 0),), "bench", 1)


def article(brief: Brief) -> dict[str, Any]:
    """One variant per label, each with a body of its own."""
    cited = [source.note_id for source in brief.sources[:3]]
    variants = [
        {"label": label, "angle": "plain", "title": f"Notes, read as {label}", "body": body, "source_note_ids": cited}
        for label, body in zip(brief.labels, BODIES, strict=False)
    ]
    return {"variants": variants}


def posts(brief: Brief, said: Sequence[str] = POSTS) -> dict[str, Any]:
    """One post per platform and label."""
    cited = [brief.sources[0].note_id]
    texts = list(zip(brief.labels, said, strict=False))
    return {
        "posts": [
            {
                "platform": platform,
                "variants": [
                    {"label": label, "text": text, "hashtags": ["bread"], "source_note_ids": cited}
                    for label, text in texts
                ],
            }
            for platform in brief.platforms
        ]
    }


def mails(brief: Brief) -> dict[str, Any]:
    """One e-mail per label, each with a body of its own."""
    cited = [source.note_id for source in brief.sources[:3]]
    shared = {
        "preheader": "What the notes say when they are read in order",
        "cta": "Read them",
        "source_note_ids": cited,
    }
    variants = [
        {"label": label, "subject": f"Notes, read as {label}", "body": body, **shared}
        for label, body in zip(brief.labels, BODIES, strict=False)
    ]
    return {"variants": variants}


WRITTEN: Mapping[str, Callable[[Brief], dict[str, Any]]] = {
    "write_blog": article,
    "write_social": posts,
    "write_email": mails,
}
