"""Drafts from plain JSON, and what is wrong with one: the parser's rules, the same for every writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from regrow.domain import prose
from regrow.domain.writing import (
    PLATFORM_LENGTHS,
    BlogDraft,
    BlogVariant,
    Brief,
    SocialDraft,
    SocialPost,
    SocialVariant,
)
from regrow.kit import errors

MOST_ALIKE = 0.6
"""Two variants whose word shingles are more alike than this say the same thing."""


def blog(brief: Brief, output: Mapping[str, Any]) -> BlogDraft:
    """A checked blog draft; Invalid with every problem."""
    draft = BlogDraft(tuple(_built(BlogVariant, each) for each in _listed(output, "variants")))
    _refuse(blog_problems(brief, draft))
    return draft


def social(brief: Brief, output: Mapping[str, Any]) -> SocialDraft:
    """A checked social draft; Invalid with every problem."""
    posts = tuple(
        SocialPost(each.get("platform", ""), tuple(_built(SocialVariant, v) for v in _listed(each, "variants")))
        for each in _listed(output, "posts")
    )
    draft = SocialDraft(posts)
    _refuse(social_problems(brief, draft))
    return draft


def blog_problems(brief: Brief, draft: BlogDraft) -> list[str]:
    """Every way in which the draft is not what the brief asked for."""
    found = _label_problems("variants", brief, [v.label for v in draft.variants])
    for v in draft.variants:
        where = f"variant {v.label}"
        found += _text_problems(where, "title", v.title, 3, 200)
        found += _text_problems(where, "body", v.body, 200, 60_000)
        found += _source_problems(where, brief, v.source_note_ids)
    return found + _alike_problems("variants", [(v.label, v.body) for v in draft.variants])


def social_problems(brief: Brief, draft: SocialDraft) -> list[str]:
    """Every way in which the draft is not what the brief asked for."""
    platforms = [post.platform for post in draft.posts]
    found = []
    if platforms != list(brief.platforms):
        found.append(f"posts: wanted one for each of {', '.join(brief.platforms)} in this order, got {platforms}")
    for number, post in enumerate(draft.posts, start=1):
        where = f"post {number} ({post.platform})"
        found += _label_problems(where, brief, [v.label for v in post.variants])
        for v in post.variants:
            found += _text_problems(f"{where} {v.label}", "text", v.text, 20, 5_000)
            found += _length_problems(f"{where} {v.label}", post.platform, v)
            found += _source_problems(f"{where} {v.label}", brief, v.source_note_ids)
        found += _alike_problems(where, [(v.label, v.text) for v in post.variants])
    return found


def _built(kind: type, given: Any) -> Any:
    if not isinstance(given, Mapping):
        raise errors.Invalid(f"expected an object for {kind.__name__}", "invalid_output")
    fields: Iterable[str] = kind.__dataclass_fields__  # type: ignore[attr-defined]
    missing = [name for name in fields if name not in given]
    if missing:
        raise errors.Invalid(f"{kind.__name__} lacks {', '.join(missing)}", "invalid_output")
    return kind(**{name: tuple(given[name]) if isinstance(given[name], list) else given[name] for name in fields})


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name)
    if not isinstance(found, list | tuple):
        raise errors.Invalid(f"expected a list of {name}", "invalid_output")
    return list(found)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise errors.Invalid("; ".join(problems), "invalid_output")


def _label_problems(where: str, brief: Brief, labels: list[str]) -> list[str]:
    if sorted(labels) == sorted(brief.labels):
        return []
    return [f"{where}: wanted the labels {', '.join(brief.labels)}, each once, got {labels}"]


def _text_problems(where: str, name: str, text: Any, least: int, most: int) -> list[str]:
    if not isinstance(text, str) or "\x00" in text:
        return [f"{where}: {name} is no clean text"]
    if not least <= len(text.strip()) <= most:
        return [f"{where}: {name} has {len(text.strip())} characters, wanted {least} to {most}"]
    return []


def _length_problems(where: str, platform: str, variant: SocialVariant) -> list[str]:
    most = PLATFORM_LENGTHS.get(platform, 280)
    length = len(variant.text) + sum(len(tag) + 2 for tag in variant.hashtags)
    return [] if length <= most else [f"{where}: {length} characters with hashtags, {platform} takes {most}"]


def _source_problems(where: str, brief: Brief, cited: tuple[str, ...]) -> list[str]:
    known = {source.note_id for source in brief.sources}
    unknown = [id for id in cited if id not in known]
    if unknown:
        return [f"{where}: source_note_ids {unknown} are not among the notes given"]
    return [] if cited else [f"{where}: source_note_ids is empty, name the notes the text draws on"]


def _alike_problems(where: str, texts: list[tuple[str, str]]) -> list[str]:
    found = []
    for place, (label, text) in enumerate(texts):
        for other, other_text in texts[place + 1 :]:
            alike = prose.shingle_similarity(text, other_text)
            if alike >= MOST_ALIKE:
                found.append(f"{where}: {label} and {other} say the same ({alike:.2f} alike, most is {MOST_ALIKE})")
    return found
