"""What triggers are held against: the newest totals of every live variant, and what is usual of others like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from regrow.domain.triggers import counting
from regrow.domain.triggers.conditions import Condition
from regrow.domain.triggers.counting import Seen
from regrow.domain.triggers.facts import Facts
from regrow.kit import clock
from regrow.store import content as content_store
from regrow.store import triggers as store
from regrow.store.tables.content import Piece, Variant
from regrow.store.tenancy import Session
from regrow.store.triggers import Out

MOST_OTHERS = 200
"""Other posts that are looked at for what is usual: the newest ones."""


def seen(session: Session, piece_ids: Sequence[str], now: datetime) -> dict[str, tuple[Seen, ...]]:
    """The live variants of these pieces with the totals of their published posts, in three queries."""
    live = store.live_variants(session, piece_ids)
    out = store.published(session, [row.id for rows in live.values() for row in rows])
    told = _told(session, out)
    return {id: tuple(_seen(row, out, told, now) for row in rows) for id, rows in live.items()}


def _seen(row: Variant, out: Sequence[Out], told: Mapping[str, counting.Counts], now: datetime) -> Seen:
    mine = [post for post in out if post.variant_id == row.id]
    first = min((clock.aware(post.published_at) for post in mine), default=now)
    return Seen(row.label, row.id, tuple(told[post.post_id] for post in mine), (now - first).total_seconds())


def _told(session: Session, out: Sequence[Out]) -> dict[str, counting.Counts]:
    """By post; totals that were true before the post was out are none of its own."""
    rows = store.newest_totals(session, [post.post_id for post in out])
    return {
        post.post_id: counting.newest(row.counts for row in rows[post.post_id] if row.at >= post.published_at)
        for post in out
    }


def facts(
    session: Session, piece: Piece, condition: Condition, triggered: Sequence[str], live: Sequence[Seen]
) -> Facts:
    """Everything that an analysis may speak of, as it stands now."""
    platforms = tuple(sorted({post.platform for post in store.published(session, [each.variant_id for each in live])}))
    others = store.others(session, piece.id, piece.medium, platforms, MOST_OTHERS)
    told = [counts for counts in _told(session, others).values() if counts]
    labels, winner = to_write(session, piece)
    return Facts(
        condition=condition,
        triggered=tuple(triggered),
        seen=tuple(live),
        usual=counting.usual(told),
        others=len(told),
        medium=piece.medium,
        platforms=platforms,
        labels=labels,
        winner=winner,
    )


def to_write(session: Session, piece: Piece) -> tuple[tuple[str, ...], str]:
    """The labels that get a new text, and the one whose declared winner is kept; empty where there is none.

    Where one label alone was selected to be published, the others get none.
    """
    winner = next((row.label for row in live_of(session, piece.id) if row.status == "winner"), "")
    selected = piece.meta.get("selected")
    labels = [row.label for row in content_store.newest_variants(session, [piece.id])[piece.id]]
    return tuple(label for label in labels if label != winner and selected in (None, label)), winner


def live_of(session: Session, piece_id: str) -> list[Variant]:
    return store.live_variants(session, [piece_id])[piece_id]


def has_waiting(session: Session, piece: Piece) -> bool:
    """Whether a new text for one that readers see, or saw, waits for somebody's yes."""
    drafts = [row for row in content_store.newest_variants(session, [piece.id])[piece.id] if row.status == "draft"]
    parents = {row.parent_variant_id for row in drafts}
    rows = content_store.variants_of(session, [piece.id]) if drafts else []
    return any(row.id in parents and row.status in ("live", "winner", "loser") for row in rows)
