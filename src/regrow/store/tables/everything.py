"""All tables at once, for migrations and for checks that must miss none."""

from __future__ import annotations

from regrow.store.tables import (
    audit,
    campaigns,
    content,
    contexts,
    credits,
    executors,
    keys,
    members,
    notes,
    personas,
    requests,
    runs,
    topics,
    workspaces,
)
from regrow.store.tables.base import Base, Scoped

MODULES = (
    audit,
    campaigns,
    content,
    contexts,
    credits,
    executors,
    keys,
    members,
    notes,
    personas,
    requests,
    runs,
    topics,
    workspaces,
)

metadata = Base.metadata


def scoped() -> list[type[Scoped]]:
    """Every mapped class that belongs to a workspace."""
    return [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Scoped)]


def declare() -> None:
    """Makes every table known: a row may refer to a table whose module nothing else has imported."""
    Base.registry.configure()
