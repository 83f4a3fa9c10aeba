"""Campaigns: pieces that belong together."""

from __future__ import annotations

from typing import Any

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import editing
from regrow.store import audit
from regrow.store.tables.campaigns import Campaign
from regrow.store.tenancy import Session


def create(session: Session, actor: Actor, name: str, description: str = "") -> Campaign:
    actor.must(Role.EDITOR)
    now = clock.now()
    row = Campaign(id=ids.new("cam"), name=name, description=description, version=1, created_at=now, updated_at=now)
    session.add(row)
    audit.add(session, actor, "campaign.created", row.id)
    return row


def change(session: Session, actor: Actor, id: str, expected_version: int | None, values: dict[str, Any]) -> Campaign:
    actor.must(Role.EDITOR)
    row = editing.found(session, Campaign, id, "campaign")
    editing.change(session, actor, row, "campaign", expected_version, **values)
    return row


def archive(session: Session, actor: Actor, id: str) -> Campaign:
    row = editing.found(session, Campaign, id, "campaign")
    editing.archive(session, actor, row, "campaign")
    return row
