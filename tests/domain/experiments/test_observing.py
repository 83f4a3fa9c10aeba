"""Posts that nobody drew lots for: which readings are compared, what comes of it, and what is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.domain import experiments
from regrow.domain.experiments import observing, reading
from regrow.domain.experiments.facts import Arm, Batches, ExperimentFacts, Reached, no_batches
from regrow.domain.experiments.observing import LEAST_POSTS, MOST_CONFIDENCE, Posts, Seen
from regrow.domain.experiments.reading import Measure, Put, Reading

COUNTS = {"likes": 40, "reach": 1_000}


def put(age: float = 24.0, counts: Mapping[str, int] | None = None, variant_id: str = "", hour: float = 9.0) -> Put:
    return Put(variant_id, hour, False, "social on x", (Reading(age, counts or COUNTS),))


def usual(count: int = 30, seed: int = 1) -> tuple[Seen, ...]:
    dice = np.random.default_rng(seed)
    return tuple(
        Seen(float(dice.poisson(40)), 1_000.0, float(dice.integers(0, 24)), bool(number % 7 > 4), "social on x")
        for number in range(count)
    )


def facts(posts: Posts | None, batches: Batches | None = None, labels: str = "AB", **more: object) -> ExperimentFacts:
    arms = tuple(Arm(f"var_{label}", label) for label in labels)
    told = {"metric": "like_rate", "evidence": "observational", "posts": posts, **more}
    return ExperimentFacts(arms, batches or no_batches(len(arms)), 0.0, 3_600.0, **told)  # type: ignore[arg-type]


def posts(a: float, b: float, history: Sequence[Seen] | None = None, hours: tuple[float, float] = (9.0, 9.0)) -> Posts:
    one, two = (Seen(x, 1_000.0, hour, False, "social on x") for x, hour in zip((a, b), hours, strict=True))
    told = usual() if history is None else tuple(history)
    return Posts(24.0, "reach", ("likes",), told, {"var_A": (one,), "var_B": (two,)})


def test_a_worse_post_is_a_hint_and_no_more() -> None:
    a, b = experiments.decide(facts(posts(40, 8)))
    assert (a.decision, b.decision) == ("continue", "continue")
    assert (a.confidence, b.confidence) == (MOST_CONFIDENCE, MOST_CONFIDENCE)
    assert b.delta < b.delta_shrunk < 0 < a.delta
    assert (b.n, b.conversions, b.needed, b.delta_low) == (1_000, 8.0, None, None)
    assert b.method == "posts at 24 hours against the account's baseline"
    assert "B has 8 likes of 1,000 reach (0.80%) with its post 24 hours after coming out" in b.reason
    assert "against A once hour, weekday and format are allowed for" in b.reason
    assert "Going by 30 earlier posts of this account" in b.reason
    assert "in less than 10% of cases" in b.reason
    assert "decides nothing by itself" in b.reason


def test_what_is_like_the_usual_tells_how_often_it_comes_by_itself() -> None:
    b = experiments.decide(facts(posts(40, 38)))[1]
    assert 0.5 <= b.confidence < 0.8
    assert f"in about {1 - b.confidence:.0%} of cases" in b.reason


def test_when_its_time_is_over_it_is_inconclusive() -> None:
    found = experiments.decide(facts(posts(40, 8), maximum_seconds=60.0))
    assert {each.decision for each in found} == {"inconclusive"}


@pytest.mark.parametrize("count", [0, 1, LEAST_POSTS - 1])
def test_too_few_earlier_posts_are_said_in_words(count: int) -> None:
    b = experiments.decide(facts(posts(40, 8, usual(count))))[1]
    assert (b.confidence, b.delta_shrunk, b.delta < -0.7) == (0.0, 0.0, True)
    assert f"Insufficient history: {count} earlier posts" in b.reason
    assert "against A as counted" in b.reason
    assert b.method == "counts as told, compared with no baseline"


def test_earlier_posts_that_tell_nothing_of_such_a_post_are_no_history() -> None:
    same_hour = [replace(each, hour=9.0, is_weekend=False) for each in usual()]
    late = experiments.decide(facts(posts(40, 8, same_hour, (9.0, 18.0))))[1]
    assert (late.confidence, "none of the 30 earlier posts tells" in late.reason) == (0.0, True)
    assert experiments.decide(facts(posts(40, 8, same_hour)))[1].confidence == MOST_CONFIDENCE
    other = [replace(each, format="social on y") for each in usual()]
    known = Seen(40, 1_000, 9, False, "social on y")
    assert observing.compared(other, [known], [replace(known, format="social on x")]).lack == "alike"


def test_formats_and_hours_are_allowed_for() -> None:
    dice = np.random.default_rng(5)
    history = [
        Seen(float(dice.poisson(80 if number % 2 else 20)), 1_000.0, float(number % 24), False, "xy"[number % 2])
        for number in range(80)
    ]
    found = observing.compared(history, [Seen(20, 1_000, 9, False, "x")], [Seen(80, 1_000, 9, False, "y")])
    assert abs(found.delta) < 0.3
    assert found.confidence < MOST_CONFIDENCE


def test_more_posts_of_an_arm_say_more() -> None:
    history, a, b = usual(60), Seen(40, 1_000, 9, False, "social on x"), Seen(35, 1_000, 9, False, "social on x")
    one, many = observing.compared(history, [b], [a]), observing.compared(history, [b] * 9, [a] * 9)
    assert one.delta == pytest.approx(many.delta)
    assert 0.5 < one.confidence < many.confidence


def test_alike_posts_seldom_look_different() -> None:
    """At a look, one in twenty in each direction would be the level of 0.95; nobody is told more than 0.90."""
    dice, called = np.random.default_rng(11), 0
    for _ in range(400):
        hours = dice.uniform(0, 24, 42)
        rates = np.exp(np.log(0.04) + 0.5 * np.sin(hours * np.pi / 12) + dice.normal(0, 0.4, 42))
        some = [
            Seen(float(dice.poisson(1_000 * p)), 1_000.0, float(h), False) for p, h in zip(rates, hours, strict=True)
        ]
        found = observing.compared(some[2:], some[:1], some[1:2])
        called += found.confidence >= MOST_CONFIDENCE and found.delta < 0
    assert called / 400 <= 0.10 + 3 * np.sqrt(0.1 * 0.9 / 400)


ANY = st.builds(
    Seen, st.integers(0, 2**53), st.integers(1, 2**53), st.floats(0, 24), st.booleans(), st.sampled_from("xyz")
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=60), st.lists(ANY, min_size=1, max_size=3), st.lists(ANY, min_size=1, max_size=3))
def test_any_counts_give_numbers_that_can_be_told(history: list[Seen], own: list[Seen], other: list[Seen]) -> None:
    told = Posts(24.0, "reach", ("likes",), tuple(history), {"var_A": tuple(own), "var_B": tuple(other)})
    for each in experiments.decide(facts(told)):
        assert 0 <= each.confidence <= MOST_CONFIDENCE
        assert np.isfinite([each.delta, each.delta_shrunk]).all()
        assert each.decision == "continue"


def test_counts_alone_are_told_as_that() -> None:
    """Two posts at two times: each batch names one arm."""
    n = np.array([[1_000.0, 0.0], [0.0, 500.0]])
    batches = Batches(np.array([0.0, 1e5]), n, np.array([[100.0, 0.0], [0.0, 25.0]]), np.zeros((2, 2)))
    a, b = experiments.decide(facts(None, batches))
    assert (a.delta, b.delta) == (pytest.approx(1.0), pytest.approx(-0.5))
    assert (a.confidence, b.confidence, b.delta_low, b.delta_high) == (0.0, 0.0, None, None)
    assert "B has 25, or 5.00% in 500 times seen, -50.0% against A." in b.reason
    assert "nothing was compared with what this account usually gets" in b.reason
    assert b.method == "counts as told, compared with no baseline"


def test_means_without_posts_are_told_as_counted() -> None:
    n = np.array([[10.0, 10.0]])
    batches = Batches(np.zeros(1), n, np.array([[400.0, 300.0]]), n * 0, n * 4_000)
    told = facts(Posts(is_told=False), batches, kind="mean", metric="read_time")
    b = experiments.decide(told)[1]
    assert b.delta == pytest.approx(-0.25)
    assert "30.00 of read time each in 10 times seen" in b.reason
    assert "and not by read time: nothing was compared with a baseline" in b.reason


def test_before_anything_was_told() -> None:
    a = experiments.decide(facts(None))[0]
    assert (a.delta, a.confidence, a.n) == (0.0, 0.0, 0)
    assert "A was not shown to anybody yet." in a.reason


def test_what_was_reached_at_random_is_kept_and_told_as_a_hint() -> None:
    told = facts(posts(40, 8), reached={"var_B": Reached(loser=0.99), "var_A": Reached(winner=0.3)})
    a, b = experiments.decide(told)
    assert (b.reached.loser, b.confidence, b.decision) == (0.99, MOST_CONFIDENCE, "continue")
    assert a.reached.winner == MOST_CONFIDENCE


def test_an_arm_without_a_reading_is_named() -> None:
    told = posts(40, 8)
    without = replace(told, arms={"var_A": told.arms["var_A"]})
    a, b = experiments.decide(facts(without))
    assert "No post of B was read 18 to 30 hours after coming out with likes and a reach" in a.reason
    assert "No post of B was read" in b.reason
    assert (a.confidence, b.confidence) == (0.0, 0.0)
    a, _b, c = experiments.decide(facts(replace(told, arms={**told.arms}), labels="ABC"))
    assert "against B once hour" in a.reason
    assert "No post of C was read" in c.reason


ARMS = ("var_A", "var_B")


def both(*args: object) -> list[Put]:
    return [put(*args, variant_id=id) for id in ARMS]  # type: ignore[arg-type]


def test_the_first_age_at_which_enough_was_read_is_taken() -> None:
    found = reading.told("like_rate", both(), [put()] * 20, ARMS)
    assert (found.age_hours, found.reach, len(found.history), set(found.arms)) == (24.0, "reach", 20, set(ARMS))
    found = reading.told("like_rate", both(80.0), [put(60.0)] * 20, ARMS)
    assert (found.age_hours, reading.is_whole(found, ARMS)) == (72.0, True)
    found = reading.told("like_rate", both(170.0), [put()] * 20, ARMS)
    assert (found.age_hours, len(found.history), reading.is_whole(found, ARMS)) == (168.0, 0, False)


@pytest.mark.parametrize(("age", "counts"), [(18.0, True), (30.0, True), (17.9, False), (30.1, False)])
def test_a_reading_counts_near_its_age(age: float, counts: bool) -> None:
    assert bool(reading.told("like_rate", both(age), [], ARMS, Measure(24.0, "reach")).arms) is counts


def test_what_was_compared_once_stays_at_its_age() -> None:
    later = [Put(id, 9, False, "f", (Reading(24, COUNTS), Reading(72, {**COUNTS, "likes": 90}))) for id in ARMS]
    found = reading.told("like_rate", later, [put(72.0)] * 30, ARMS, Measure(24.0, "reach"))
    assert found.age_hours == 24.0
    assert found.arms["var_A"][0].conversions == 40


def test_of_several_readings_the_nearest_counts_and_of_two_the_later() -> None:
    told = (Reading(20, {**COUNTS, "likes": 1}), Reading(25, {**COUNTS, "likes": 2}), Reading(25, {**COUNTS}))
    found = reading.told("like_rate", [Put("var_A", 9, False, "f", told)], [], ["var_A"])
    assert found.arms["var_A"][0].conversions == 40


@pytest.mark.parametrize("reach", reading.REACHES)
def test_all_are_divided_by_the_same_reach(reach: str) -> None:
    told = {"likes": 4, reach: 100}
    found = reading.told("like_rate", both(24.0, told), [*[put(24.0, told)] * 20, put(24.0, {"likes": 4})], ARMS)
    assert (found.reach, len(found.history)) == (reach, 20)
    assert reading.told("like_rate", both(24.0, {"likes": 4, reach: 0}), [], ARMS).arms == {}


def test_engagement_adds_up_what_is_told_of_every_arm() -> None:
    a = put(24.0, {**COUNTS, "shares": 5, "clicks": 7}, "var_A")
    b = put(24.0, {**COUNTS, "shares": 1}, "var_B")
    history = [put(24.0, {**COUNTS, "shares": 2})] * 21 + [put()]
    found = reading.told("engagement_rate", [a, b], history, ARMS)
    assert found.counted == ("likes", "shares")
    assert [found.arms[id][0].conversions for id in ARMS] == [45, 41]
    assert [each.conversions for each in found.history] == [42] * 21


def test_a_metric_that_posts_do_not_carry() -> None:
    assert not reading.told("conversion_rate", both(), [], ARMS).is_told
    assert reading.COUNTED.keys() >= {"like_rate", "comment_rate", "share_rate", "save_rate", "click_rate"}
