"""Pieces that are out, with posts and the totals of these, for tests of triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from regrow.domain import functions
from regrow.kit import clock, errors, ids
from regrow.services import generations, pieces, posts, trigger_checks, triggers, workspaces
from regrow.services.trigger_checks import Outcome
from regrow.store import content as content_store
from regrow.store import triggers as store
from regrow.store.tables.content import Piece, Variant
from regrow.store.tables.contexts import Context
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.experiments import ExperimentDecision
from regrow.store.tables.runs import Run
from regrow.store.tables.triggers import Trigger, TriggerEvent
from regrow.workflows import triggers as checking
from tests import circuits, tries
from tests.homes import Tenant
from tests.tries import Underway

LIVE_AND_NEW = [("A", 1, "live"), ("B", 1, "live"), ("A", 2, "draft"), ("B", 2, "draft")]
"""Label, version and status of the variants of a piece once its trigger's run has written."""
BEFORE = LIVE_AND_NEW[:2]


@dataclass(frozen=True)
class Out:
    """A piece that is out: its variants and posts by label."""

    piece_id: str
    variants: dict[str, str]
    posts: dict[str, str]


def written(tenant: Tenant, medium: str = "social", **more: Any) -> str:
    """An approved piece, written from notes that hold enough for more texts than one."""
    asked = {"topic_id": tries.topic(tenant), "media": [medium], "social_count": 1, **more}
    done = tries.begun(tenant, generations.ask, **asked).done()
    with tenant.writing() as session:
        (piece,) = content_store.pieces_of(session, [done["generation_id"]])
        pieces.approve(session, tenant.owner, piece.id, "for a test", override=True)
    return piece.id


def out(tenant: Tenant, medium: str = "social", days: float = 3, platform: str = "x", **more: Any) -> Out:
    """A piece of which every variant was published elsewhere so many days ago."""
    return published(tenant, written(tenant, medium, **more), days, platform)


def published(tenant: Tenant, piece_id: str, days: float = 3, platform: str = "x") -> Out:
    at = clock.now() - timedelta(days=days)
    with tenant.writing() as session:
        variants = {row.label: row.id for row in content_store.newest_variants(session, [piece_id])[piece_id]}
        made = {
            label: posts.record(
                session,
                tenant.owner,
                {"variant_id": id, "platform": platform, "published_at": at, "outside_id": f"{id}-{platform}"},
            ).id
            for label, id in variants.items()
        }
    return Out(piece_id, variants, made)


def tell(tenant: Tenant, made: Out, counts: Mapping[str, Mapping[str, int]], source: str = "person") -> None:
    """The totals of each label's post, as they are now."""
    with tenant.writing() as session:
        for label in sorted(made.posts.keys() & counts):
            posts.add_totals(session, tenant.owner, made.posts[label], counts[label], source)


def usual(tenant: Tenant, count: int, **counts: int) -> None:
    """So many other posts of social pieces on x, each with these totals."""
    for _ in range(count):
        made = out(tenant, variants=1)
        tell(tenant, made, {"A": counts})


def put(tenant: Tenant, made: Out, condition: str = "likes < 5", prompt: str = "", actor: Any = None) -> Trigger:
    metric, comparison, value = condition.split()
    with tenant.writing() as session:
        return triggers.put(session, actor or tenant.owner, made.piece_id, metric, comparison, float(value), prompt)


def check(tenant: Tenant, campaign_id: str | None = None) -> dict[str, Any]:
    return checking.check(tenant.home.engine, tenant.owner, campaign_id).as_dict()


def fired(tenant: Tenant, made: Out) -> Underway:
    """The run that a check began, which nobody works on."""
    (found,) = [each for each in check(tenant)["triggered"] if each["piece_id"] == made.piece_id]
    return Underway(tenant, found["task_id"])


