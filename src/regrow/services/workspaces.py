"""Workspaces: founding one with all it needs, renaming it, and its settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regrow.domain import workspaces as rules
from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, errors, ids
from regrow.services import credits, editing, keys, members, personas, sites
from regrow.store import audit, workspaces
from regrow.store.tables.workspaces import Workspace, WorkspaceSettings
from regrow.store.tenancy import Session


@dataclass(frozen=True, slots=True)
class Founded:
    """A new workspace and its owner's key, which is shown this once."""

    workspace: Workspace
    api_key: str


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "workspace"


def found(session: Session, workspace_id: str, name: str, owner: str = "Owner") -> Founded:
    """Everything a workspace needs, in the session of the new workspace itself: one transaction."""
    slug = slug_of(name)
    if workspaces.find(session, slug) is not None:
        raise errors.Conflict(f"a workspace called {slug!r} exists already: choose another name", "workspace_exists")
    actor = rules.system(workspace_id)
    now = clock.now()
    row = Workspace(id=workspace_id, slug=slug, name=name, created_at=now)
    session.add(row)
    session.flush()
    session.add(WorkspaceSettings(id=ids.new("set"), values={}, version=1, updated_at=now))
    audit.add(session, actor, "workspace.created", workspace_id)
    credits.open_account(session, actor, is_unlimited=True)
    member = members.create(session, actor, owner, Role.OWNER)
    made = keys.create(session, actor, "owner's first key", Role.OWNER, member_id=member.id)
    personas.create(session, actor, "Plain voice", "Clear and direct; made with the workspace.", is_default=True)
    sites.furnish(session, actor, name)
    return Founded(row, made.secret)


def own(session: Session, actor: Actor, id: str) -> Workspace:
    """The actor's own workspace; every other one is NotFound."""
    row = workspaces.find(session, id) if id == actor.workspace_id else None
    if row is None:
        raise errors.NotFound(f"there is no workspace {id[:60]!r} here")
    return row


def change(
    session: Session,
    actor: Actor,
    id: str,
    name: str | None,
    settings: dict[str, Any] | None,
    expected_version: int | None = None,
) -> Workspace:
    """Renames the workspace, or changes its settings; the slug stays, because addresses contain it.

    The version of its settings counts changes of both; Stale when it is not `expected_version`.
    """
    actor.must(Role.OWNER)
    row = own(session, actor, id)
    held = workspaces.settings(session)
    editing.refuse_stale(held, expected_version, "workspace")
    if name is not None:
        row.name = name
    if settings is not None:
        merged = {**held.values, **rules.checked_settings(settings)}
        rules.refuse_crossed(merged)
        held.values = merged
    held.version += 1
    held.updated_at = clock.now()
    audit.add(session, actor, "workspace.changed", id, settings=sorted(settings or {}))
    return row


def archive(session: Session, actor: Actor, id: str) -> datetime:
    """Takes the workspace out of use: its keys stop working, its rows stay."""
    actor.must(Role.OWNER)
    row = own(session, actor, id)
    row.archived_at = row.archived_at or clock.now()
    audit.add(session, actor, "workspace.archived", id)
    return row.archived_at
