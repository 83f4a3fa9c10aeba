"""An analysis in words of a template, where no model writes one: what the numbers allow to say, and no more."""

from __future__ import annotations

from regrow.domain.triggers import counting
from regrow.domain.triggers.facts import DAY, Facts, held_against
from regrow.domain.writing import Analysis

FAR = 0.7
"""A share of what is usual below which, or above whose inverse, a number is called unusual."""
SEEN_BY = ("reach", "impressions", "views")
"""How many saw it: the first of these that is known."""


def analysis(facts: Facts) -> Analysis:
    """Chosen sentence by sentence from the facts; the same facts always give the same words."""
    return Analysis(_root_cause(facts), _comparison(facts), _strategy(facts))


def _root_cause(facts: Facts) -> str:
    label, value = facts.first.label, counting.shown(facts.first.metrics[facts.metric])
    return f"{label} stands at {facts.metric} {value}, and {facts.condition.told} was the condition. {_because(facts)}"


def _because(facts: Facts) -> str:
    audience = next((name for name in SEEN_BY if _share(facts, name) is not None), "")
    seen, rate = _share(facts, audience), _share(facts, counting.RATE)
    if facts.first.out_seconds < DAY:
        return "It has been out for less than a day, so the numbers may still be on their way."
    if seen is not None and seen < FAR:
        return f"Fewer people saw it than usual ({audience}), so its opening and its hour come before its substance."
    if rate is not None and rate < FAR:
        return "Of those who saw it fewer than usual did anything, so the text itself held too few of them."
    if rate is not None and rate > 1 / FAR:
        return "Of those who saw it more than usual did something, so the text itself holds its readers."
    if seen is not None and seen > 1 / FAR:
        return f"More people saw it than usual ({audience}), so its opening carries further than that of others."
    if seen is None and rate is None:
        return "What is usual here is not known yet, so the numbers alone do not say why."
    return "By what is known of other posts it is no exception, so the numbers alone do not say why."


def _share(facts: Facts, name: str) -> float | None:
    """A number of the variant as a share of what is usual; None where either is not known."""
    if name not in facts.usual or name not in facts.first.metrics or not facts.usual[name].median:
        return None
    return facts.first.metrics[name] / facts.usual[name].median


def _comparison(facts: Facts) -> str:
    other = facts.other
    if other is None:
        return f"There is no other live variant with {facts.metric} to hold {facts.first.label} against."
    ours, theirs = facts.first.metrics[facts.metric], other.metrics[facts.metric]
    return (
        f"By {facts.metric} {facts.first.label} is {held_against(ours, theirs)} {other.label}. Nobody drew lots for "
        "who saw which, so this is a hint and no proof."
    )


def _strategy(facts: Facts) -> str:
    labels, other = " and ".join(facts.labels), facts.other
    said = [f"Write {labels} anew from facts of the notes that the texts that are out leave aside."]
    is_behind = other is not None and other.metrics[facts.metric] > facts.first.metrics[facts.metric]
    if other is not None and is_behind:
        said.append(f"Stay closer to the way {other.label} opens than to that of {facts.first.label}.")
    elif facts.condition.comparison.startswith(">"):
        said.append(f"Keep what {facts.first.label} leads with in view, and go further from there.")
    else:
        said.append("Open with another point, and let the first sentence say what a reader gets.")
    if facts.winner:
        said.append(f"{facts.winner} won its test and stays: write what can be held against it.")
    return " ".join(said)
