"""Drafts from plain JSON, and what is wrong with one: the parser's rules, the same for every writer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, asdict, fields
from typing import Any

from regrow.domain import likeness, prose
from regrow.domain.prose import orders
from regrow.domain.writing import (
    PLATFORM_HASHTAGS,
    PLATFORM_LENGTHS,
    BlogDraft,
    BlogVariant,
    Brief,
    Draft,
    EmailDraft,
    EmailVariant,
    SocialDraft,
    SocialPost,
    SocialVariant,
)
from regrow.kit import errors

Variant = BlogVariant | SocialVariant | EmailVariant
MOST_SIMILAR = likeness.MOST_SIMILAR
"""Two variants at or above this shingle similarity are one text in two wordings, which a test cannot compare."""

_MOST_PROBLEMS = 20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(
    r"://|\bwww\.|\b(?:mailto|tel|javascript):|\S@\S|\w\.(?:com|org|net|info|io|dev|app|eu|de|fr|es|uk|example)\b",
    re.IGNORECASE,
)


def blog(brief: Brief, output: Mapping[str, Any]) -> BlogDraft:
    """A checked blog draft; Invalid with every problem."""
    draft = BlogDraft(tuple(_built(BlogVariant, each) for each in _listed(output, "variants")))
    _refuse(problems(draft, brief))
    return draft


def social(brief: Brief, output: Mapping[str, Any]) -> SocialDraft:
    """A checked social draft; Invalid with every problem."""
    posts = tuple(_post_of(each) for each in _listed(output, "posts"))
    draft = SocialDraft(posts)
    _refuse(problems(draft, brief))
    return draft


def email(brief: Brief, output: Mapping[str, Any]) -> EmailDraft:
    """A checked e-mail draft; Invalid with every problem."""
    draft = EmailDraft(tuple(_built(EmailVariant, each) for each in _listed(output, "variants")))
    _refuse(problems(draft, brief))
    return draft


def problems(draft: Draft, brief: Brief) -> tuple[str, ...]:
    """Everything in which a draft is not what the brief asked for, in words a writer can act on."""
    if found := tuple(itertools.islice(misfits(draft), _MOST_PROBLEMS)):
        return found
    checks: tuple[Callable[[Any, Brief], Iterator[str]], ...]
    checks = BLOG_CHECKS if isinstance(draft, BlogDraft) else SOCIAL_CHECKS
    checks = EMAIL_CHECKS if isinstance(draft, EmailDraft) else checks
    told = (text for check in checks for text in check(draft, brief))
    every = itertools.chain(unclean_text(asdict(draft)), lengths(draft), told, told_to_handlers(draft, brief))
    return tuple(itertools.islice(every, _MOST_PROBLEMS))


def unclean_text(value: Any, where: str = "the answer") -> Iterator[str]:
    """Control characters, wherever they stand in a nested answer."""
    if isinstance(value, str):
        if _CONTROL.search(value):
            yield f"{where} holds a control character; leave it out"
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from unclean_text(part, name)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from unclean_text(part, where)


def misfits(draft: Draft) -> Iterator[str]:
    """Fields of another kind than the draft's own declaration says; nothing else can be asked of such a draft."""
    for where, field, value in _fields(draft):
        if field.type == "str":
            if not isinstance(value, str):
                yield f"{where}: {field.name} must be text"
        elif not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
            yield f"{where}: {field.name} must be a list of texts"


def lengths(draft: Draft) -> Iterator[str]:
    """Texts shorter or longer than the draft's own declaration says."""
    for where, field, value in _fields(draft):
        if "max_length" not in field.metadata:
            continue
        least, most = field.metadata.get("min_length", 1), field.metadata["max_length"]
        length = len(value.strip())
        if length == 0:
            yield f"{where}: {field.name} is empty"
        elif not least <= length <= most:
            yield f"{where}: {field.name} has {length} characters, {least} to {most} are wanted"


def told_to_handlers(draft: Draft, brief: Brief) -> Iterator[str]:
    """Fields of a text written again that tell whoever handles it to let it through."""
    for where, field, value in _fields(draft) if brief.rewriting is not None else ():
        if isinstance(value, str) and orders.is_order_to_handler(value):
            yield f"{where}: {field.name} tells whoever handles the text what to do with it; write for readers only"


def _fields(draft: Draft) -> Iterator[tuple[str, Field[Any], Any]]:
    variants: list[tuple[str, Variant]]
    if isinstance(draft, SocialDraft):
        variants = [(f"{post.platform} {each.label}", each) for post in draft.posts for each in post.variants]
    else:
        variants = [(f"variant {each.label}", each) for each in draft.variants]
    for where, variant in variants:
        for field in fields(variant):
            yield where, field, getattr(variant, field.name)


def _post_of(given: Any) -> SocialPost:
    if not isinstance(given, Mapping) or given.get("platform") not in PLATFORM_LENGTHS:
        raise errors.Invalid("a post names no platform that is known", "invalid_output")
    return SocialPost(given["platform"], tuple(_built(SocialVariant, each) for each in _listed(given, "variants")))


