"""From counts to decisions: one for each live arm, with everything that is needed to say why."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from regrow.domain.experiments import closure, grid, guardrails, means, needed, proportions, sample_ratio, slots, words
from regrow.domain.experiments.facts import ArmDecision, Batches, ExperimentFacts, Reached, Verdict
from regrow.domain.experiments.grid import Floats
from regrow.domain.experiments.guardrails import Look
from regrow.domain.experiments.ratios import Ratio, ratio
from regrow.domain.experiments.sample_ratio import SampleRatio

DECIDES_AT = 0.95
METHODS = {
    ("randomised", "proportion"): "stratified conditional e-process",
    ("randomised", "mean"): "stratified asymptotic confidence sequence",
    ("randomised_slots", "proportion"): "coin-flipped slot pairs",
    ("observational", "proportion"): "compared with what is usual, not randomised",
    ("observational", "mean"): "compared with what is usual, not randomised",
    ("randomised_slots", "mean"): "coin-flipped slot pairs",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Confidence that each arm loses, that each wins, and the state that `needed` is told from."""

    losing: Floats
    winning: Floats
    state: Floats | None


def decide(facts: ExperimentFacts) -> tuple[ArmDecision, ...]:
    """Decisions about every live arm, in the order of the arms; none when fewer than two arms were ever there."""
    live = [place for place, arm in enumerate(facts.arms) if arm.is_live]
    if len(facts.arms) < 2 or not live:
        return ()
    srm = _sample_ratio(facts)
    everyone = list(range(len(facts.arms)))
    among = sorted({*live, *([facts.control] if facts.control is not None else [])})
    lost = _evidence(facts, among) if len(among) > 1 else None
    won = _evidence(facts, everyone)
    found = []
    for place in live:
        losing = float(lost.losing[among.index(place)]) if lost is not None else 0.0
        told = Reached(losing, float(won.winning[place]))
        found.append(_decided(facts, place, _others(facts, place, live), told, lost, among, srm))
    judged = zip(live, _one_winner(found), strict=True)
    return tuple(replace(made, reason=words.reason(facts, made, _others(facts, place, live))) for place, made in judged)


def _sample_ratio(facts: ExperimentFacts) -> SampleRatio:
    """Units by stretches of unchanged shares."""
    if facts.evidence != "randomised" or not facts.batches.at.size:
        return SampleRatio(1.0, False)
    shares, place = np.unique(facts.batches.shares, axis=0, return_inverse=True)
    counts = np.zeros(shares.shape)
    np.add.at(counts, place.reshape(-1), facts.batches.exposures)
    return sample_ratio.judged(counts, shares)


def _others(facts: ExperimentFacts, place: int, live: list[int]) -> tuple[int, ...]:
    """What an arm is held against: the control, else the rest of the live ones, else all others."""
    control = facts.control
    if control is not None and control != place:
        return (control,)
    rest = tuple(other for other in live if other != place)
    return rest or tuple(other for other in range(len(facts.arms)) if other != place)


def _evidence(facts: ExperimentFacts, arms: list[int]) -> Evidence:
    control = arms.index(facts.control) if facts.control in arms else None
    batches = facts.batches.of(arms)
    state = None
    if not batches.at.size or facts.evidence == "observational":
        return Evidence(np.zeros(len(arms)), np.zeros(len(arms)), None)
    if facts.evidence == "randomised_slots":
        path = _slot_path(batches)
    elif facts.kind == "mean":
        path = means.path(_sums(batches))
    else:
        path = proportions.path(batches.exposures, batches.conversions, facts.dispersion)
        state = proportions.states(batches.exposures, batches.conversions)
    return Evidence(closure.losing(path, control)[-1], closure.winning(path, control)[-1], state)


def _sums(batches: Batches) -> means.Sums:
    squares = np.zeros_like(batches.exposures) if batches.squares is None else batches.squares
    return means.sums(batches.exposures, batches.conversions, squares)


def _slot_path(batches: Batches) -> Floats:
    """Each batch is one pair of slots of each two arms, compared by the log of their rates."""
    arms = batches.exposures.shape[1]
    rates = np.log((batches.conversions + 0.5) / (batches.exposures + 1))
    path = np.zeros((len(rates), arms, arms))
    for i in range(arms):
        for j in range(arms):
            both = (batches.exposures[:, i] > 0) & (batches.exposures[:, j] > 0)
            if i != j:
                path[:, i, j] = slots.path(np.where(both, rates[:, i] - rates[:, j], 0.0))
    return path


