"""From counts to decisions: one for each live arm, with everything that is needed to say why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from regrow.domain.experiments import (
    closure,
    grid,
    guardrails,
    hinting,
    means,
    needed,
    proportions,
    sample_ratio,
    slots,
    words,
)
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
    ("randomised_slots", "mean"): "coin-flipped slot pairs",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """log E(i worse than j) after each batch, shape (batches, k, k), and the state that `needed` is told from.

    Columns are those of all arms; the questions are asked about some of them, `among`.
    """

    path: Floats | None
    state: Floats | None

    def of(self, among: list[int]) -> Floats | None:
        return None if self.path is None else self.path[:, among][:, :, among]


@dataclass(frozen=True, slots=True)
class Standing:
    """An arm among those that are there now: what is shown of it, and whether it may be acted upon.

    Arms come and go: a loser must still be worse than somebody who is there, a winner better than all who are.
    """

    told: Reached
    is_lost: bool
    is_won: bool


def decide(facts: ExperimentFacts) -> tuple[ArmDecision, ...]:
    """Decisions about every live arm, in the order of the arms; none when fewer than two arms were ever there."""
    live = [place for place, arm in enumerate(facts.arms) if arm.is_live]
    if len(facts.arms) < 2 or not live:
        return ()
    if facts.evidence == "observational":
        return tuple(hinting.hint(facts, place, _others(facts, place, live)) for place in live)
    srm, seen = _sample_ratio(facts), _evidence(facts)
    standings = _standings(facts, seen, live)
    among = _with_control(facts, live)
    ratios = _ratios(facts, live)
    found = []
    for place in live:
        made = _decided(facts, place, standings[place], _others(facts, place, live), srm, ratios[place])
        found.append(replace(made, needed=_needed(facts, place, made, seen, among)))
    judged = zip(live, _somebody_stays(_one_winner(found)), strict=True)
    return tuple(replace(made, reason=words.reason(facts, made, _others(facts, place, live))) for place, made in judged)


def _with_control(facts: ExperimentFacts, live: list[int]) -> list[int]:
    return sorted({*live, *([facts.control] if facts.control is not None else [])})


def _standings(facts: ExperimentFacts, seen: Evidence, live: list[int]) -> dict[int, Standing]:
    """Of each live arm. When one is left, it is held against those that left, whose counts stand still."""
    losing = _confidences(facts, seen, _with_control(facts, live), closure.losing)
    rivals = live if len(live) > 1 else list(range(len(facts.arms)))
    winning = _confidences(facts, seen, rivals, closure.winning)
    best = {} if seen.path is None else {place: seen.path[:, place, :].max(axis=0) for place in live}
    found = {}
    for place in live:
        told = Reached(losing.get(place, 0.0) if len(live) > 1 else 0.0, winning.get(place, 0.0))
        others = [other for other in _with_control(facts, live) if other != place]
        is_worse = place in best and len(live) > 1 and best[place][others].max() >= math.log(closure.LOSES_AT)
        found[place] = Standing(told, told.loser >= DECIDES_AT or bool(is_worse), told.winner >= DECIDES_AT)
    return found


def _confidences(
    facts: ExperimentFacts, seen: Evidence, among: list[int], find: Callable[[Floats, int | None], Floats]
) -> dict[int, float]:
    path = seen.of(among)
    if path is None or len(among) < 2:
        return {}
    control = among.index(facts.control) if facts.control in among else None
    return dict(zip(among, find(path, control)[-1].tolist(), strict=True))


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


def _evidence(facts: ExperimentFacts) -> Evidence:
    batches = facts.batches
    if not batches.at.size:
        return Evidence(None, None)
    if facts.evidence == "randomised_slots":
        return Evidence(_slot_path(batches), None)
    if facts.kind == "mean":
        return Evidence(means.path(_sums(batches)), None)
    return Evidence(*proportions.course(batches.exposures, batches.conversions, facts.dispersion))


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
    facts: ExperimentFacts, place: int, standing: Standing, others: tuple[int, ...], srm: SampleRatio, seen: Ratio
) -> ArmDecision:
    arm, batches = facts.arms[place], facts.batches
    before, told = facts.reached.get(arm.variant_id, Reached()), standing.told
    reached = Reached(max(told.loser, before.loser), max(told.winner, before.winner))
    sign = float(np.sign(seen.delta))
    confidence = reached.loser if sign < 0 else reached.winner if sign > 0 else 0.0
    held = (*_changed(standing, confidence, sign), *guardrails.failed(Look(facts, place, others, sign)))
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
        needed=None,
        srm=srm,
        evidence=facts.evidence,
        method=METHODS[facts.evidence, facts.kind],
        held_back_by=held,
        reached=reached,
    )


def _changed(standing: Standing, confidence: float, sign: float) -> tuple[str, ...]:
    """What was reached stays told; nothing is done on it when it speaks of arms that are there no more."""
    if confidence < DECIDES_AT or (standing.is_lost if sign < 0 else standing.is_won):
        return ()
    if sign < 0:
        return ("those that it was worse than have left, and it is not shown to be worse than who is there now",)
    return ("an arm joined meanwhile, and must be beaten too",)


def _verdict(
    facts: ExperimentFacts, confidence: float, sign: float, held: tuple[str, ...], srm: SampleRatio
) -> Verdict:
    if srm.is_flagged:
        return "invalid"
    if not held and confidence >= DECIDES_AT and not facts.is_over:
        return "terminate" if sign < 0 else "promote"
    return "inconclusive" if facts.is_over else "continue"


def _ratios(facts: ExperimentFacts, live: list[int]) -> dict[int, Ratio]:
    """Of each live arm against what it is held against; two arms against each other are worked out once."""
    found: dict[int, Ratio] = {}
    for place in live:
        others = _others(facts, place, live)
        other = others[0]
        is_turned = facts.kind == "proportion" and other in found and others == (other,)
        is_turned = is_turned and _others(facts, other, live) == (place,)
        found[place] = found[other].turned() if is_turned else _ratio(facts, place, others)
    return {place: replace(seen, delta=min(seen.delta, grid.MOST_DELTA)) for place, seen in found.items()}


def _ratio(facts: ExperimentFacts, place: int, others: tuple[int, ...]) -> Ratio:
    batches, rest = facts.batches, list(others)
    if not batches.at.size:
        return Ratio(0.0, -1.0, math.inf, 0.0)
    if facts.kind == "mean":
        return _mean_ratio(batches, place, rest)
    own, held = batches.conversions[:, place], batches.conversions[:, rest].sum(axis=1)
    return ratio(own, batches.exposures[:, place], held, batches.exposures[:, rest].sum(axis=1), facts.dispersion)


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


def _needed(facts: ExperimentFacts, place: int, made: ArmDecision, seen: Evidence, among: list[int]) -> int | None:
    """Of all arms together; what is reached already needs no more than there is."""
    sign = float(np.sign(made.delta))
    if seen.state is None or sign == 0 or len(among) < 2:
        return None
    conversions = float(facts.batches.conversions[:, among].sum())
    if made.confidence >= DECIDES_AT:
        return int(conversions)
    control = among.index(facts.control) if facts.control in among else None
    find = needed.to_lose if sign < 0 else needed.to_win
    return find(seen.state[among][:, among], conversions, among.index(place), control, facts.dispersion)


def _one_winner(found: list[ArmDecision]) -> list[ArmDecision]:
    """Two arms are never promoted at once: the one with more confidence is, the other goes on."""
    winners = sorted((each for each in found if each.decision == "promote"), key=lambda each: -each.confidence)
    second = {each.variant_id for each in winners[1:]}
    return [replace(each, decision="continue") if each.variant_id in second else each for each in found]


def _somebody_stays(found: list[ArmDecision]) -> list[ArmDecision]:
    """All at once never leave: of several losers the one with the least confidence goes on."""
    if not found or any(each.decision != "terminate" for each in found):
        return found
    least = min(found, key=lambda each: each.confidence)
    return [replace(each, decision="continue") if each is least else each for each in found]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