def _built(kind: type, given: Any) -> Any:
    if not isinstance(given, Mapping):
        raise errors.Invalid(f"expected an object for {kind.__name__}", "invalid_output")
    names = [field.name for field in fields(kind)]
    missing = [name for name in names if name not in given]
    if missing:
        raise errors.Invalid(f"{kind.__name__} lacks {', '.join(missing)}", "invalid_output")
    return kind(**{name: tuple(given[name]) if isinstance(given[name], list) else given[name] for name in names})


def _listed(given: Mapping[str, Any], name: str) -> list[Any]:
    found = given.get(name)
    if not isinstance(found, list | tuple):
        raise errors.Invalid(f"expected a list of {name}", "invalid_output")
    return list(found)


def _refuse(found: Sequence[str]) -> None:
    if found:
        raise errors.Invalid("; ".join(found), "invalid_output")


def blog_labels(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    yield from _labels([v.label for v in draft.variants], brief, "variants")


def blog_fields(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    for variant in draft.variants:
        yield from _sources(variant, brief, f"variant {variant.label}")


def blog_difference(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    yield from _too_similar([(v.label, v.body) for v in draft.variants], "bodies")


def blog_renewal(draft: BlogDraft, brief: Brief) -> Iterator[str]:
    for variant in draft.variants:
        yield from not_renewed(variant.body, brief, f"variant {variant.label}: body")


def social_renewal(draft: SocialDraft, brief: Brief) -> Iterator[str]:
    for post in draft.posts:
        for variant in post.variants:
            yield from not_renewed(variant.text, brief, f"{post.platform} {variant.label}: text", post.platform)


def not_renewed(text: str, brief: Brief, where: str, platform: str = "") -> Iterator[str]:
    """Says that a text is too alike to one it replaces, for any medium."""
    similarity = likeness.to_replaced(text, brief, platform)
    if similarity >= MOST_SIMILAR:
        yield (
            f"{where} is too alike to a text it replaces ({similarity:.2f}, allowed is under {MOST_SIMILAR}); "
            "write it anew from other facts, with another angle and in another order"
        )


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


def email_labels(draft: EmailDraft, brief: Brief) -> Iterator[str]:
    yield from _labels([v.label for v in draft.variants], brief, "variants")


def email_fields(draft: EmailDraft, brief: Brief) -> Iterator[str]:
    """A line break in a subject would begin another header of the message."""
    for variant in draft.variants:
        where = f"variant {variant.label}"
        for name in ("subject", "preheader", "cta"):
            if not is_one_line(getattr(variant, name)):
                yield f"{where}: {name} must be one line, without line breaks, tabs and control characters"
        if is_reply(variant.subject):
            yield f"{where}: subject pretends to answer or forward; leave Re: and Fwd: out"
        if _said(variant.subject) == _said(variant.preheader):
            yield f"{where}: preheader repeats the subject; let it say what else is inside"
        if _ADDRESS.search(variant.cta):
            yield f"{where}: cta holds an address; say only what to do, the link is added later"
        yield from _sources(variant, brief, where)


def email_difference(draft: EmailDraft, brief: Brief) -> Iterator[str]:
    yield from _too_similar([(v.label, v.body) for v in draft.variants], "bodies")
    for one, other in itertools.combinations(draft.variants, 2):
        if _said(one.subject) == _said(other.subject):
            yield f"subjects of {one.label} and {other.label} are the same; lead one of them with something else"


def email_renewal(draft: EmailDraft, brief: Brief) -> Iterator[str]:
    for variant in draft.variants:
        yield from not_renewed(variant.body, brief, f"variant {variant.label}")


BLOG_CHECKS = (blog_labels, blog_fields, blog_difference, blog_renewal)
SOCIAL_CHECKS = (social_platforms, social_posts, social_renewal)
EMAIL_CHECKS = (email_labels, email_fields, email_difference, email_renewal)


def _post(post: SocialPost, variant: SocialVariant, brief: Brief) -> Iterator[str]:
    where = f"{post.platform} {variant.label}"
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


def _sources(variant: Variant, brief: Brief, where: str) -> Iterator[str]:
    known = {source.note_id for source in brief.sources}
    if not variant.source_note_ids:
        yield f"{where}: source_note_ids is empty; name the notes the text draws on"
    for note_id in dict.fromkeys(variant.source_note_ids):
        if note_id not in known:
            yield f"{where}: {note_id[:60]!r} is not the id of a note that was given"


def is_one_line(text: str) -> bool:
    """Whether a text can be a header of a message: no break of any kind, no tab, no control character."""
    return _NOT_ONE_LINE.search(text) is None


def is_reply(subject: str) -> bool:
    """Whether a subject pretends that somebody wrote before."""
    return _REPLY.match(subject) is not None


def _said(line: str) -> list[str]:
    """What two lines have in common when only case, marks and spaces differ."""
    return prose.words(line) or line.split()


def _too_similar(texts: Sequence[tuple[str, str]], where: str) -> Iterator[str]:
    for (label, text), (other_label, other) in itertools.combinations(texts, 2):
        similarity = prose.shingle_similarity(text, other)
        if similarity >= MOST_SIMILAR:
            yield (
                f"{where} of {label} and {other_label} are too alike "
                f"({similarity:.2f}, allowed is under {MOST_SIMILAR}); "
                "write one of them anew with another angle, lead and structure"
            )
