"""Experiments of posts that nobody drew lots for: held against the account's own baseline, recorded, and replayed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select

from regrow.services import experiment_decisions, experiment_posts, experiment_replays, experiments
from regrow.store import experiments as store
from regrow.store import tenancy
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import ExperimentDecision
from regrow.workflows import schedules
from tests import experiments as made
from tests import published
from tests import visits as seen
from tests.experiments import Begun
from tests.homes import Tenant
from tests.observed import NINE, begun, counts, history, out, read

ZONE = "America/New_York"


@contextmanager
def statements(tenant: Tenant) -> Iterator[list[str]]:
    heard: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    event.listen(tenant.home.engine, "before_cursor_execute", note)
    yield heard
    event.remove(tenant.home.engine, "before_cursor_execute", note)


def is_same(alice: Tenant, begun: Begun) -> bool:
    with alice.reading() as session:
        return experiment_replays.replay(session, begun.id).is_same


def judged_by_the_schedule(alice: Tenant) -> int:
    with tenancy.workspace(alice.id):
        return schedules.judge(alice.home.engine, alice.id)


def test_a_worse_post_is_a_hint_that_replays_and_decides_nothing(alice: Tenant) -> None:
    history(alice, 60)
    this = begun(alice, minimum_hours=0)
    out(alice, this.variants["A"], counts(40))
    out(alice, this.variants["B"], counts(8), NINE + timedelta(hours=1))
    found = made.judge(alice, this)
    b = found["B"]
    assert {(row.decision, row.evidence, row.is_applied) for row in found.values()} == {
        ("continue", "observational", False)
    }
    assert (b.confidence, b.delta < -0.6, b.n, b.conversions) == (0.90, True, 1_000, 8.0)
    assert b.method == "posts at 24 hours against the account's baseline"
    assert "Going by 60 earlier posts of this account" in b.reason
    assert "decides nothing by itself" in b.reason
    assert is_same(alice, this)
    with alice.reading() as session:
        assert experiments.found(session, this.id).status == "running"
        rows = session.scalars(select(Variant).where(Variant.piece_id == this.piece_id))
        assert {row.status for row in rows} == {"live"}


def test_what_is_recorded_is_what_the_replay_reads(alice: Tenant) -> None:
    history(alice, 30)
    this = begun(alice)
    out(alice, this.variants["A"], counts(40))
    b = out(alice, this.variants["B"], counts(20))
    before = made.judge(alice, this)["B"]
    assert len(before.facts["posts"]["history"]) == 30
    read(alice, b, counts(90), NINE + timedelta(hours=24))
    after = made.judge(alice, this)["B"]
    assert (after.evaluation, after.conversions, before.conversions) == (2, 90.0, 20.0)
    assert is_same(alice, this)
    with alice.reading() as session, session.no_autoflush:
        kept = store.evaluations(session, this.id)[0][0]
        kept.facts = {**kept.facts, "posts": {**kept.facts["posts"], "history": []}}
        differences = experiment_replays.replay(session, this.id).decisions[0].differences
        session.rollback()
    assert {"confidence", "reason", "method"} <= differences.keys()


def test_the_hour_is_the_wall_s_where_the_account_is(alice: Tenant) -> None:
    """This account gets three times as much in the morning, by the clocks of its site, which change in March."""
    published.press(alice, time_zone=ZONE)

    def rate(at: datetime) -> float:
        hour = at.astimezone(ZoneInfo(ZONE)).hour
        return 0.04 * math.exp(0.55 * math.sin(hour / 24 * 2 * math.pi))

    history(alice, 200, rate)
    this = begun(alice)
    early, late = (datetime(2026, 3, 30, hour, tzinfo=ZoneInfo(ZONE)) for hour in (6, 18))
    out(alice, this.variants["A"], counts(round(1_000 * rate(early))), early)
    out(alice, this.variants["B"], counts(round(1_000 * rate(late))), late)
    b = made.judge(alice, this)["B"]
    assert abs(b.delta) < 0.1
    assert b.confidence < 0.90
    assert b.facts["posts"]["arms"][this.variants["B"]][0][2] == 18.0


def test_too_little_history_is_said_and_nothing_is_claimed(alice: Tenant, charlie: Tenant) -> None:
    history(alice, 19)
    history(alice, 40, platform="mastodon")
    history(charlie, 40)
    this = begun(alice)
    out(alice, this.variants["A"], counts(40))
    out(alice, this.variants["B"], counts(8))
    b = made.judge(alice, this)["B"]
    assert "Insufficient history: 19 earlier posts" in b.reason
    assert (b.confidence, b.delta_shrunk, b.method) == (0.0, 0.0, "counts as told, compared with no baseline")
    history(alice, 1)
    assert made.judge(alice, this)["B"].confidence == 0.90


def test_later_posts_are_no_history(alice: Tenant) -> None:
    history(alice, 19)
    this, other = begun(alice), seen.piece(alice, "A")
    out(alice, this.variants["A"], counts(40))
    out(alice, this.variants["B"], counts(8))
    for hours in (0, 5):
        out(alice, other.variants["A"], counts(40), NINE + timedelta(hours=hours))
    assert "19 earlier posts" in made.judge(alice, this)["B"].reason


def test_a_post_is_compared_once_it_is_read_at_that_age_and_stays_there(alice: Tenant) -> None:
    history(alice, 40)
    this = begun(alice)
    a = out(alice, this.variants["A"], counts(40))
    b = out(alice, this.variants["B"], counts(1), age=2.0)
    assert judged_by_the_schedule(alice) == 1
    with alice.reading() as session:
        first = {row.label: row for row in store.newest_evaluation(session, [this.id])[this.id]}
    assert "No post of B was read 18 to 30 hours after coming out" in first["A"].reason
    assert judged_by_the_schedule(alice) == 0
    read(alice, b, counts(8), NINE + timedelta(hours=26))
    assert judged_by_the_schedule(alice) == 1
    second = made.judge(alice, this)
    assert (second["B"].evaluation, second["B"].confidence) == (2, 0.90)
    for id in (a, b):
        read(alice, id, counts(200), NINE + timedelta(hours=72))
    assert judged_by_the_schedule(alice) == 0
    assert [row.id for row in made.judge(alice, this).values()] == [row.id for row in second.values()]
    assert is_same(alice, this)


def test_nothing_to_read_yet_keeps_the_schedule_quiet(alice: Tenant) -> None:
    this = begun(alice)
    assert judged_by_the_schedule(alice) == 0
    out(alice, this.variants["A"])
    assert judged_by_the_schedule(alice) == 0
    assert "No post of A was read" in made.judge(alice, this)["A"].reason


def test_engagement_adds_up_and_a_metric_that_posts_do_not_carry_is_named(alice: Tenant) -> None:
    history(alice, 40)
    this = begun(alice, "engagement_rate")
    out(alice, this.variants["A"], counts(40, comments=4))
    out(alice, this.variants["B"], counts(40, comments=9, clicks=3))
    b = made.judge(alice, this)["B"]
    assert (b.conversions, b.confidence > 0) == (49.0, True)
    assert "49 likes and comments" in b.reason
    other = begun(alice, "conversion_rate")
    out(alice, other.variants["A"], counts(40))
    b = made.judge(alice, other)["B"]
    assert "and not by conversion rate: nothing was compared with a baseline" in b.reason
    assert (b.confidence, is_same(alice, other)) == (0.0, True)


def test_batches_without_posts_are_told_as_counted(alice: Tenant) -> None:
    this = begun(alice)
    made.tell(alice, this, made.days(this, {"A": 0.10, "B": 0.05}))
    found = made.judge(alice, this)
    assert found["B"].delta == pytest.approx(-0.5, abs=0.05)
    assert {(row.confidence, row.method, row.delta_low) for row in found.values()} == {
        (0.0, "counts as told, compared with no baseline", None)
    }
    assert "nothing was compared with what this account usually gets" in found["B"].reason
    assert is_same(alice, this)


def test_one_batch_that_was_not_randomised_tells_no_more_than_a_hint(alice: Tenant) -> None:
    this = made.begun(alice, minimum_hours=300)
    made.tell(alice, this, made.days(this, {"A": 0.10, "B": 0.05}))
    assert made.judge(alice, this)["B"].confidence > 0.99
    made.tell(alice, this, [made.batch(this, 50, {"A": (9, 1)}, evidence="observational")])
    b = made.judge(alice, this)["B"]
    assert (b.confidence, b.reached_loser > 0.99, b.decision) == (0.90, True, "continue")
    assert "nothing was compared with what this account usually gets" in b.reason
    assert is_same(alice, this)


def test_queries_stay_the_same_and_the_history_is_bounded(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    this = begun(alice)
    out(alice, this.variants["A"], counts(40))
    out(alice, this.variants["B"], counts(8))

    def asked() -> tuple[int, int]:
        with alice.reading() as session, statements(alice) as heard:
            row = experiments.found(session, this.id)
            told = experiment_posts.told(session, row, [])
        assert told is not None
        return len(heard), len(told["history"])

    history(alice, 25)
    few = asked()
    history(alice, 200)
    assert asked() == (few[0], 225)
    monkeypatch.setattr(experiment_posts, "MOST", 30)
    assert asked() == (few[0], 30)
    newest = made.judge(alice, this)["B"]
    assert "Going by 30 earlier posts" in newest.reason


def test_several_posts_of_an_arm_and_three_arms(alice: Tenant) -> None:
    history(alice, 60)
    this = begun(alice, labels="ABC")
    for label, likes in (("A", 40), ("A", 44), ("B", 41), ("C", 6)):
        out(alice, this.variants[label], counts(likes))
    found = made.judge(alice, this)
    assert "with its 2 posts" in found["A"].reason
    assert "against A and B together" in found["C"].reason
    assert (found["A"].n, found["C"].confidence) == (2_000, 0.90)


def test_a_control_is_what_posts_are_held_against(alice: Tenant) -> None:
    history(alice, 60)
    this = begun(alice, labels="ABC", reference="A")
    for label, likes in (("A", 40), ("B", 41), ("C", 6)):
        out(alice, this.variants[label], counts(likes))
    assert "against A once hour" in made.judge(alice, this)["C"].reason


def test_the_end_of_its_time_is_inconclusive(alice: Tenant) -> None:
    history(alice, 40)
    this = begun(alice)
    out(alice, this.variants["A"], counts(40))
    out(alice, this.variants["B"], counts(8))
    with alice.writing() as session:
        found = experiment_decisions.end(session, alice.owner, this.id)
    assert {(row.decision, row.confidence) for row in found} == {("inconclusive", 0.90)}
    assert is_same(alice, this)
    with alice.reading() as session:
        assert len(session.scalars(select(ExperimentDecision)).all()) == 2
        assert experiments.found(session, this.id).ended_at is not None
