"""What a topic says of itself: its title, a summary in the notes' own sentences, and why it is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice

from regrow.domain.prose import Block, blocks, sentences, shingle_similarity, words
from regrow.domain.topics.facts import Cluster, Member, NoteFacts, Reason
from regrow.domain.topics.widening import COMMON
from regrow.domain.writing import Source
from regrow.kit.redaction import shorten

SUMMED_UP = 6
"""Notes that are read for a summary."""
SENTENCES = 4
"""Most sentences of a summary; each is from another note while that makes two."""
LEADS = 1.5
"""How much standing first in a note is worth, against words shared with the other notes."""
READ = 4_000
"""Characters of each of them that are read."""
FEWEST_WORDS, MOST_WORDS = 6, 45
LONGEST_TITLE = 120
_NAMELESS = frozenset(
    "untitled index readme home inbox daily todo moc note notes new journal scratch draft unbenannt sin título".split()
)
_DANGLING = frozenset(
    "this these that those it its they he she him her them but and however so or also then therefore thus there here "
    "such both another otherwise instead das dies diese dieser er sie es aber und c'est il elle".split()
)
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_WHOLE = re.compile(r"[\"'“‘(]?[^\W_].*[.!…。！][\"'”’)]?", re.S)


def title(notes: Sequence[NoteFacts]) -> str:
    """The seed's title when it tells something, else that of the first member whose title does.

    A single word, often a name, gets a longer title from among the members beside it.
    """
    telling = [note.title for note in notes if _is_telling(note.title)]
    first = next(iter(telling), None) or _tags(notes) or notes[0].title or "Untitled topic"
    longer = next((each for each in telling if len(words(each)) > 1), None)
    if len(words(first)) == 1 and longer is not None:
        first = f"{first} and {longer}"
    return shorten(first, LONGEST_TITLE)


def summary(sources: Sequence[Source]) -> str:
    """Up to four sentences taken word for word from the first notes; where they hold none, a few of their items."""
    texts = [blocks(source.text[:READ]) for source in sources[:SENTENCES]]
    chosen = _chosen(texts)
    if len(chosen) < SENTENCES:
        texts += [blocks(source.text[:READ]) for source in sources[SENTENCES:SUMMED_UP]]
        chosen = _chosen(texts)
    if chosen:
        return " ".join(chosen)
    items = dict.fromkeys(chain.from_iterable(_items(text)[:1] for text in texts))
    return "; ".join(list(items)[:SENTENCES]) or f"Notes on {_listed([_name(source.title) for source in sources], 4)}."


def _chosen(texts: Sequence[Sequence[Block]]) -> list[str]:
    """The best sentence of each note, and a second one where only one note has any."""
    read = [_whole(text, ("paragraph",)) or _whole(text, ("item", "quote")) for text in texts]
    shared = _shared([chain.from_iterable(map(words, found)) for found in read])
    often = Counter(chain.from_iterable(set(found) for found in read))
    # What several notes say word for word is a template's or a signature, so it comes last.
    ranked = [sorted(_ranked(found, shared), key=lambda sentence: often[sentence] > 1) for found in read]
    chosen: list[str] = []
    for found in ranked:
        chosen += _new(found, chosen) if len(chosen) < SENTENCES else []
    if len(chosen) < 2:
        chosen += _new(list(chain.from_iterable(ranked)), chosen)
    return chosen


def why(cluster: Cluster) -> str:
    """Which seed, how each group of notes was reached, how many there are, and what ended the search."""
    told = [f"Grown from the note “{shorten(cluster.seed.title, 80)}”."]
    for reason in _GROUPS:
        members = [member for member in cluster.members if member.reason == reason]
        if members:
            told.append(_group(reason, members))
    return f"{' '.join(told)} {_many(len(cluster.notes))} in all: {_STOPS[cluster.stopped]}."


def by_hand(count: int) -> str:
    return f"Put together by hand from {_many(count)}."


_GROUPS: dict[Reason, str] = {
    "seed": "linked with it directly",
    "links": "linked with those",
    "tags": "with the same tags ({shared})",
    "words": "with similar words ({shared})",
}
_STOPS = {
    "full": "the search stopped at the most a topic was to hold",
    "loose": "the next best note had too little to do with these",
    "end": "no other note is linked with these",
}


def _group(reason: Reason, members: list[Member]) -> str:
    often = Counter(chain.from_iterable(member.shared for member in members))
    shared = ", ".join(sorted(often, key=lambda word: (-often[word], word))[:4])
    names = _listed([_name(member.note.title) for member in members], 5)
    return f"{_many(len(members))} {_GROUPS[reason].format(shared=shared)}: {names}."


def _name(title: str) -> str:
    return shorten(title, 60) or "an untitled note"


def _listed(names: list[str], most: int) -> str:
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _many(count: int) -> str:
    return "1 note" if count == 1 else f"{count} notes"


def _is_telling(name: str) -> bool:
    """Whether a title holds a word that is neither a number, a date, nor a placeholder."""
    found = [word for word in words(name) if len(word) > 1 and word not in COMMON and word not in _NAMELESS]
    return any(word[0].isalpha() and not re.search(r"\d{4,}", word) for word in found)


def _tags(notes: Sequence[NoteFacts]) -> str:
    often = Counter(chain.from_iterable(note.tags for note in notes))
    shared = sorted((tag for tag in often if often[tag] > 1), key=lambda tag: (-often[tag], tag))
    return ", ".join(shared[:3]).capitalize()


def _whole(text: Sequence[Block], kinds: tuple[str, ...]) -> list[str]:
    """The sentences in blocks of these kinds that stand on their own."""
    return [one for block in text if block.kind in kinds for one in sentences(block.text) if _stands_alone(one)]


def _items(text: Sequence[Block]) -> list[str]:
    """What a note says that holds no such sentence, in short pieces, without what only announces a list."""
    found = [one for block in text if block.kind in ("paragraph", "item", "quote") for one in sentences(block.text)]
    fitting = [one.rstrip(".;") for one in found if len(words(one)) <= MOST_WORDS and not one.endswith((":", ","))]
    return [one for one in fitting if len(words(one)) >= 3] or [one for one in fitting if words(one)]


def _stands_alone(sentence: str) -> bool:
    """Whether a sentence can be read without the ones before it."""
    found = words(sentence)
    if not FEWEST_WORDS <= len(found) <= MOST_WORDS or found[0] in _DANGLING or _NUMBERED.match(sentence):
        return False
    opens = next((letter for letter in sentence if letter.isalnum()), "")
    return not opens.islower() and "://" not in sentence and _WHOLE.fullmatch(sentence) is not None


def _shared(notes: Sequence[chain[str]]) -> frozenset[str]:
    """Telling words that more than one note uses."""
    often = Counter(chain.from_iterable(set(note) for note in notes))
    return frozenset(word for word, count in often.items() if count > 1 and len(word) > 2 and word not in COMMON)


def _ranked(found: list[str], shared: frozenset[str]) -> list[str]:
    """Best first: rich in words the notes share, early in its note."""

    def merit(pair: tuple[int, str]) -> tuple[float, int]:
        position, sentence = pair
        used = words(sentence)
        density = len(shared.intersection(used)) / max(len(used), 1) ** 0.5
        return (-round(density + LEADS / (1 + position), 9), position)

    return [sentence for _, sentence in sorted(enumerate(found), key=merit)]


def _new(found: list[str], chosen: list[str]) -> list[str]:
    """The first of these sentences, if any, that says something the chosen ones do not."""
    new = (one for one in found if all(shingle_similarity(one, other) < 0.4 for other in chosen))
    return list(islice(new, 1))
