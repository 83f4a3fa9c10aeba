"""Campaigns: pieces that belong together."""

from __future__ import annotations

from typing import Any

from regrow.domain.workspaces import Actor, Role
from regrow.kit import clock, ids
from regrow.services import editing, pieces
from regrow.store import audit, records
from regrow.store.tables.campaigns import Campaign
from regrow.store.tables.content import Piece
from regrow.store.tenancy import Session

PART = 500
"""Pieces read at once."""


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


def approve(session: Session, actor: Actor, id: str) -> pieces.Approved:
    """Approves every draft of the campaign in one go; what is skipped is told with its reason."""
    actor.must(Role.REVIEWER)
    row = editing.found(session, Campaign, id, "campaign")
    editing.refuse_archived(row, "campaign")
    done = pieces.approve_drafts(session, actor, _piece_ids(session, id))
    audit.add(session, actor, "campaign.approved", id, approved=len(done.approved), skipped=len(done.skipped))
    return done


def _piece_ids(session: Session, id: str) -> list[str]:
    """In the order in which they are to be locked."""
    found: list[tuple[str, str]] = []
    after = None
    while True:
        part = records.page(session, Piece, PART, after, campaign_id=id).items
        found += [(piece.generation_id, piece.id) for piece in part]
        for piece in part:
            session.expire(piece)  # it is read anew once it is locked: somebody may decide on it until then
        if len(part) < PART:
            return [piece_id for _generation_id, piece_id in sorted(found)]
        after = found[-1][1]
