"""What waits beside texts that are out, and what came of a decision on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from regrow.api import posts
from regrow.api.pieces import Piece
from regrow.services.replacing import Decided
from regrow.store.tables.posts import Post
from regrow.store.tenancy import Session


class Replaced(BaseModel):
    """The text whose place a draft is to take."""

    variant_id: str
    version: int
    status: str


class Waiting(BaseModel):
    """A draft beside texts that are out. `how` is `circuit` or `trigger`, `experiment_id` the test that was lost."""

    variant_id: str
    label: str
    version: int
    how: str
    replaces: Replaced | None
    why: str
    experiment_id: str | None


class Reviewed(Piece):
    """`replacing` names the drafts that are to take the place of what is out; empty for most pieces."""

    replacing: list[Waiting]


class Replacing(BaseModel):
    """`variant_ids` were decided on, `replaced` gave way to them, `posts` were planned by it and started. `notes` say
    what else came of it: which experiment is joined or needed, and where nothing was planned.
    """

    variant_ids: list[str]
    replaced: list[str]
    posts: list[posts.Post]
    notes: list[str]


class DecidedPiece(Piece):
    """`replacing` is there when texts were decided on beside others that are out."""

    replacing: Replacing | None = None


def shape(session: Session, decided: Decided, rows: Sequence[Post]) -> dict[str, Any]:
    return {
        "variant_ids": [row.id for row in decided.variants],
        "replaced": list(decided.replaced),
        "posts": posts.shapes(session, rows),
        "notes": list(decided.notes),
    }
