"""The schedule judges experiments: one that cannot be evaluated keeps nobody else waiting."""

from __future__ import annotations

from sqlalchemy import insert
from structlog.testing import capture_logs

from regrow.kit import clock
from regrow.services import experiments
from regrow.store import tenancy
from regrow.store.tables.experiments import ExperimentBatch
from regrow.workflows import schedules
from tests import experiments as made
from tests.homes import Tenant

RATES = {"A": 0.4, "B": 0.1}


def test_an_experiment_with_a_broken_batch_is_told_and_the_others_are_judged(alice: Tenant) -> None:
    broken, sound = made.begun(alice), made.begun(alice)
    for each in (broken, sound):
        made.tell(alice, each, made.days(each, RATES))
    row = {"experiment_id": broken.id, "number": 99, "batch_id": "b99", "at": made.START, "evidence": "randomised"}
    more = {"source": "api", "counts": {"arms": [["no number"]]}, "digest": "", "received_at": clock.now()}
    with alice.writing() as session:
        session.execute(insert(ExperimentBatch), [{**row, **more}])
    with tenancy.workspace(alice.id), capture_logs() as told:
        assert schedules.judge(alice.home.engine, alice.id) == 1
    assert [(each["event"], each["experiment"]) for each in told] == [("experiment.not_evaluated", broken.id)]
    with alice.reading() as session:
        assert experiments.found(session, sound.id).status == "concluded"
        assert experiments.found(session, broken.id).status == "running"
