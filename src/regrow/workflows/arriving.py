"""What a process that is launched finds to put in order: contexts of dead processes, and workspaces without a site."""

from __future__ import annotations

from regrow.domain import workspaces as rules
from regrow.services import contexts
from regrow.services import sites as site_services
from regrow.store import database, sites, tenancy, workspaces
from regrow.store.tables.workspaces import Workspace


def put_in_order(made: database.Engine) -> None:
    """All of it."""
    close_orphans(made)
    furnish(made)


def close_orphans(made: database.Engine) -> int:
    """Closes the contexts of processes that died; gives back how many."""
    closed = 0
    for row in _everyone(made, has_archived=True):
        with database.writing(made, row.id) as session:
            closed += contexts.close_orphans(session)
    return closed


def furnish(made: database.Engine) -> None:
    """Gives workspaces that are older than sites their own."""
    for row in _everyone(made, has_archived=False):
        with database.reading(made, row.id) as session:
            is_furnished = sites.has_any(session)
        if not is_furnished:
            with database.writing(made, row.id) as session:
                site_services.furnish(session, rules.system(row.id), row.name)


def _everyone(made: database.Engine, has_archived: bool) -> list[Workspace]:
    with tenancy.system(), database.reading(made) as session:
        return workspaces.everyone(session, has_archived)
