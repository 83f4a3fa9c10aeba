"""Many at once on one test: one regeneration runs, and of the last one that is left exactly one comes true.

REGROW_TEST_CIRCUIT_RACES sets how often the last one is raced for; eight by default, a thousand for a long run.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from regrow.kit import clock, ids
from regrow.services import circuits
from regrow.services.circuits import Refusal
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.credits import CreditHold
from regrow.store.tables.runs import Run
from regrow.workflows import engine
from tests import circuits as lost
from tests.homes import Tenant
from tests.services.test_races import at_once

RACES = int(os.environ.get("REGROW_TEST_CIRCUIT_RACES", "8"))
AT_ONCE = 50


def asking(alice: Tenant, made: lost.Lost) -> Any:
    def ask() -> Any:
        with alice.writing() as session:
            found = circuits.ask(session, alice.owner, made.request())
            return found if isinstance(found, Refusal) else found.id

    return ask


def test_fifty_requests_at_once_begin_one(alice: Tenant) -> None:
    made = lost.lost(alice)
    found = [each.value for each in at_once([asking(alice, made)] * AT_ONCE)]
    told = Counter(each.status if isinstance(each, Refusal) else "begun" for each in found)
    assert told == {"begun": 1, 409: AT_ONCE - 1}
    (event,) = lost.events(alice)
    assert event.status == "initiated"
    with alice.reading() as session:
        assert session.scalar(select(func.count(Run.id)).where(Run.function == circuits.NAME)) == 1
        held = select(func.count(CreditHold.task_id)).where(CreditHold.status == "held")
        assert (session.scalar(held) or 0) <= 1


def registered(alice: Tenant, made: lost.Lost) -> None:
    """One that was registered three days ago: one is left."""
    before = clock.now() - 1.5 * circuits_cooldown()
    with alice.writing() as session:
        session.add(
            Event(
                id=ids.new("reg"),
                ab_test_id=made.test_id,
                parent_variant_id=made.loser,
                new_variant_id=made.loser,
                status="registered",
                initiated_at=before,
                completed_at=before,
                circuit_execution_id=made.decision_id,
                termination_reason=lost.REASON,
                confidence_score=lost.CONFIDENCE,
                performance_delta=lost.DELTA,
                generated_by="manual",
                created_at=before,
            )
        )


def circuits_cooldown() -> Any:
    from regrow.domain.circuits import guardrails

    return guardrails.COOLDOWN


@pytest.mark.parametrize("racing", [2, 6])
def test_of_the_last_regeneration_exactly_one_is_had(alice: Tenant, racing: int) -> None:
    """Round after round somebody gets it and fails, which gives it back; in the end it is registered, and gone."""
    made = lost.lost(alice)
    registered(alice, made)
    ends: Counter[tuple[int, int]] = Counter()
    for _ in range(RACES if racing == 2 else max(1, RACES // 4)):
        found = [each.value for each in at_once([asking(alice, made)] * racing)]
        won = [each for each in found if not isinstance(each, Refusal)]
        ends[len(won), sum(isinstance(each, Refusal) and each.status == 409 for each in found)] += 1
        with alice.writing() as session:
            run = session.get_one(Run, won[0])
            engine.fail(session, run, {}, {"code": "model_unavailable", "detail": "the model was away"})
    assert set(ends) == {(1, racing - 1)}
    run = lost.under_way(alice, made)
    run.write()
    done = at_once([asking(alice, made), run.finish, asking(alice, made)])
    assert done[1].value == "success", run.result()
    refused = [each.value for each in (done[0], done[2])]
    assert all(isinstance(each, Refusal) for each in refused)
    last = lost.ask(alice, made)
    assert isinstance(last, Refusal)
    assert [each.partition(":")[0] for each in last.violations] == [
        *("max_regenerations_exceeded", "cooldown_period_active")
    ]
    assert Counter(event.status for event in lost.events(alice))["registered"] == 2
