"""Judging as durable runs: every sample a call in a step of its own, each paid for once."""

from __future__ import annotations

from regrow.services import judging
from regrow.workflows import engine

engine.register(
    engine.Work(
        name=judging.NAME,
        calls=judging.calls,
        brief=judging.brief,
        parse=judging.parse,
        save=judging.save,
        models=judging.candidates,
        may_lack=judging.may_lack,
        failed=judging.failed,
    )
)
