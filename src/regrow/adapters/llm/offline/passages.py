"""Notes taken apart into passages: the smallest runs of sentences that may be quoted without misleading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from regrow.adapters.llm.offline import fragments, speech
from regrow.domain import prose
from regrow.domain.writing import Source

NOTE_CHARACTERS = 60_000
PASSAGES = 400
_LONGEST_SENTENCE = 60
_MOST_SENTENCES, _MOST_WORDS = 6, 140
_CLAIM_REACH = 3
_ENDS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f", '."', '!"', '?"', ".\u201d", ".)", "!\u201d", "?\u201d")


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring sentences of one note, word for word. `shortest` is how many of them must stay together."""

    source: int
    block: int
    place: int
    sentences: tuple[str, ...]
    shortest: int = 1
    heading: str = ""
    is_list: bool = False
    is_opening: bool = False
    is_last: bool = False
    names_notes: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    def first(self, count: int) -> str:
        """The leading sentences, never fewer than belong together."""
        return " ".join(self.sentences[: max(count, self.shortest)])


def passages(sources: Sequence[Source]) -> tuple[Passage, ...]:
    """Passages of all notes in order, at most PASSAGES shared evenly; sentences said twice count once."""
    share = max(12, PASSAGES // max(1, len(sources)))
    said: set[str] = set()
    found: list[Passage] = []
    for number, source in enumerate(sources):
        fresh = 0
        for passage in _of_note(number, source.text):
            if fresh >= share or len(found) >= 2 * PASSAGES:
                break
            if passage.sentences[0] not in said:
                said.update(passage.sentences)
                found.append(passage)
                fresh += 1
        if fresh:
            found[-1] = replace(found[-1], is_last=True)
    return tuple(found)


def _of_note(number: int, text: str) -> Iterator[Passage]:
    links = speech.link_names(text[:NOTE_CHARACTERS])
    open_groups: list[_Group] = []
    heading, place = "", 0
    for index, block in enumerate((*prose.blocks(text[:NOTE_CHARACTERS]), prose.Block("heading", ""))):
        if block.kind == "heading":
            for group in open_groups:
                if (passage := group.passage(number, place, heading)) is not None:
                    names_notes = any(name in passage.text for name in links)
                    yield replace(passage, is_opening=place == 0, names_notes=names_notes)
                    place += 1
            open_groups, heading = [], block.text
        elif speech.is_order_to_model(block.text):
            open_groups.append(_Group(index, [], is_closed=True))
        elif block.kind == "item" and not block.is_task:
            _add_item(open_groups, block.text, index)
        elif block.kind == "paragraph":
            _add_sentences(open_groups, prose.sentences(block.text), index)
        else:
            open_groups.append(_Group(index, [], is_closed=True))


@dataclass(slots=True)
class _Group:
    """Sentences that must be judged together; a closed one takes no more."""

    block: int
    sentences: list[str]
    shortest: int = 1
    is_list: bool = False
    is_closed: bool = False
    is_dropped: bool = False

    def passage(self, source: int, place: int, heading: str) -> Passage | None:
        kept = self.sentences
        leaning = next((n for n, sentence in enumerate(kept) if speech.leans_on_notes(sentence)), len(kept))
        kept = kept[: max(leaning, self.shortest if leaning else 0)]
        while self.shortest < len(kept) and (len(kept) > _MOST_SENTENCES or _length(kept) > _MOST_WORDS):
            kept = kept[:-1]
        is_too_long = not self.is_list and (len(kept) > _MOST_SENTENCES or _length(kept) > _MOST_WORDS)
        if self.is_dropped or not kept or is_too_long or kept[-1].endswith(":"):
            return None
        if not self.is_list and any(sentence.endswith(":") for sentence in kept):
            return None
        return Passage(source, self.block, place, tuple(kept), self.shortest, heading, self.is_list)


def _length(sentences: Sequence[str]) -> int:
    return sum(sentence.count(" ") + 1 for sentence in sentences)


def _add_item(groups: list[_Group], text: str, block: int) -> None:
    last = groups[-1] if groups else None
    is_introduced = (
        last is not None and not last.is_closed and bool(last.sentences) and last.sentences[-1].endswith(":")
    )
    opens_another = text.endswith(":")
    if last is not None and last.is_closed and len(groups) > 1 and groups[-2].is_list:
        groups[-2].is_dropped = True
    if last is not None and (last.is_list or is_introduced) and not opens_another:
        last.is_list = True
        last.sentences.append(text)
        last.shortest = len(last.sentences)
        is_wordy = len(text) > 240 or len(last.sentences) > 9
        last.is_dropped = last.is_dropped or is_wordy or not speech.is_fit(text)
        return
    _add_sentences(groups, prose.sentences(text), block)


def _add_sentences(groups: list[_Group], sentences: Sequence[str], block: int) -> None:
    start = len(groups)
    for sentence in sentences:
        last = groups[-1] if groups and not groups[-1].is_list else None
        after_claim = last is not None and any(speech.numbers(said) for said in last.sentences[-_CLAIM_REACH:])
        is_caveat = last is not None and speech.is_caveat(sentence, after_claim)
        if not _is_usable(sentence):
            _close(groups, block, is_caveat)
        elif is_caveat or speech.is_dependent(sentence):
            _lean(groups, sentence, is_caveat, start)
        elif _is_announcement(groups[start:]):
            last = groups[-1]
            last.sentences.append(sentence)
            last.shortest = len(last.sentences)
        else:
            groups.append(_Group(block, [sentence]))


def _is_announcement(groups: Sequence[_Group]) -> bool:
    """Whether a paragraph has said no more than a few opening words, such as `Plain subjects work best.`"""
    return len(groups) == 1 and not groups[0].is_closed and groups[0].shortest == 1 and _length(groups[0].sentences) < 9


def _close(groups: list[_Group], block: int, is_caveat: bool) -> None:
    """After a sentence that cannot be quoted: a claim whose caveat it was goes too."""
    if is_caveat and groups:
        groups[-1].is_dropped = True
    groups.append(_Group(block, [], is_closed=True))


def _lean(groups: list[_Group], sentence: str, is_caveat: bool, start: int) -> None:
    """Joins a sentence to the one it leans on; a caveat reaches back to the number claimed before it."""
    if not groups or groups[-1].is_closed or groups[-1].is_list:
        return
    reach = groups[max(start, len(groups) - _CLAIM_REACH) :]
    claims = [group for group in reach if any(speech.numbers(said) for said in group.sentences)]
    is_open = all(not group.is_closed and not group.is_list for group in reach)
    if is_caveat and claims and is_open:
        first = _with_setup(groups, groups.index(claims[0]), start)
        merged = [said for group in groups[first:] for said in group.sentences]
        groups[first].sentences = merged
        groups[first].is_dropped = any(group.is_dropped for group in groups[first:])
        del groups[first + 1 :]
    groups[-1].sentences.append(sentence)
    if is_caveat:
        groups[-1].shortest = len(groups[-1].sentences)


def _with_setup(groups: Sequence[_Group], first: int, start: int) -> int:
    """A figure with a caveat keeps the sentence before it too, which says what was counted, when both are short."""
    if first <= start or groups[first - 1].is_closed or groups[first - 1].is_list:
        return first
    is_short = _length(groups[first - 1].sentences) + _length(groups[first].sentences) <= 60
    return first - 1 if is_short else first


def _is_usable(sentence: str) -> bool:
    if len(sentence) > 420 or (" " in sentence and sentence.count(" ") >= _LONGEST_SENTENCE):
        return False
    if sentence.endswith(":"):
        return speech.is_fit(sentence)
    letter = next((sign for sign in sentence if sign.isalnum()), "")
    if not letter or letter.islower() or not sentence.endswith(_ENDS):
        return False
    return len(sentence) >= 12 and speech.is_fit(sentence) and not fragments.is_definition(sentence)
