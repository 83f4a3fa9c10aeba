"""Triggers set, cleared and checked: who may, what is kept, what is skipped and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from regrow.domain.workspaces import Role
from regrow.kit import clock, errors
from regrow.services import campaigns, credits, pieces, posts, trigger_checks, triggers
from regrow.store import content as content_store
from regrow.store.tables.audit import AuditRow
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.posts import Post
from regrow.store.tables.runs import Run
from regrow.store.tables.triggers import Trigger
from regrow.workflows import triggers as checking
from tests import triggers as made
from tests.homes import Tenant

COUNTS = {"A": {"likes": 3, "reach": 120}, "B": {"likes": 8, "reach": 110}}


def reasons(tenant: Tenant) -> list[str]:
    return [each["reason"].split(":")[0] for each in made.check(tenant)["skipped"]]


def test_a_trigger_is_set_replaced_and_cleared_and_all_of_it_is_told(alice: Tenant) -> None:
    out = made.out(alice)
    first = made.put(alice, out, "likes < 5", actor=alice.actor(Role.EDITOR))
    assert made.put(alice, out, "likes < 5").id == first.id
    second = made.put(alice, out, "engagement_rate <= 1.5", "lead with the number")
    assert second.id != first.id
    shown = triggers.shape(second)
    assert {name: shown[name] for name in shown if name.startswith("trigger_")} == {
        "trigger_condition": "engagement_rate",
        "trigger_comparison": "<=",
        "trigger_value": 1.5,
        "trigger_prompt": "lead with the number",
    }
    with alice.writing() as session:
        triggers.clear(session, alice.owner, out.piece_id)
        triggers.clear(session, alice.owner, out.piece_id)
    assert made.stands(alice, out) is None
    told = [(each.kind, each.trigger_id, each.by) for each in made.history(alice, out)]
    assert told == [
        ("set", first.id, "key_editor"),
        ("replaced", first.id, "key_owner"),
        ("set", second.id, "key_owner"),
        ("cleared", second.id, "key_owner"),
    ]
    with alice.reading() as session:
        wanted = select(AuditRow.action).where(AuditRow.action.startswith("trigger.")).order_by(AuditRow.id)
        assert session.scalars(wanted).all() == ["trigger.set", "trigger.set", "trigger.cleared"]


@pytest.mark.parametrize("role", [Role.VIEWER])
def test_viewers_neither_set_nor_clear_nor_check(alice: Tenant, role: Role) -> None:
    out = made.out(alice)
    viewer = alice.actor(role)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        triggers.put(session, viewer, out.piece_id, "likes", "<", 5)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        triggers.clear(session, viewer, out.piece_id)
    with pytest.raises(errors.Forbidden):
        checking.check(alice.home.engine, viewer)
    with pytest.raises(errors.Forbidden), alice.writing() as session:
        trigger_checks.fire(session, viewer, out.piece_id)


def test_strangers_find_no_piece_and_no_campaign_and_check_nothing_of_others(alice: Tenant, charlie: Tenant) -> None:
    out = made.low(alice)
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        triggers.put(session, charlie.owner, out.piece_id, "likes", "<", 5)
    with pytest.raises(errors.NotFound), charlie.writing() as session:
        triggers.clear(session, charlie.owner, out.piece_id)
    with alice.writing() as session:
        campaign = campaigns.create(session, alice.owner, "Loaves")
    with pytest.raises(errors.NotFound):
        made.check(charlie, campaign.id)
    assert made.check(charlie) == {"checked": 0, "triggered": [], "skipped": []}
    with charlie.writing() as session:
        assert trigger_checks.fire(session, charlie.owner, out.piece_id).reason.startswith("gone")
    assert made.history(charlie, out) == []
    stands = made.stands(alice, out)
    assert stands is not None
    assert stands.status == "set"


def test_a_piece_that_was_replaced_takes_no_trigger(alice: Tenant) -> None:
    out = made.out(alice)
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).status = "superseded"
    with pytest.raises(errors.Conflict) as caught:
        made.put(alice, out)
    assert caught.value.code == "piece_superseded"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE triggers SET value = 7",
        "UPDATE triggers SET prompt = 'x'",
        "DELETE FROM triggers",
        "UPDATE trigger_events SET kind = 'x'",
        "DELETE FROM trigger_events",
    ],
)
def test_the_database_itself_keeps_what_was_asked_and_what_happened(alice: Tenant, statement: str) -> None:
    made.put(alice, made.out(alice))
    with pytest.raises(sa.exc.DBAPIError, match=r"kept as they were written|only grows"):
        alice.raw(statement)


def test_a_piece_has_one_trigger_that_stands_at_most(alice: Tenant) -> None:
    out = made.out(alice)
    row = made.put(alice, out)
    values = {name: getattr(row, name) for name in ("piece_id", "metric", "comparison", "value", "prompt", "set_at")}
    second = Trigger(id="trg_2", **values, set_by="x", status="set", firings=0, failures=0)
    with alice.writing() as session:
        session.add(second)
        with pytest.raises(sa.exc.IntegrityError):
            session.flush()
        session.rollback()


def test_any_live_variant_that_meets_it_fires_with_the_newest_totals(alice: Tenant) -> None:
    out = made.out(alice)
    made.tell(alice, out, {"A": {"likes": 1}, "B": {"likes": 20}})
    made.tell(alice, out, {"A": {"likes": 9, "reach": 300}, "B": {"likes": 21, "reach": 100}})
    made.put(alice, out, "likes < 5")
    assert made.check(alice) == {"checked": 1, "triggered": [], "skipped": []}
    made.put(alice, out, "engagement_rate >= 20")
    report = made.check(alice)
    (found,) = report["triggered"]
    assert (report["checked"], report["skipped"]) == (1, [])
    assert (found["piece_id"], found["triggered_variants"]) == (out.piece_id, ["B"])
    assert found["metrics"] == {
        "A": {"likes": 9, "reach": 300, "engagement_rate": 3},
        "B": {"likes": 21, "reach": 100, "engagement_rate": 21},
    }
    with alice.reading() as session:
        run = session.get_one(Run, found["task_id"])
    assert (run.function, run.actor_id) == ("trigger", "key_owner")
    assert reasons(alice) == ["firing"]
    stands = made.stands(alice, out)
    assert stands is not None
    assert (stands.status, stands.task_id) == ("firing", run.id)
    fired = made.history(alice, out)[-1]
    assert (fired.kind, fired.detail["metrics"], fired.detail["task_id"]) == ("fired", found["metrics"], run.id)


def test_all_posts_of_a_variant_count_and_what_sources_say_is_put_together(alice: Tenant) -> None:
    out = made.out(alice)
    again = made.published(alice, out.piece_id, platform="mastodon")
    made.tell(alice, out, {"A": {"likes": 3}})
    made.tell(alice, out, {"A": {"reach": 100}}, source="export")
    made.tell(alice, again, {"A": {"likes": 4, "reach": 40}})
    made.put(alice, out, "likes == 7")
    (found,) = made.check(alice)["triggered"]
    assert found["metrics"]["A"] == {"likes": 7, "reach": 140, "engagement_rate": 5}


def test_without_posts_or_totals_it_is_skipped_as_having_no_metrics(alice: Tenant) -> None:
    unpublished = made.Out(made.written(alice), {}, {})
    made.put(alice, unpublished)
    untold = made.out(alice)
    made.put(alice, untold)
    assert made.check(alice) == {
        "checked": 2,
        "triggered": [],
        "skipped": [{"piece_id": each.piece_id, "reason": "no_metrics"} for each in (unpublished, untold)],
    }


def test_totals_from_before_the_publication_and_of_posts_taken_down_do_not_count(alice: Tenant) -> None:
    out = made.out(alice, days=0)
    with alice.writing() as session:
        early = clock.now() - timedelta(days=2)
        posts.add_totals(session, alice.owner, out.posts["A"], {"likes": 1}, "person", early)
    made.put(alice, out)
    assert reasons(alice) == ["no_metrics"]
    made.tell(alice, out, COUNTS)
    with alice.writing() as session:
        for id in out.posts.values():
            session.get_one(Post, id).status = "removed"
    assert reasons(alice) == ["no_metrics"]


def test_a_metric_that_no_channel_of_the_piece_tells_is_said_to_be_one(alice: Tenant) -> None:
    out = made.out(alice)
    made.tell(alice, out, COUNTS)
    made.put(alice, out, "saves < 5")
    (skipped,) = made.check(alice)["skipped"]
    told = "metric_not_told: saves: no channel of this piece tells it; told are engagement_rate, likes, reach"
    assert skipped == {"piece_id": out.piece_id, "reason": told}


def test_only_what_is_out_and_has_no_new_text_waiting_fires(alice: Tenant) -> None:
    out = made.low(alice)
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).status = "draft"
    assert reasons(alice) == ["not_out"]
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).status = "published"
        old = session.get_one(Variant, out.variants["B"])
        old.status = "loser"
        values = {"piece_id": out.piece_id, "label": "B", "version": 2, "content": old.content, "status": "draft"}
        session.add(Variant(id="var_2", parent_variant_id=old.id, by="model", created_at=clock.now(), **values))
    assert reasons(alice) == ["new_text_waits"]
    stands = made.stands(alice, out)
    assert stands is not None
    assert (stands.status, stands.firings) == ("set", 0)


def test_reopened_and_rejected_pieces_have_nothing_live(alice: Tenant) -> None:
    out = made.Out(made.written(alice), {}, {})
    made.put(alice, out)
    with alice.writing() as session:
        pieces.reopen(session, alice.owner, out.piece_id)
        pieces.reject(session, alice.owner, out.piece_id)
    assert reasons(alice) == ["no_metrics"]


def test_a_campaign_is_checked_by_itself(alice: Tenant) -> None:
    with alice.writing() as session:
        campaign = campaigns.create(session, alice.owner, "Loaves")
    inside, outside = made.low(alice, campaign_id=campaign.id), made.low(alice)
    report = made.check(alice, campaign.id)
    assert (report["checked"], [each["piece_id"] for each in report["triggered"]]) == (1, [inside.piece_id])
    assert [each["piece_id"] for each in made.check(alice)["triggered"]] == [outside.piece_id]


def test_pieces_are_checked_page_by_page(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAGE", 2)
    found = [made.low(alice) for _ in range(5)]
    report = made.check(alice)
    assert report["checked"] == 5
    assert [each["piece_id"] for each in report["triggered"]] == [each.piece_id for each in found]


def test_one_piece_that_fails_keeps_none_of_the_others(alice: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (made.low(alice) for _ in range(3))
    fire = trigger_checks.fire

    def breaking(session: Any, actor: Any, piece_id: str) -> Any:
        if piece_id == first.piece_id:
            raise ZeroDivisionError("a bug of ours")
        if piece_id == second.piece_id:
            raise errors.TooMuchCost("no credits are left", "insufficient_credits")
        return fire(session, actor, piece_id)

    monkeypatch.setattr(trigger_checks, "fire", breaking)
    report = made.check(alice)
    assert [each["piece_id"] for each in report["triggered"]] == [third.piece_id]
    assert [(each["piece_id"], each["reason"].split(":")[0]) for each in report["skipped"]] == [
        (first.piece_id, "failed"),
        (second.piece_id, "insufficient_credits"),
    ]


def test_without_credits_nothing_fires_and_the_reason_says_so(alice: Tenant) -> None:
    out = made.low(alice)
    with alice.writing() as session:
        credits.grant(session, alice.owner, 1, "less than it costs")
    assert reasons(alice) == ["insufficient_credits"]
    stands = made.stands(alice, out)
    assert stands is not None
    assert (stands.status, stands.firings) == ("set", 0)


def test_a_piece_written_by_hand_alone_is_not_written_anew(alice: Tenant) -> None:
    out = made.low(alice)
    with alice.writing() as session:
        session.get_one(Piece, out.piece_id).medium = "article"
    assert reasons(alice) == ["medium_not_written"]


def test_a_winner_without_another_label_is_kept(alice: Tenant) -> None:
    out = made.out(alice, variants=1)
    made.tell(alice, out, {"A": {"likes": 1}})
    made.put(alice, out)
    made.crown(alice, out, "A")
    assert reasons(alice) == ["winner_kept"]
    with alice.reading() as session:
        assert content_store.newest_variants(session, [out.piece_id])[out.piece_id][0].status == "winner"
