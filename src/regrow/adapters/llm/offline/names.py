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
    "references sources links related home main draft details more open questions tags metadata see also".split()
)
_HOUSEKEEPING = frozenset(
    "private draft todo note notes inbox daily publish moc wip seed template archive public".split()
)
_TAG = re.compile(r"(?<![\w&/#\\(\[])#([^\W\d_][\w-]{2,30})(?![\w/-])")
_LONGEST_NAME = 80


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


def says_something(name: str) -> bool:
    """Whether a heading tells what stands below it."""
    found = [word for word in prose.words(name) if not word.isdigit()]
    return any(word not in _NOTHING_SAYING and len(word) > 1 for word in found) and not speech.is_order_to_model(name)


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
    """Up to `most` tags without the sign: the topic, tags the notes share, then titles of the notes drawn on."""
    language = brief.voice.language
    said = Counter(tag for source in brief.sources for tag in set(_TAG.findall(source.text[:60_000])))
    shared = [tag for tag, count in sorted(said.items(), key=lambda item: (-item[1], item[0])) if count > 1]
    tags = [tag for tag in shared if tag.lower() not in _HOUSEKEEPING]
    titles = [brief.sources[number].title for number in note_numbers]
    topic = re.split(r"[:\u2013\u2014|]", brief.topic_title)[0]
    candidates = [_camel(topic, language), *(_camel(title, language) for title in titles), *(map(_single, tags))]
    candidates[1:1] = [_camel(run, language) for run in _runs(topic, language)]
    kept: list[str] = []
    for tag in candidates:
        if _is_tag(tag) and all(
            tag.lower() not in other.lower() and other.lower() not in tag.lower() for other in kept
        ):
            kept.append(tag)
    return kept[:most]


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
    """`the cold retard` to `ColdRetard`; empty when more than three words carry it."""
    stop = prose.stopwords(language) | prose.stopwords("en")
    parts = [part for part in re.findall(r"[^\W_]+(?:'[^\W_]+)?", neat(name).replace("\u2019", "'"))]
    bearing = [part.replace("'", "") for part in parts if part.lower() not in stop and len(part) > 1]
    if not 1 <= len(bearing) <= 3 or bearing[0][0].isdigit():
        return ""
    return "".join(part[:1].upper() + part[1:] for part in bearing)
