"""Generations as durable runs."""

from __future__ import annotations

from regrow.domain import content, functions
from regrow.services import generations
from regrow.store.tables.runs import Run
from regrow.workflows import engine


def calls(run: Run) -> list[str]:
    """The names of the functions that a generation calls, in order."""
    return [functions.BY_MEDIUM[medium].name for medium in content.from_json(run.request).media]


engine.register(
    engine.Work(
        name=generations.NAME,
        calls=calls,
        brief=generations.brief,
        parse=generations.parse,
        save=generations.save,
    )
)
