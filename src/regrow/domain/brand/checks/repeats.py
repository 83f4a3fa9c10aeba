"""A text that says the same twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from regrow.domain import prose
from regrow.domain.brand.findings import Finding
from regrow.domain.brand.seen import Passage, Seen, Span

FEWEST_WORDS = 5
RUN = 6
MOST_TIMES = 2
"""A sentence or a phrase that stands a third time is no slip any more."""


def repetition(seen: Seen) -> Iterator[Finding]:
    """Sentences that stand in the same field before, and phrases of six words that stand three times."""
    for passage in seen.prosaic:
        again = list(_sentences_again(passage))
        for times, span in again:
            how = "this sentence stands in the text before: take it out here"
            yield passage.finding("repetition", "major" if times > MOST_TIMES else "minor", *span, how)
        if not again:
            yield from _phrases(passage, seen.facts.language)


def _sentences_again(passage: Passage) -> Iterator[tuple[int, Span]]:
    times: Counter[tuple[str, ...]] = Counter()
    for span in passage.sentences:
        words = tuple(word.text for word in passage.words_in(span))
        if len(words) >= FEWEST_WORDS and len("".join(words)) > 2 * FEWEST_WORDS:
            times[words] += 1
            if times[words] > 1:
                yield times[words], span


def _phrases(passage: Passage, language: str) -> Iterator[Finding]:
    """The third place of each phrase; phrases of stopwords alone are grammar."""
    words = [word.text for word in passage.words]
    times: Counter[tuple[str, ...]] = Counter()
    ended = 0
    for place, run in enumerate(zip(*(words[offset:] for offset in range(RUN)), strict=False)):
        times[run] += 1
        if times[run] == MOST_TIMES + 1 and place >= ended and _says_something(run, language):
            start, end = passage.words[place].start, passage.words[place + RUN - 1].end
            how = "this phrase stands for the third time: say it once, or in other words"
            yield passage.finding("repetition", "minor", *passage.folded.span(start, end), how)
            ended = place + RUN


def _says_something(run: tuple[str, ...], language: str) -> bool:
    stopwords = prose.stopwords(language)
    named = {word for word in run if word not in stopwords and not word.isdigit()}
    return len(named) > 1 and sum(map(len, named)) > RUN
