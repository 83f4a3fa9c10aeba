"""Regenerations as durable runs: those of one generation in turn, so that each sees what the one before wrote."""

from __future__ import annotations

from regrow.domain import functions
from regrow.domain import regenerating as rules
from regrow.services import regenerating, rewriting
from regrow.store.tables.runs import Run
from regrow.workflows import engine


def calls(run: Run) -> list[str]:
    """The names of the functions that a regeneration calls, in order."""
    return [functions.BY_MEDIUM[medium].name for medium in rules.from_json(run.request).media]


def turn(run: Run) -> str:
    return rules.from_json(run.request).generation_id


engine.register(
    engine.Work(
        name=regenerating.NAME,
        calls=calls,
        brief=rewriting.brief,
        parse=rewriting.parse,
        save=rewriting.save,
        turn=turn,
    )
)
