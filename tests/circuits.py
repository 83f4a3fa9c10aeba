"""Tests that a text has lost, and what is asked of them: pieces really written, decisions really recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from regrow.domain.circuits.requests import Request
from regrow.services import (
    circuit_registering,
    circuits,
    experiment_decisions,
    experiments,
    generations,
    pieces,
    workspaces,
)
from regrow.services.circuits import Refusal
from regrow.services.experiment_decisions import Elsewhere
from regrow.store import content as content_store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.content import Variant
from regrow.store.tables.runs import Run
from tests import tries
from tests.homes import Tenant

CONFIDENCE, DELTA = 0.97, -0.2
REASON = "B was read to the end less often than A."


@dataclass(frozen=True)
class Lost:
    """A test in which the variant of label B lost by the decision `decision_id`."""

    test_id: str
    piece_id: str
    variants: dict[str, str]
    decision_id: str

    @property
    def loser(self) -> str:
        return self.variants["B"]

    def body(self, **changes: Any) -> dict[str, Any]:
        """A request as callers send it; a change to None takes the field out."""
        asked = {
            "ab_test_id": self.test_id,
            "losing_variant_id": self.loser,
            "circuit_execution_id": self.decision_id,
            "termination_reason": REASON,
            "confidence_score": CONFIDENCE,
            "performance_delta": DELTA,
            "generated_by": "manual",
        }
        return {name: value for name, value in {**asked, **changes}.items() if value is not None}

    def request(self, **changes: Any) -> Request:
        return Request(**self.body(**changes))


def written(alice: Tenant, medium: str = "social", variants: int = 2) -> str:
    """A piece that was written and approved; its id."""
    asked = {"topic_id": tries.topic(alice), "media": [medium], "social_count": 1, "variants": variants}
    done = tries.begun(alice, generations.ask, **asked).done()
    with alice.writing() as session:
        piece = content_store.pieces_of(session, [done["generation_id"]])[0]
        return pieces.approve(session, alice.owner, piece.id, "as it is", override=True).id


def begun(alice: Tenant, piece_id: str, **asked: Any) -> tuple[str, dict[str, str]]:
    """A test on a piece: its id, and its variants by label."""
    with alice.writing() as session:
        made = {"piece_id": piece_id, "metric": "click_rate", "minimum_hours": 0, "source": "outside", **asked}
        row = experiments.create(session, alice.owner, made)
        newest = content_store.newest_variants(session, [piece_id])[piece_id]
        return row.id, {variant.label: variant.id for variant in newest}


def decided(alice: Tenant, test_id: str, variant_id: str, decision: str = "terminate", **more: Any) -> str:
    """A decision of an outside system; its id."""
    told = {"confidence": CONFIDENCE, "delta": DELTA, "evidence": "randomised", "reason": REASON, "source": "acme"}
    if decision == "promote":
        told["delta"] = -DELTA
    with alice.writing() as session:
        made = Elsewhere(variant_id=variant_id, decision=decision, **{**told, **more})
        return experiment_decisions.decide_elsewhere(session, alice.owner, test_id, made).id


def lost(alice: Tenant, medium: str = "social", variants: int = 2, **asked: Any) -> Lost:
    piece_id = written(alice, medium, variants)
    test_id, labels = begun(alice, piece_id, **asked)
    return Lost(test_id, piece_id, labels, decided(alice, test_id, labels["B"]))


def ask(alice: Tenant, made: Lost, **changes: Any) -> Run | Refusal:
    with alice.writing() as session:
        return circuits.ask(session, alice.owner, made.request(**changes))


def under_way(alice: Tenant, made: Lost, **changes: Any) -> Underway:
    """A regeneration that was begun and that nobody works on."""
    run = ask(alice, made, **changes)
    assert isinstance(run, Run), run
    return Underway(alice, run.id)


class Underway(tries.Underway):
    """A regeneration done step by step: its gates, its calls, its end."""

    @property
    def event_id(self) -> str:
        with self.alice.reading() as session:
            return str(session.get_one(Run, self.task_id).request["event_id"])

    def done(self) -> dict[str, Any]:
        """Does all of it; how it came out, in the shape of the contract."""
        self.write()
        self.finish()
        return self.result()

    def result(self) -> dict[str, Any]:
        with self.alice.reading() as session:
            return circuit_registering.result(session.get_one(Event, self.event_id))

    def event(self) -> Event:
        with self.alice.reading() as session:
            return session.get_one(Event, self.event_id)


def event_of(alice: Tenant, id: str) -> Event:
    with alice.reading() as session:
        return session.get_one(Event, id)


def events(alice: Tenant) -> list[Event]:
    from sqlalchemy import select

    with alice.reading() as session:
        return list(session.scalars(select(Event).order_by(Event.id)))


def variant(alice: Tenant, id: str) -> Variant:
    with alice.reading() as session:
        return session.get_one(Variant, id)


def setting(alice: Tenant, **values: Any) -> None:
    with alice.writing() as session:
        named = {name.replace("__", "."): value for name, value in values.items()}
        workspaces.change(session, alice.owner, alice.id, None, named)
