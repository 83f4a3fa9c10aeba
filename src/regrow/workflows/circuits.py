"""Regenerations of texts that lost, as durable runs: each gate is asked once, and nothing answered is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from regrow.domain.circuits.guardrails import MOST_TRIES
from regrow.domain.writing import Answer
from regrow.services import circuit_briefs, circuit_gates, circuit_judging, circuit_registering, circuits
from regrow.services.circuits import Wanted
from regrow.store.tables.runs import Run
from regrow.store.tenancy import Session
from regrow.workflows import engine


def parse(session: Session, run: Run, answers: Mapping[str, Answer]) -> Answer:
    """The answer whose text the gates have let pass."""
    return answers[circuit_briefs.writing_call(Wanted.of(run))]


def save(session: Session, run: Run, answers: Mapping[str, Answer], parsed: Answer) -> dict[str, Any]:
    return circuit_registering.register(session, run, parsed)


engine.register(
    engine.Work(
        name=circuits.NAME,
        calls=circuit_briefs.calls,
        brief=circuit_briefs.brief,
        parse=parse,
        save=save,
        models=circuit_briefs.candidates,
        may_lack=circuit_judging.may_lack,
        failed=circuit_gates.failed,
        gates={**circuit_gates.GATES, engine.SAVING: circuit_gates.save},
        most_tries=MOST_TRIES,
    )
)