def _decided(
    facts: ExperimentFacts,
    place: int,
    others: tuple[int, ...],
    told: Reached,
    lost: Evidence | None,
    among: list[int],
    srm: SampleRatio,
) -> ArmDecision:
    arm, batches = facts.arms[place], facts.batches
    before = facts.reached.get(arm.variant_id, Reached())
    reached = Reached(max(told.loser, before.loser), max(told.winner, before.winner))
    seen = _ratio(facts, place, others)
    sign = float(np.sign(seen.delta))
    confidence = reached.loser if sign < 0 else reached.winner if sign > 0 else 0.0
    held = guardrails.failed(Look(facts, place, others, sign))
    return ArmDecision(
        variant_id=arm.variant_id,
        label=arm.label,
        decision=_verdict(facts, confidence, sign, held, srm),
        confidence=confidence,
        delta=seen.delta,
        delta_low=_finite(seen.low),
        delta_high=_finite(seen.high),
        delta_shrunk=seen.shrunk,
        n=int(batches.exposures[:, place].sum()),
        conversions=float(batches.conversions[:, place].sum()),
        needed=_needed(facts, place, lost, among, sign),
        srm=srm,
        evidence=facts.evidence,
        method=METHODS[facts.evidence, facts.kind],
        held_back_by=held,
        reached=reached,
    )


def _verdict(
    facts: ExperimentFacts, confidence: float, sign: float, held: tuple[str, ...], srm: SampleRatio
) -> Verdict:
    if srm.is_flagged:
        return "invalid"
    may_decide = facts.evidence != "observational" and not held and confidence >= DECIDES_AT
    is_over = facts.now - facts.started_at > facts.maximum_seconds
    if may_decide and not is_over:
        return "terminate" if sign < 0 else "promote"
    return "inconclusive" if is_over else "continue"


def _ratio(facts: ExperimentFacts, place: int, others: tuple[int, ...]) -> Ratio:
    batches, rest = facts.batches, list(others)
    if not batches.at.size:
        return Ratio(0.0, -1.0, math.inf, 0.0)
    if facts.kind == "mean":
        return _mean_ratio(batches, place, rest)
    own, held = batches.conversions[:, place], batches.conversions[:, rest].sum(axis=1)
    seen = ratio(own, batches.exposures[:, place], held, batches.exposures[:, rest].sum(axis=1), facts.dispersion)
    return replace(seen, delta=min(seen.delta, grid.MOST_DELTA))


def _mean_ratio(batches: Batches, place: int, rest: list[int]) -> Ratio:
    """The absolute difference over the reference's mean; the arms held against are taken as one."""
    told = _sums(batches)
    both = means.sums(*(np.stack([each[:, place], each[:, rest].sum(axis=1)], axis=1) for each in _columns(told)))
    seen = means.difference(both, 0, 1)
    if seen.reference_mean <= 0:
        return Ratio(0.0, -1.0, math.inf, 0.0)
    low, high = seen.low / seen.reference_mean, seen.high / seen.reference_mean
    delta = seen.absolute / seen.reference_mean
    width = (high - low) / 2
    shrunk = delta * grid.TAU**2 / (grid.TAU**2 + (width / 2) ** 2) if math.isfinite(width) else 0.0
    return Ratio(delta, low, high, shrunk)


def _columns(told: means.Sums) -> tuple[Floats, Floats, Floats]:
    return told.n, told.total, told.squares


def _needed(facts: ExperimentFacts, place: int, evidence: Evidence | None, among: list[int], sign: float) -> int | None:
    if evidence is None or evidence.state is None or sign == 0:
        return None
    control = among.index(facts.control) if facts.control in among else None
    conversions = float(facts.batches.conversions[:, among].sum())
    find = needed.to_lose if sign < 0 else needed.to_win
    return find(evidence.state, conversions, among.index(place), control, facts.dispersion)


def _one_winner(found: list[ArmDecision]) -> list[ArmDecision]:
    """Two arms are never promoted at once: the one with more confidence is, the other goes on."""
    winners = sorted((each for each in found if each.decision == "promote"), key=lambda each: -each.confidence)
    second = {each.variant_id for each in winners[1:]}
    return [replace(each, decision="continue") if each.variant_id in second else each for each in found]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
