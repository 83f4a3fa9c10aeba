"""What an answer must keep to beyond its shape; every problem is told at once so that one repair can mend all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from regrow.adapters.llm import framing
from regrow.domain import prose
from regrow.domain.writing import (
    PLATFORM_HASHTAGS,
    PLATFORM_LENGTHS,
    BlogDraft,
    BlogVariant,
    Brief,
    SocialDraft,
    SocialPost,
    SocialVariant,
)

MOST_SIMILAR = 0.6
"""Two variants at or above this shingle similarity are one text in two wordings, which a test cannot compare."""

_MOST_PROBLEMS = 20


def problems(output: Any, brief: Brief) -> tuple[str, ...]:
    """Everything wrong with a draft, in words a model can act on; empty when nothing is."""
    checks: tuple[Callable[[Any, Brief], Iterator[str]], ...] = ()
    if isinstance(output, BlogDraft):
        checks = BLOG_CHECKS
    elif isinstance(output, SocialDraft):
        checks = SOCIAL_CHECKS
    found = [*unclean_text(asdict(output)), *(text for check in checks for text in check(output, brief))]
    return tuple(found[:_MOST_PROBLEMS])


def unclean_text(value: Any, where: str = "the answer") -> Iterator[str]:
    """Control characters and leaked frame markers, wherever they stand in a nested answer."""
    if isinstance(value, str):
        if any(ord(c) < 32 and c not in "\n\t\r" for c in value):
            yield f"{where} holds a control character; leave it out"
        if framing.MARKER_SHAPE.search(value):
            yield f"{where} repeats a marker; leave it out"
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from unclean_text(part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from unclean_text(part, where)


def blog_labels(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    yield from _labels([v.label for v in draft.variants], brief, "variants")


def blog_fields(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    for variant in draft.variants:
        for name in ("angle", "title", "body"):
            if not getattr(variant, name).strip():
                yield f"variant {variant.label}: {name} is empty"
        yield from _sources(variant, brief, f"variant {variant.label}")


def blog_difference(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    yield from _too_similar([(v.label, v.body) for v in draft.variants], "bodies")


def social_platforms(draft: SocialDraft, brief: Brief) -> Iterator[str]:
    given, wanted = [post.platform for post in draft.posts], list(brief.platforms)
    if sorted(given) != sorted(wanted):
        yield f"posts must be one per platform for {', '.join(wanted)}; given are {', '.join(given) or 'none'}"


def social_posts(draft: SocialDraft, brief: Brief) -> Iterator[str]:
    for post in draft.posts:
        yield from _labels([v.label for v in post.variants], brief, f"{post.platform}: variants")
        for variant in post.variants:
            yield from _post(post, variant, brief)
        yield from _too_similar([(v.label, v.text) for v in post.variants], f"{post.platform}: texts")


BLOG_CHECKS = (blog_labels, blog_fields, blog_difference)
SOCIAL_CHECKS = (social_platforms, social_posts)


def _post(post: SocialPost, variant: SocialVariant, brief: Brief) -> Iterator[str]:
    where = f"{post.platform} {variant.label}"
    if not variant.text.strip():
        yield f"{where}: text is empty"
    for tag in variant.hashtags:
        if not tag or "#" in tag or any(c.isspace() for c in tag):
            yield f"{where}: a hashtag is one word without the # sign"
    if len(variant.hashtags) > PLATFORM_HASHTAGS[post.platform]:
        yield f"{where}: has {len(variant.hashtags)} hashtags, at most {PLATFORM_HASHTAGS[post.platform]} are wanted"
    length, limit = post_length(variant), PLATFORM_LENGTHS[post.platform]
    if length > limit:
        yield f"{where}: has {length} characters with its hashtags, at most {limit} are allowed"
    yield from _sources(variant, brief, where)


def post_length(variant: SocialVariant) -> int:
    """Characters of a post as it is published: the text, then a space and a # before every hashtag."""
    return len(variant.text) + sum(len(tag) + 2 for tag in variant.hashtags)


def _labels(given: Sequence[str], brief: Brief, where: str) -> Iterator[str]:
    if sorted(given) != sorted(brief.labels):
        shown = ", ".join(label[:40] for label in given[:10]) or "none"
        yield f"{where} must have the labels {', '.join(brief.labels)}, each once; given are {shown}"


def _sources(variant: BlogVariant | SocialVariant, brief: Brief, where: str) -> Iterator[str]:
    known = {source.note_id for source in brief.sources}
    if not variant.source_note_ids:
        yield f"{where}: source_note_ids is empty; name the notes the text draws on"
    for note_id in dict.fromkeys(variant.source_note_ids):
        if note_id not in known:
            yield f"{where}: {note_id[:60]!r} is not the id of a note that was given"


def _too_similar(texts: Sequence[tuple[str, str]], where: str) -> Iterator[str]:
    for (label, text), (other_label, other) in itertools.combinations(texts, 2):
        similarity = prose.shingle_similarity(text, other)
        if similarity >= MOST_SIMILAR:
            yield (
                f"{where} of {label} and {other_label} are too alike "
                f"({similarity:.2f}, allowed is under {MOST_SIMILAR}); "
                "write one of them anew with another angle, lead and structure"
            )
