"""From counts to a decision: who loses, who wins, what holds it back, and what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain import experiments
from regrow.domain.experiments import deciding, traffic
from regrow.domain.experiments.facts import DAY, Arm, Batches, ExperimentFacts, Reached, no_batches

HOURS = 48


def facts(*rates: float, readers: int = 400, seed: int = 1, **more: object) -> ExperimentFacts:
    """Two days of hourly batches with these true rates."""
    arms = tuple(Arm(f"var_{label}", label) for label in "ABCDE"[: len(rates)])
    dice = np.random.default_rng(seed)
    n = np.full((HOURS, len(rates)), float(readers))
    x = dice.binomial(readers, rates, n.shape).astype(float)
    batches = Batches(np.arange(HOURS) * 3_600.0, n, x, np.full(n.shape, 1 / len(rates)))
    told = {"started_at": 0.0, "now": HOURS * 3_600.0, **more}
    return ExperimentFacts(arms, batches, **told)  # type: ignore[arg-type]


def verdicts(found: tuple[experiments.ArmDecision, ...]) -> dict[str, str]:
    return {each.label: each.decision for each in found}


def test_a_loser_and_a_winner() -> None:
    found = experiments.decide(facts(0.05, 0.03))
    assert verdicts(found) == {"A": "promote", "B": "terminate"}
    loser = found[1]
    assert loser.confidence >= experiments.DECIDES_AT
    assert loser.delta < loser.delta_shrunk < 0
    assert loser.delta_low is not None
    assert loser.delta_low < loser.delta < (loser.delta_high or 0) < 0
    assert loser.n == HOURS * 400


def test_alike_arms_go_on() -> None:
    found = experiments.decide(facts(0.05, 0.05, 0.05))
    assert set(verdicts(found).values()) == {"continue"}


def test_one_look_tells_what_is_still_needed() -> None:
    (first, second) = experiments.decide(facts(0.05, 0.045, readers=40))
    assert {first.decision, second.decision} == {"continue"}
    assert second.needed is not None
    assert second.needed > second.conversions
    assert f"{second.needed:,} conversions" in second.reason


def test_a_declared_control_is_what_arms_are_held_against() -> None:
    found = experiments.decide(facts(0.05, 0.03, 0.05, reference="A"))
    assert verdicts(found)["B"] == "terminate"
    assert "against A" in found[1].reason
    without = experiments.decide(facts(0.05, 0.03, 0.05))
    assert "against A and C together" in without[1].reason


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"minimum_seconds": 7 * DAY}, "more hours must be seen"),
        ({"readers": 2}, "has 96 exposures, and 100 are needed"),
    ],
)
def test_guardrails_hold_back(more: dict[str, object], said: str) -> None:
    found = experiments.decide(facts(0.9, 0.1, **more))
    assert verdicts(found) == {"A": "continue", "B": "continue"}
    assert said in found[1].held_back_by[0]
    assert said in found[1].reason


def test_means_need_values_that_count() -> None:
    """Seven buyers and 45 in 3,000 each are as far apart as can be, and seven are too few to say so."""
    n = np.full((60, 2), 1_000.0)
    values = np.tile([15.0, 1.0], (60, 1))
    batches = Batches(np.arange(60) * 3_600.0, n, values * 10, np.full(n.shape, 0.5), values * 100)
    told = facts(0.5, 0.5, kind="mean", metric="revenue", minimum_seconds=0.0)
    few = Batches(*(each[:3] for each in (batches.at, n, values * 10, batches.shares, values * 100)))
    a, b = experiments.decide(replace(told, batches=few))
    assert (a.decision, b.decision) == ("continue", "continue")
    assert b.confidence >= experiments.DECIDES_AT
    assert "an arm has 3 values that count, and 50 are needed" in b.held_back_by
    assert "an arm has 3 values that count" in a.reason
    assert verdicts(experiments.decide(replace(told, batches=batches)))["B"] == "terminate"


def test_of_losers_all_at_once_the_one_least_sure_stays() -> None:
    lost = experiments.decide(facts(0.05, 0.03))[1]
    sure = [replace(lost, label=label, confidence=p) for label, p in (("A", 0.97), ("B", 0.96), ("C", 0.99))]
    assert verdicts(tuple(deciding._somebody_stays(sure))) == {"A": "terminate", "B": "continue", "C": "terminate"}
    goes_on = replace(sure[0], decision="continue", confidence=0.1)
    assert deciding._somebody_stays([*sure, goes_on])[:3] == sure
    assert deciding._somebody_stays([]) == []


def test_when_all_lost_at_once_one_goes_on() -> None:
    """Both are worse than the control, and it than both together: shares that turn round can do that."""
    n = np.array([[1e6, 1e4, 1e4], [1e4, 1e6, 1e6]])
    x = np.round(n * np.array([[0.05, 0.10, 0.10], [0.17, 0.10, 0.10]]))
    batches = Batches(np.array([0.0, 1e5]), n, x, n / n.sum(axis=1, keepdims=True))
    told = facts(0.1, 0.1, 0.1, reference="A", minimum_seconds=0.0, reached={"var_A": Reached(loser=0.951)})
    found = experiments.decide(replace(told, batches=batches))
    assert all(each.delta < 0 and each.confidence >= experiments.DECIDES_AT for each in found)
    assert verdicts(found) == {"A": "continue", "B": "terminate", "C": "terminate"}
    assert "another arm is decided on first" in found[0].reason


def test_a_sign_that_turns_lately_holds_back() -> None:
    told = facts(0.06, 0.03)
    x = told.batches.conversions.copy()
    x[-16:] = x[-16:, ::-1]
    found = experiments.decide(replace(told, batches=replace(told.batches, conversions=x)))
    assert verdicts(found) == {"A": "continue", "B": "continue"}
    assert "last third" in " ".join(found[1].held_back_by)


def test_a_broken_split_decides_nothing() -> None:
    told = facts(0.06, 0.03)
    n = told.batches.exposures * np.array([1.0, 0.8])
    found = experiments.decide(replace(told, batches=replace(told.batches, exposures=n)))
    assert set(verdicts(found).values()) == {"invalid"}
    assert found[0].srm.is_flagged
    assert "nothing can be read" in found[0].reason


def test_when_time_is_over_nobody_loses() -> None:
    found = experiments.decide(facts(0.06, 0.03, now=31 * DAY))
    assert set(verdicts(found).values()) == {"inconclusive"}


def test_what_was_not_randomised_never_terminates() -> None:
    found = experiments.decide(facts(0.06, 0.01, evidence="observational"))
    assert verdicts(found) == {"A": "continue", "B": "continue"}
    assert found[1].confidence <= 0.9
    assert "hint" in found[1].reason


def test_slots_decide_by_pairs() -> None:
    found = experiments.decide(facts(0.06, 0.03, evidence="randomised_slots"))
    assert verdicts(found)["B"] == "terminate"


def test_a_confidence_reached_is_never_lowered() -> None:
    told = facts(0.05, 0.049, reached={"var_B": Reached(loser=0.93, winner=0.0), "var_A": Reached(winner=0.91)})
    found = experiments.decide(told)
    assert {each.label: each.reached for each in found}["B"].loser >= 0.93
    assert found[1].delta >= 0 or found[1].confidence >= 0.93


def test_losers_that_left_are_no_longer_compared_with() -> None:
    told = facts(0.05, 0.01, 0.05)
    left = replace(told, arms=(told.arms[0], replace(told.arms[1], is_live=False), told.arms[2]))
    found = experiments.decide(left)
    assert [each.label for each in found] == ["A", "C"]
    assert "against C" in found[0].reason


def test_an_arm_that_came_later_starts_from_zero() -> None:
    told = facts(0.05, 0.05, 0.02)
    n = told.batches.exposures.copy()
    n[: HOURS // 2, 2] = 0
    x = np.minimum(told.batches.conversions, n)
    shares = np.where(n > 0, 1.0, 0.0) / (n > 0).sum(axis=1, keepdims=True)
    late = replace(told, batches=replace(told.batches, exposures=n, conversions=x, shares=shares))
    found = experiments.decide(late)
    assert not found[0].srm.is_flagged
    assert verdicts(found)["C"] == "terminate"


def test_means_decide_too() -> None:
    dice = np.random.default_rng(3)
    seconds = dice.exponential([40.0, 25.0], (HOURS, 60, 2))
    told = facts(0.5, 0.5, readers=60, kind="mean", metric="read_seconds")
    batches = replace(told.batches, conversions=seconds.sum(axis=1), squares=(seconds**2).sum(axis=1))
    found = experiments.decide(replace(told, batches=batches))
    assert verdicts(found) == {"A": "promote", "B": "terminate"}
    assert "read seconds" in found[1].reason


@pytest.mark.parametrize("arms", [0, 1])
def test_too_few_arms_decide_nothing(arms: int) -> None:
    told = facts(0.05, 0.05)
    few = replace(told, arms=told.arms[:arms], batches=no_batches(arms))
    assert experiments.decide(few) == ()


def test_before_the_first_batch() -> None:
    told = replace(facts(0.05, 0.05), batches=no_batches(2))
    found = experiments.decide(told)
    assert verdicts(found) == {"A": "continue", "B": "continue"}
    assert "not shown to anybody yet" in found[0].reason


BATCH = st.tuples(st.integers(0, 10**9), st.floats(0, 1), st.integers(0, 10**9), st.floats(0, 1))


@settings(max_examples=60)
@given(st.lists(BATCH, min_size=1, max_size=8), st.sampled_from([None, "A", "B"]))
def test_any_counts_give_numbers_that_can_be_told(
    batches: list[tuple[int, float, int, float]], reference: str | None
) -> None:
    n = np.array([[a, b] for a, _p, b, _q in batches], dtype=float)
    x = np.floor(n * np.array([[p, q] for _a, p, _b, q in batches]))
    told = facts(0.1, 0.1, reference=reference)
    counts = Batches(np.arange(len(n)) * 3_600.0, n, x, np.full(n.shape, 0.5))
    for each in experiments.decide(replace(told, batches=counts)):
        assert 0 <= each.confidence <= 1
        assert np.isfinite([each.delta, each.delta_shrunk]).all()
        assert each.reason.count(". ") >= 1


def test_traffic() -> None:
    assert traffic.uniform("ABC", losers="B") == {"A": 0.5, "B": 0.0, "C": 0.5}
    assert traffic.uniform("AB", winner="B") == {"A": 0.0, "B": 1.0}
    told = traffic.clicks({"A": (1_000, 10), "B": (1_000, 30)}, random_seed=1)
    assert told["A"] >= traffic.FLOOR / 2
    assert told["B"] > 0.9
    assert sum(told.values()) == pytest.approx(1.0)
