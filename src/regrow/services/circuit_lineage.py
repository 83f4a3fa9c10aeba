"""Where a text comes from and what came of it, and every attempt of its test, in the shapes of the contract."""

from __future__ import annotations

from typing import Any

from regrow.kit import clock, errors
from regrow.store import circuits as store
from regrow.store.tables.circuits import ContentRegenerationEvent as Event
from regrow.store.tables.circuits import ContentVariantLineage as Lineage
from regrow.store.tenancy import Session

MOST_RECENT = 50


def lineage(session: Session, test_id: str, variant_id: str) -> dict[str, Any]:
    """The whole chain up and down; NotFound in the same words for unknown and foreign ids."""
    is_known = store.standing(session, test_id, variant_id) is not None
    if not is_known and not store.is_of_test(session, test_id, variant_id):
        raise errors.NotFound("there is no such variant in such a test here", "variant_not_found")
    parents, children = store.ancestry(session, variant_id), store.descent(session, variant_id)
    return {
        "ab_test_id": test_id,
        "variant_id": variant_id,
        "lineage": {
            "parents": [line(row) for row in parents],
            "children": [line(row) for row in children],
            "total_parents": len(parents),
            "total_children": len(children),
        },
        "regeneration_history": {
            "total_events": store.count(session, test_id),
            "recent_events": [attempt(row) for row in store.recent(session, test_id, MOST_RECENT)],
        },
    }


def line(row: Lineage) -> dict[str, Any]:
    return {
        "child_variant_id": row.child_variant_id,
        "parent_variant_id": row.parent_variant_id,
        "depth": row.depth,
        "created_at": clock.iso(row.created_at),
        "is_active": row.is_active,
    }


def attempt(row: Event) -> dict[str, Any]:
    """One regeneration as histories tell it."""
    return {
        "event_id": row.id,
        "status": row.status,
        "parent_variant": row.parent_variant_id,
        "child_variant": row.new_variant_id,
        "confidence_score": row.confidence_score,
        "performance_delta": row.performance_delta,
        "cx08_approved": bool(row.cx08_approved),
        "cx06_generated": bool(row.cx06_generated),
        "cx05_passed": bool(row.cx05_validation_passed),
        "cx05_score": row.cx05_validation_score,
        "initiated_at": clock.iso(row.initiated_at),
        "completed_at": clock.iso(row.completed_at) if row.completed_at is not None else None,
        "duration_ms": row.duration_ms,
    }


def whole(row: Event) -> dict[str, Any]:
    """Everything that is on record of a regeneration, by the columns of its table; times as texts."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns}
    return {name: clock.iso(value) if hasattr(value, "isoformat") else value for name, value in values.items()}
