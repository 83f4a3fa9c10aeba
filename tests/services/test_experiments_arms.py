"""Arms that come and go, decisions from elsewhere, and the site's own traffic and counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from regrow.domain.visits import counting
from regrow.domain.visits.counting import Mark
from regrow.kit import clock, errors, ids
from regrow.services import experiment_arms, experiment_decisions, experiment_replays, experiments, site_pages, visits
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import experiments as store
from regrow.store import tenancy
from regrow.store.tables.content import Variant
from regrow.store.tables.experiments import ExperimentDecision
from regrow.store.tables.posts import Post
from regrow.web import words
from regrow.workflows import schedules
from tests import experiments as made
from tests import published
from tests.experiments import Begun
from tests.homes import Tenant

GOOD, BAD = 0.10, 0.05


def change(alice: Tenant, begun: Begun, **what: str) -> str:
    with alice.writing() as session:
        return experiment_arms.change(session, alice.owner, begun.id, **what).note


def another(alice: Tenant, begun: Begun, label: str) -> str:
    """A new version of a label, as a regeneration makes it."""
    id = ids.new("var")
    row = {"id": id, "piece_id": begun.piece_id, "label": label, "version": 2, "content": {"body": "New."}}
    more = {"status": "live", "parent_variant_id": None, "experiment_id": None, "by": "model"}
    with alice.writing() as session:
        session.execute(insert(Variant), [{**row, **more, "created_at": clock.now()}])
    return id


def shares(alice: Tenant, begun: Begun) -> dict[str, float]:
    with alice.reading() as session:
        return dict(store.newest_shares(session, [begun.id])[begun.id].shares)


def elsewhere(alice: Tenant, begun: Begun, label: str, decision: str, **more: Any) -> ExperimentDecision:
    delta = -0.2 if decision == "terminate" else 0.2
    told = {"confidence": 0.97, "delta": delta, "evidence": "randomised", "reason": "r", "source": "acme", **more}
    with alice.writing() as session:
        asked = Elsewhere(begun.variants[label], decision, **told)
        return experiment_decisions.decide_elsewhere(session, alice.owner, begun.id, asked)


def status(alice: Tenant, begun: Begun) -> str:
    with alice.reading() as session:
        return experiments.found(session, begun.id).status


def test_a_loser_leaves_and_the_rest_go_on_and_one_wins(alice: Tenant) -> None:
    begun = made.begun(alice, "ABC")
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.10, "C": 0.04}))
    found = made.judge(alice, begun)
    assert (found["C"].decision, status(alice, begun)) == ("terminate", "running")
    a, b = begun.variants["A"], begun.variants["B"]
    assert shares(alice, begun) == {a: 0.5, b: 0.5}
    made.tell(alice, begun, made.days(begun, {"A": 0.12, "B": 0.06}, first=40, hours=60))
    found = made.judge(alice, begun)
    assert {label: row.decision for label, row in found.items()} == {"A": "promote", "B": "terminate"}
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same


def test_an_arm_that_joins_starts_from_zero_and_must_be_beaten(alice: Tenant) -> None:
    begun = made.begun(alice, minimum_hours=40)
    made.tell(alice, begun, made.days(begun, {"A": 0.10, "B": 0.05}))
    before = made.judge(alice, begun)
    assert before["A"].confidence > 0.95
    c = another(alice, begun, "C")
    note = change(alice, begun, add=c)
    assert "C joined and starts from zero" in note
    both = Begun(begun.id, begun.piece_id, {**begun.variants, "C": c})
    made.tell(alice, begun, made.days(both, {"A": 0.10, "B": 0.10, "C": 0.10}, first=30, hours=12))
    found = made.judge(alice, begun)
    assert found["A"].confidence >= before["A"].confidence
    assert found["A"].decision == "continue"
    assert "an arm joined meanwhile" in found["A"].reason
    assert found["C"].n == 12 * 400
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same


def test_one_takes_another_s_place(alice: Tenant) -> None:
    begun = made.begun(alice)
    new = another(alice, begun, "B")
    with pytest.raises(errors.Conflict, match="still runs"):
        change(alice, begun, add=new)
    note = change(alice, begun, add=new, remove=begun.variants["B"])
    assert "B left" in note
    assert shares(alice, begun) == {begun.variants["A"]: 0.5, new: 0.5}
    with pytest.raises(errors.Conflict, match="does not come back"):
        change(alice, begun, add=begun.variants["B"])


def test_the_last_arm_and_the_control_stay(alice: Tenant) -> None:
    begun = made.begun(alice, reference="A")
    with pytest.raises(errors.Conflict, match="declared control"):
        change(alice, begun, remove=begun.variants["A"])
    change(alice, begun, remove=begun.variants["B"])
    other = made.begun(alice)
    change(alice, other, remove=other.variants["A"])
    with pytest.raises(errors.Conflict, match="no arm would be left"):
        change(alice, other, remove=other.variants["B"])
    with pytest.raises(errors.NotFound):
        change(alice, other, add=begun.variants["A"])
    with alice.writing() as session, pytest.raises(errors.Stale):
        experiment_arms.change(session, alice.owner, other.id, add="x", expected_version=9)


def test_a_late_batch_of_an_arm_that_left_still_counts(alice: Tenant) -> None:
    begun = made.begun(alice, "ABC")
    change(alice, begun, remove=begun.variants["C"])
    made.tell(alice, begun, [made.batch(begun, 1, {"A": (10, 1), "B": (10, 1), "C": (10, 1)})])
    with alice.reading() as session:
        arms = store.batches(session, begun.id)[0].counts["arms"]
    assert [arm[4] for arm in arms] == pytest.approx([1 / 3] * 3)


def test_a_decision_from_elsewhere_is_recorded_with_its_source_and_acted_upon(alice: Tenant) -> None:
    begun = made.begun(alice, "ABC")
    row = elsewhere(alice, begun, "C", "terminate")
    assert (row.source, row.is_applied, row.id[:4]) == ("acme", True, "cxe_")
    assert begun.variants["C"] not in shares(alice, begun)
    assert elsewhere(alice, begun, "A", "promote").is_applied
    assert status(alice, begun) == "concluded"
    assert shares(alice, begun) == {begun.variants["A"]: 1.0}
    assert not elsewhere(alice, begun, "B", "terminate").is_applied


@pytest.mark.parametrize(
    "more", [{"confidence": 0.94}, {"evidence": "observational"}, {"delta": 0.1}], ids=["unsure", "no lots", "sign"]
)
def test_what_is_not_sure_enough_is_only_recorded(alice: Tenant, more: dict[str, Any]) -> None:
    begun = made.begun(alice)
    assert not elsewhere(alice, begun, "B", "terminate", **more).is_applied
    assert status(alice, begun) == "running"
    with alice.reading() as session:
        assert len(store.decisions(session, begun.id, 10).items) == 1


def test_a_bad_decision_names_every_problem(alice: Tenant) -> None:
    begun = made.begun(alice)
    bad = {"confidence": 1.5, "delta": float("nan"), "evidence": "hearsay", "source": "Regrow"}
    with pytest.raises(errors.Invalid) as caught:
        elsewhere(alice, begun, "A", "explode", **bad)
    assert len(caught.value.more["problems"]) == 5


def test_observational_batches_make_it_a_hint(alice: Tenant) -> None:
    begun = made.begun(alice)
    made.tell(alice, begun, made.days(begun, {"A": GOOD, "B": BAD}))
    made.tell(alice, begun, [made.batch(begun, 50, {"A": (9, 1)}, evidence="observational")])
    found = made.judge(alice, begun)
    assert {(row.evidence, row.decision) for row in found.values()} == {("observational", "continue")}


def on_site(alice: Tenant, **asked: Any) -> Begun:
    """An article with two variants on the site, and an experiment that began six hours ago."""
    press = published.press(alice)
    piece_id = press.variants("loaf", [{"title": f"Loaf {label}", "body": f"Text {label}."} for label in "AB"])
    begun_at = counting.hour_of(clock.now()) - timedelta(hours=40)
    with alice.writing() as session:
        asked = {"piece_id": piece_id, "metric": "click_rate", "minimum_hours": 24, **asked}
        row = experiments.create(session, alice.owner, asked)
        assert row.source == "site"
        row.started_at = row.pulled_until = begun_at
        variants = {each.label: each.id for each in session.scalars(select(Variant).filter_by(piece_id=piece_id))}
    return Begun(row.id, piece_id, variants)


def visit(alice: Tenant, begun: Begun, rates: dict[str, float], hours: int = 38, readers: int = 60) -> None:
    """Readers of every hour since it began, the share of whom clicks."""
    start, marks = counting.hour_of(clock.now()) - timedelta(hours=40), []
    for hour in range(hours):
        for label, rate in rates.items():
            for number in range(readers):
                at, name = (
                    start + timedelta(hours=hour, seconds=number),
                    ids.derived("v", label, str(hour), str(number)),
                )
                kinds = ("exposure", "cta") if number < rate * readers else ("exposure",)
                who = (begun.piece_id, begun.variants[label], name, 1, at)
                marks += [Mark(kind, *who, at + timedelta(seconds=2)) for kind in kinds]
    with alice.writing() as session:
        visits.record(session, marks)


def test_visits_of_the_site_become_batches_once_and_the_schedule_decides(alice: Tenant) -> None:
    begun = on_site(alice)
    visit(alice, begun, {"A": 0.4, "B": 0.1})
    with tenancy.workspace(alice.id):
        assert [schedules.judge(alice.home.engine, alice.id) for _ in range(2)] == [1, 0]
    with alice.reading() as session:
        found = store.batches(session, begun.id)
        row = experiments.found(session, begun.id)
    assert row.status == "concluded"
    assert [each.batch_id for each in found] == sorted({each.batch_id for each in found})
    assert len(found) == 38
    assert sum(arm[1] for each in found for arm in each.counts["arms"]) == 38 * 120


def test_a_loser_is_shown_no_more_and_a_winner_alone(alice: Tenant) -> None:
    begun = on_site(alice)
    with alice.reading() as session:
        front = site_pages.front(session)
        assert front is not None
        page = site_pages.page(session, front, "loaf", words.ENGLISH.footnotes)
    assert page is not None
    assert [face.label for face in page.faces] == ["A", "B"]
    elsewhere(alice, begun, "B", "promote")
    with alice.reading() as session:
        page = site_pages.page(session, front, "loaf", words.ENGLISH.footnotes)
        posts = session.scalars(select(Post.status)).all()
    assert page is not None
    assert [face.label for face in page.faces] == ["B"]
    assert posts == ["published", "published"]


def test_clicks_shift_the_shares_and_the_same_seed_gives_the_same_ones(alice: Tenant) -> None:
    begun = on_site(alice, traffic="clicks", minimum_hours=480)
    visit(alice, begun, {"A": 0.4, "B": 0.1}, hours=5)
    made.judge(alice, begun)
    told = shares(alice, begun)
    assert told[begun.variants["A"]] > 0.9
    assert told[begun.variants["B"]] >= 0.05
    with alice.reading() as session:
        assert experiment_replays.replay(session, begun.id).is_same


def test_a_clock_set_back_changes_no_order(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = made.begun(alice, "ABC")
    back = clock.now() - timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: back)
    change(alice, begun, remove=begun.variants["C"])
    with alice.reading() as session:
        first, second = store.shares(session, begun.id)
    assert second.at >= first.at
    assert set(second.shares) == {begun.variants["A"], begun.variants["B"]}
