"""Arms that nobody drew lots for: a hint about each from its posts, or its counts as they were told."""

from __future__ import annotations

from collections.abc import Sequence

from regrow.domain.experiments import grid, observing, reading, words
from regrow.domain.experiments.facts import ArmDecision, ExperimentFacts, Reached
from regrow.domain.experiments.observing import MOST_CONFIDENCE, Comparison, Posts
from regrow.domain.experiments.sample_ratio import SampleRatio

NOT_COMPARED = "counts as told, compared with no baseline"
BY_COUNTS = "These are counts as they were told: nothing was compared with what this account usually gets."


def hint(facts: ExperimentFacts, place: int, others: tuple[int, ...]) -> ArmDecision:
    """About one live arm. Nothing ever comes of it by itself.

    What was reached while readers were still assigned at random is kept, and told no higher than a hint may be.
    """
    posts = facts.posts or Posts(is_told=False)
    held = tuple(other for other in others if facts.arms[other].variant_id in posts.arms)
    own = posts.arms.get(facts.arms[place].variant_id, ())
    if not own or not held:
        return _as_counted(facts, place, others)
    reference = [post for other in held for post in posts.arms[facts.arms[other].variant_id]]
    found = observing.compared(posts.history, own, reference)
    said = f"{_seen(facts, place, held, found)} {_means(posts, found)} {words.NOT_RANDOMISED}"
    counts = sum(post.reach for post in own), sum(post.conversions for post in own)
    method = NOT_COMPARED if found.lack else f"posts at {posts.age_hours:.0f} hours against the account's baseline"
    return _made(facts, place, found, counts, method, said)


def _as_counted(facts: ExperimentFacts, place: int, others: tuple[int, ...]) -> ArmDecision:
    n, x = _totals(facts, (place,))
    held_n, held_x = _totals(facts, others)
    arm, delta = facts.arms[place], 0.0
    if n and held_n and (x or held_x):
        delta = min(x / n / (held_x / held_n) - 1, grid.MOST_DELTA) if held_x else grid.MOST_DELTA
    told = f"{arm.label} was not shown to anybody yet."
    if n:
        rate = f"{x / n:.2f} of {words.metric(facts)} each" if facts.kind == "mean" else f"{x:,.0f}, or {x / n:.2%}"
        told = f"{arm.label} has {rate} in {n:,.0f} times seen, {delta:+.1%} against {words.against(facts, others)}."
    said = f"{told} {_why_not(facts, place, others)} {words.NOT_RANDOMISED}"
    return _made(facts, place, Comparison(0.0, delta, 0.0, 0), (n, x), NOT_COMPARED, said)


def _totals(facts: ExperimentFacts, places: tuple[int, ...]) -> tuple[float, float]:
    columns = list(places)
    return float(facts.batches.exposures[:, columns].sum()), float(facts.batches.conversions[:, columns].sum())


def _made(
    facts: ExperimentFacts, place: int, found: Comparison, counts: tuple[float, float], method: str, reason: str
) -> ArmDecision:
    arm = facts.arms[place]
    before = facts.reached.get(arm.variant_id, Reached())
    lost, won = (found.confidence if is_so else 0.0 for is_so in (found.delta < 0, found.delta > 0))
    reached = Reached(max(before.loser, lost), max(before.winner, won))
    confidence = reached.loser if found.delta < 0 else reached.winner if found.delta > 0 else 0.0
    return ArmDecision(
        variant_id=arm.variant_id,
        label=arm.label,
        decision="inconclusive" if facts.is_over else "continue",
        confidence=min(confidence, MOST_CONFIDENCE),
        delta=found.delta,
        delta_low=None,
        delta_high=None,
        delta_shrunk=found.shrunk,
        n=int(counts[0]),
        conversions=counts[1],
        needed=None,
        srm=SampleRatio(1.0, False),
        evidence=facts.evidence,
        method=method,
        held_back_by=(),
        reached=reached,
        reason=reason,
    )


def _seen(facts: ExperimentFacts, place: int, held: tuple[int, ...], found: Comparison) -> str:
    posts = facts.posts or Posts()
    own = posts.arms[facts.arms[place].variant_id]
    reach, x = sum(post.reach for post in own), sum(post.conversions for post in own)
    allowed = "as counted" if found.lack else "once hour, weekday and format are allowed for"
    return (
        f"{facts.arms[place].label} has {x:,.0f} {_listed(posts.counted)} of {reach:,.0f} {posts.reach} "
        f"({x / reach:.2%}) {_posts(len(own))} {posts.age_hours:.0f} hours after coming out, "
        f"{found.delta:+.1%} against {words.against(facts, held)} {allowed}."
    )


def _means(posts: Posts, found: Comparison) -> str:
    if found.lack == "posts":
        return (
            f"Insufficient history: {found.posts} earlier posts of this account were read at that age with "
            f"{_listed(posts.counted)} and {posts.reach}, and {observing.LEAST_POSTS} are needed, so that nothing was "
            "compared with what is usual."
        )
    if found.lack:
        return (
            f"Insufficient history: none of the {found.posts} earlier posts tells what this account usually gets in "
            "such a format or at such an hour, so that nothing was compared with what is usual."
        )
    by_itself = 1 - found.confidence
    often = "in less than 10%" if found.confidence >= MOST_CONFIDENCE else f"in about {by_itself:.0%}"
    return (
        f"Going by {found.posts} earlier posts of this account, posts that are alike differ as much in this direction "
        f"{often} of cases."
    )


def _why_not(facts: ExperimentFacts, place: int, others: tuple[int, ...]) -> str:
    posts = facts.posts
    if posts is None:
        return BY_COUNTS
    if not posts.is_told:
        told = ", ".join(name.replace("_", " ") for name in reading.COUNTED)
        return f"Posts are compared by {told}, and not by {words.metric(facts)}: nothing was compared with a baseline."
    low, high = reading.span(posts.age_hours)
    is_own = facts.arms[place].variant_id in posts.arms
    whose = words.against(facts, others) if is_own else facts.arms[place].label
    return (
        f"No post of {whose} was read {low:.0f} to {high:.0f} hours after coming out with "
        f"{_listed(posts.counted)} and a reach, so that nothing was compared with what this account usually gets."
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _posts(count: int) -> str:
    return "with its post" if count == 1 else f"with its {count} posts"
