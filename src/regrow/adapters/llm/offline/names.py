"""Names taken from notes: headings that can be shown, phrases that recur, hashtags."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from regrow.adapters.llm.offline import speech
from regrow.domain import prose
from regrow.domain.writing import Brief

_STAMP = re.compile(r"^(?:\d{8,14}|\d{4}-\d{2}-\d{2})(?:[ _-]+|$)")
_NOTHING_SAYING = frozenset(
    "untitled index readme notes note inbox moc overview summary introduction intro conclusion misc todo daily journal "
    "references sources links related home main draft details more open questions tags metadata see also date dates "
    "version versions release changelog value values".split()
)
_HOUSEKEEPING = frozenset(
    "private draft todo note notes inbox daily publish moc wip seed template archive public".split()
)
_TAG = re.compile(r"(?<![\w&/#\\(\[])#([^\W\d_][\w-]{2,30})(?![\w/-])")
_LONGEST_NAME = 80
_FIGURE = re.compile(r"v?\d[\d.,:/-]*(?:st|nd|rd|th)?")
_CALENDAR = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep oct nov dec monday tuesday wednesday thursday friday saturday sunday week".split()
)


def neat(title: str) -> str:
    """A note's title or heading as a reader may see it: no stamps, slugs, marks or closing points; may be empty."""
    name = _STAMP.sub("", prose.readable(title.replace("\n", " ")[:400]).split("\n")[0].strip())
    if " " not in name:
        name = re.sub(r"[_-]+", " ", name.rsplit(".", 1)[-1] if name.count(".") and name.islower() else name)
    name = speech.EMOJI.sub("", name)
    name = " ".join(re.sub(r"[<>\[\]{}|\\`*#^]", " ", name).split()).strip(" .:;,-\u2013\u2014_")
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME].rsplit(" ", 1)[0]
    return name[:1].upper() + name[1:]


def stamp(title: str) -> str:
    """The date or number a title begins with, for lists of notes that have no other name; may be empty."""
    found = _STAMP.match(title)
    return found[0].strip(" _-") if found else ""


def opening(sentence: str, language: str) -> str:
    """The first words of a sentence as a heading, not ending within a phrase."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    first = " ".join(sentence.split()[:6]).split(", ")[0].split()
    while len(first) > 2 and first[-1].lower() in stop | {"about"}:
        first.pop()
    return neat(" ".join(first))


def says_something(name: str) -> bool:
    """Whether a heading tells what stands below it."""
    found = [word for word in prose.words(name) if not _FIGURE.fullmatch(word)]
    is_telling = any(word not in _NOTHING_SAYING | _CALENDAR and len(word) > 1 for word in found)
    return is_telling and not speech.is_order_to_model(name)


def recurring(texts: Iterable[str], language: str, besides: str = "") -> str:
    """The pair of words said most often (at least twice) in the texts, not holding words of `besides`; else empty."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    known = {word.rstrip("s") for word in prose.words(besides)}
    pairs: Counter[tuple[str, str]] = Counter()
    for text in texts:
        found = prose.words(text)
        pairs.update(
            (first, second)
            for first, second in pairwise(found)
            if all(_bears(word, stop) for word in (first, second))
            and not known & {first.rstrip("s"), second.rstrip("s")}
        )
    best = max(pairs.items(), key=lambda item: (item[1], item[0]), default=(("", ""), 0))
    return " ".join(best[0]) if best[1] >= 2 else ""


def _bears(word: str, stop: frozenset[str]) -> bool:
    return word not in stop and len(word) > 3 and word.isalpha() and not word.endswith(("ly", "ed"))


def hashtags(brief: Brief, note_numbers: Sequence[int], most: int) -> list[str]:
    """Up to `most` tags without the sign: names and tags of the notes drawn on, the topic, then tags notes share."""
    language = brief.voice.language
    drawn = [brief.sources[number] for number in note_numbers]
    said = Counter(tag for source in brief.sources for tag in set(_TAG.findall(source.text[:60_000])))
    shared = [tag for tag, count in sorted(said.items(), key=lambda item: (-item[1], item[0])) if count > 1]
    own = [tag for tag in shared if any(f"#{tag}" in source.text for source in drawn)]
    topic = re.split(r"[:\u2013\u2014|]", brief.topic_title)[0]
    titles = [source.title for source in drawn]
    named = [_named(name, language) for name in (*titles[:2], topic, *titles[2:])]
    first, later = [parts[0] for parts in named if parts], [tag for parts in named for tag in parts[1:]]
    candidates = [*first[:3], *_fit(own), *first[3:], *later]
    kept: list[str] = []
    for tag in (*candidates, *_fit(shared)):
        if _is_tag(tag) and all(
            tag.lower() not in other.lower() and other.lower() not in tag.lower() for other in kept
        ):
            kept.append(tag)
    return kept[:most]


def _named(name: str, language: str) -> list[str]:
    """A tag for each stretch of a name that can be one."""
    return [tag for run in _runs(neat(name), language) if (tag := _camel(run, language))]


def _fit(tags: Iterable[str]) -> list[str]:
    return [_single(tag) for tag in tags if tag.lower() not in _HOUSEKEEPING]


def _runs(name: str, language: str) -> list[str]:
    """The stretches of a name between its stopwords: `energy bills of a small bakery` has two."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    runs: list[list[str]] = [[]]
    for word in name.split():
        if word.lower().strip(".,;!?") in stop:
            runs.append([])
        else:
            runs[-1].append(word)
    return [" ".join(run) for run in runs if run]


def _is_tag(tag: str) -> bool:
    return 3 <= len(tag) <= 26 and not tag.isdigit() and tag.lower() not in _HOUSEKEEPING | _NOTHING_SAYING


def _single(tag: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[-_]", tag))


def _camel(name: str, language: str) -> str:
    """`cold retard` to `ColdRetard`; empty when it has more than three words or a stopword among them."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    parts = re.findall(r"[^\W_]+(?:'[^\W_]+)?", neat(name).replace("\u2019", "'"))
    if not 1 <= len(parts) <= 3 or parts[0][0].isdigit() or any(part.lower() in stop for part in parts):
        return ""
    return "".join(part[:1].upper() + part[1:] for part in (part.replace("'", "") for part in parts))
