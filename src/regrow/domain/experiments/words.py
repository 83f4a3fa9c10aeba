"""A decision in two plain sentences: what was seen, and what it means, does not mean, and still needs."""

from __future__ import annotations

from regrow.domain.experiments.facts import ArmDecision, ExperimentFacts

NOT_RANDOMISED = "Nobody drew lots for who saw which, so this is a hint and decides nothing by itself."


def reason(facts: ExperimentFacts, made: ArmDecision, others: tuple[int, ...]) -> str:
    """Two sentences, in the words of the person who asked for the experiment."""
    return f"{_seen(facts, made, others)} {_means(facts, made)}"


def against(facts: ExperimentFacts, others: tuple[int, ...]) -> str:
    """What an arm was held against, named."""
    labels = [facts.arms[place].label for place in others]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]} together"


def _seen(facts: ExperimentFacts, made: ArmDecision, others: tuple[int, ...]) -> str:
    if made.n == 0:
        return f"{made.label} was not shown to anybody yet."
    unit = "readers" if facts.evidence == "randomised" else "times seen"
    if facts.kind == "mean":
        told = f"{made.n:,} {unit} with {made.conversions / made.n:.2f} of {metric(facts)} each"
    else:
        told = f"{made.conversions:,.0f} of {made.n:,} {unit} ({made.conversions / made.n:.2%}) for {metric(facts)}"
    interval = ""
    if made.delta_low is not None and made.delta_high is not None:
        interval = f", surely between {made.delta_low:+.0%} and {made.delta_high:+.0%}"
    return f"{made.label} has {told}, {made.delta:+.1%} against {against(facts, others)}{interval}."


def metric(facts: ExperimentFacts) -> str:
    """What is compared, as people write it."""
    return facts.metric.replace("_", " ")


def _means(facts: ExperimentFacts, made: ArmDecision) -> str:
    if made.decision == "invalid":
        return (
            f"The split of readers is not what was intended (evidence {made.srm.e_value:,.0f} to 1), so that something "
            "between assignment and counting is broken: nothing can be read from these numbers."
        )
    if made.decision in ("terminate", "promote"):
        worse = "worse" if made.decision == "terminate" else "better"
        return (
            f"Were it not {worse}, evidence this strong would ever appear in at most {1 - made.confidence:.1%} of such "
            f"experiments however often one looks; that is no probability that it is {worse}, and the true difference "
            f"is likely nearer to {made.delta_shrunk:+.1%}."
        )
    if made.decision == "inconclusive":
        return "Its time is over without enough evidence, which says neither that they are alike nor which is better."
    return f"That is no decision yet: {_missing(facts, made)}."


def _missing(facts: ExperimentFacts, made: ArmDecision) -> str:
    if made.confidence >= 0.95:
        return "; ".join(made.held_back_by) or "another arm is decided on first"
    if facts.kind == "mean" or facts.evidence != "randomised" or made.delta == 0:
        return "more must be seen"
    if made.needed is None:
        return "at the present difference no number of readers would show one"
    return f"about {made.needed:,} conversions of all arms together would show a difference of this size"