def disliked(tenant: Tenant, medium: str = "social", **more: Any) -> Out:
    """A piece out for three days whose A has three likes."""
    made = out(tenant, medium, **more)
    tell(tenant, made, {"A": {"likes": 3, "reach": 120}, "B": {"likes": 8, "reach": 110}})
    return made


def low(tenant: Tenant, medium: str = "social", prompt: str = "", **more: Any) -> Out:
    """The same with a trigger that is met."""
    made = disliked(tenant, medium, **more)
    put(tenant, made, prompt=prompt)
    return made


def fire(tenant: Tenant, made: Out) -> Outcome:
    with tenant.writing() as session:
        return trigger_checks.fire(session, tenant.owner, made.piece_id)


def piece(tenant: Tenant, made: Out) -> Piece:
    with tenant.reading() as session:
        return session.get_one(Piece, made.piece_id)


def variants(tenant: Tenant, made: Out) -> list[Variant]:
    with tenant.reading() as session:
        return content_store.variants_of(session, [made.piece_id])


def statuses(tenant: Tenant, made: Out) -> list[tuple[str, int, str]]:
    return [(row.label, row.version, row.status) for row in variants(tenant, made)]


def stands(tenant: Tenant, made: Out) -> Trigger | None:
    with tenant.reading() as session:
        return store.of_pieces(session, [made.piece_id]).get(made.piece_id)


def history(tenant: Tenant, made: Out) -> Sequence[TriggerEvent]:
    with tenant.reading() as session:
        return store.events(session, 100, piece_id=made.piece_id).items


def calls_of(tenant: Tenant, task_id: str) -> list[str]:
    with tenant.reading() as session:
        run = session.get_one(Run, task_id)
    return [functions.ANALYSE.name, f"write_{run.request['medium']}"]


def model(alice: Tenant, function: str, named: str) -> None:
    with alice.writing() as session:
        workspaces.change(session, alice.owner, alice.id, None, {f"models.{function}": named})


def failure(alice: Tenant, run: Underway) -> str:
    """Does the run to its end; the code of what made it fail."""
    with pytest.raises(errors.RegrowError) as caught:
        run.done()
    return caught.value.code


def assert_untouched(alice: Tenant, out: Out, failures: int = 1) -> Trigger:
    """Nothing of the piece changed, everything is settled, and the trigger waits."""
    found = piece(alice, out)
    assert (found.status, found.version) == ("published", 1)
    assert statuses(alice, out) == BEFORE
    trigger = stands(alice, out)
    assert trigger is not None
    assert (trigger.status, trigger.failures) == ("set", failures)
    with alice.reading() as session:
        assert session.scalars(select(Context.id).where(Context.finished_at.is_(None))).all() == []
        assert session.scalars(select(CreditHold.task_id).where(CreditHold.status == "held")).all() == []
    return trigger


def crown(tenant: Tenant, made: Out, label: str) -> None:
    """The others lose a test and this one wins it; one that is alone wins by the decision alone."""
    if len(made.variants) == 1:
        _decide_alone(tenant, made.variants[label])
        return
    test_id, _labels = circuits.begun(tenant, made.piece_id)
    for other in sorted(made.variants.keys() - {label}):
        circuits.decided(tenant, test_id, made.variants[other], "terminate")
    circuits.decided(tenant, test_id, made.variants[label], "promote")


def _decide_alone(tenant: Tenant, variant_id: str) -> None:
    other = out(tenant)
    test_id, _labels = circuits.begun(tenant, other.piece_id)
    id = circuits.decided(tenant, test_id, other.variants["A"], "promote")
    with tenant.writing() as session:
        told = session.get_one(ExperimentDecision, id)
        kept = {column.key: getattr(told, column.key) for column in ExperimentDecision.__table__.columns}
        values = {**kept, "id": ids.new("cxe"), "variant_id": variant_id}
        session.add(ExperimentDecision(**values))
        session.flush()
        session.get_one(Variant, variant_id).status = "winner"
