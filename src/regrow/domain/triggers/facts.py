"""The facts of an analysis: computed when a trigger fires, kept as plain JSON, and told in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regrow.domain.triggers import counting
from regrow.domain.triggers.conditions import Condition
from regrow.domain.triggers.counting import Seen, Usual

HOUR, DAY = 3_600.0, 86_400.0
LEAST_DAYS = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """`seen` are all live variants, `triggered` the labels that met the condition; `usual` is by metric, of `others`
    posts of the same medium and platforms; `labels` get a new text, that of `winner` never does.
    """

    condition: Condition
    triggered: tuple[str, ...]
    seen: tuple[Seen, ...]
    usual: Mapping[str, Usual]
    others: int
    medium: str
    platforms: tuple[str, ...]
    labels: tuple[str, ...]
    winner: str = ""

    @property
    def first(self) -> Seen:
        """The variant that the analysis is about: the first that met the condition."""
        return next(each for each in self.seen if each.label == self.triggered[0])

    @property
    def other(self) -> Seen | None:
        """The one it is compared with: the best of the others by the metric, of those that were told it."""
        rest = [each for each in self.seen if each is not self.first and self.metric in each.metrics]
        return max(rest, key=lambda each: (each.metrics[self.metric], each.label), default=None)

    @property
    def metric(self) -> str:
        return self.condition.metric


def as_json(facts: Facts) -> dict[str, Any]:
    return asdict(facts)


def from_json(stored: Mapping[str, Any]) -> Facts:
    lists = {name: tuple(stored[name]) for name in ("triggered", "platforms", "labels")}
    seen = tuple(Seen(**{**each, "posts": tuple(each["posts"])}) for each in stored["seen"])
    usual = {name: Usual(**each) for name, each in stored["usual"].items()}
    return Facts(**{**stored, **lists, "condition": Condition(**stored["condition"]), "seen": seen, "usual": usual})


def sentences(facts: Facts) -> tuple[str, ...]:
    """Everything that is known, each fact a sentence; an analysis may name these numbers and no others."""
    return (
        f"The condition was {facts.condition.told}. It was met by {' and '.join(facts.triggered)}.",
        *(_of_variant(each) for each in facts.seen),
        *_apart(facts),
        *_usual(facts),
        *([f"{facts.winner} was declared the winner of a test and stays as it is."] if facts.winner else []),
    )


def _of_variant(seen: Seen) -> str:
    told = ", ".join(f"{name} {_with_unit(name, value)}" for name, value in seen.metrics.items())
    posts = f"{len(seen.posts)} {'post' if len(seen.posts) == 1 else 'posts'}"
    return f"{seen.label}: {told or 'no totals yet'}; {posts}, out for {span(seen.out_seconds)}."


def _apart(facts: Facts) -> Iterator[str]:
    other = facts.other
    for name in dict.fromkeys((facts.metric, counting.RATE)):
        if other is None or name not in facts.first.metrics or name not in other.metrics:
            continue
        ours, theirs = facts.first.metrics[name], other.metrics[name]
        yield f"By {name} {facts.first.label} is {held_against(ours, theirs)} {other.label}; nobody drew lots for it."


def _usual(facts: Facts) -> Iterator[str]:
    kind = " on ".join((facts.medium, *([" and ".join(facts.platforms)] if facts.platforms else [])))
    for name, value in facts.first.metrics.items():
        if name in facts.usual:
            usual = facts.usual[name]
            yield (
                f"Usual here ({kind}) is {name} {_with_unit(name, usual.median)}, the median of {usual.posts} posts; "
                f"{facts.first.label} is {held_against(value, usual.median)} that."
            )
    if facts.metric not in facts.usual:
        yield (
            f"What is usual here ({kind}) for {facts.metric} is not known: of other posts with totals there are "
            f"{facts.others}, and {counting.LEAST_USUAL} that tell it are needed."
        )


def _with_unit(name: str, value: float) -> str:
    return counting.shown(value) + (" percent" if name == counting.RATE else "")


def held_against(ours: float, theirs: float) -> str:
    """How far one number is from another, in words that go on with the other."""
    if ours == theirs:
        return "level with"
    if not theirs:
        return "above"
    percent = counting.shown(round(abs(ours / theirs - 1) * 100))
    return f"{percent} percent {'below' if ours < theirs else 'above'}"


def span(seconds: float) -> str:
    """A time as people say it: hours at first, then days."""
    if seconds < LEAST_DAYS * DAY:
        hours = int(max(seconds, 0) // HOUR)
        return f"{hours} {'hour' if hours == 1 else 'hours'}"
    return f"{int(seconds // DAY)} days"
