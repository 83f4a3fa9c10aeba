"""Regenerations of texts that lost: every attempt with what each gate found, and which text came of which."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.domain.circuits.guardrails import RUNNING, STATUSES
from regrow.store.tables.base import Base, Scoped


def _one_of(names: tuple[str, ...]) -> str:
    return f"status IN ({', '.join(repr(name) for name in names)})"


class ContentRegenerationEvent(Scoped, Base):
    """One regeneration, from its request to its end; the columns are those of the contract.

    Its own columns are filled in gate by gate, and never after it has ended; the database itself keeps to that, and to
    one running regeneration for each test.
    """

    __tablename__ = "content_regeneration_events"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    ab_test_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"))
    parent_variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    new_variant_id: Mapped[str | None] = mapped_column(ForeignKey("variants.id"))
    new_variant_content: Mapped[dict[str, Any] | None]
    status: Mapped[str] = mapped_column(String(20))
    initiated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]
    circuit_execution_id: Mapped[str] = mapped_column(String(200))
    termination_reason: Mapped[str] = mapped_column(Text)
    confidence_score: Mapped[float]
    performance_delta: Mapped[float]
    cx08_approval_signal: Mapped[dict[str, Any] | None]
    cx08_approved_at: Mapped[datetime | None]
    cx08_approved: Mapped[bool | None] = mapped_column(Boolean)
    cx06_generation_result: Mapped[dict[str, Any] | None]
    cx06_generated_at: Mapped[datetime | None]
    cx06_generated: Mapped[bool | None] = mapped_column(Boolean)
    cx05_validation_result: Mapped[dict[str, Any] | None]
    cx05_validation_score: Mapped[float | None]
    cx05_validated_at: Mapped[datetime | None]
    cx05_validation_passed: Mapped[bool | None] = mapped_column(Boolean)
    failure_reason: Mapped[str | None] = mapped_column(Text)
    failure_details: Mapped[dict[str, Any] | None]
    regeneration_instructions: Mapped[str | None] = mapped_column(Text)
    generated_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint(_one_of(STATUSES), name="status"),
        CheckConstraint("generated_by IN ('automated', 'manual')", name="generated_by"),
        CheckConstraint("status <> 'registered' OR new_variant_id IS NOT NULL", name="registered"),
        Index(
            "uq_content_regeneration_events_ab_test_id_running",
            "ab_test_id",
            unique=True,
            sqlite_where=text(_one_of(RUNNING)),
            postgresql_where=text(_one_of(RUNNING)),
        ),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "ab_test_id", "status"),
        Index(None, "workspace_id", "parent_variant_id"),
        Index(None, "workspace_id", "new_variant_id"),
    )


class ContentVariantLineage(Scoped, Base):
    """Which text was written again as which; `depth` counts from 1. Only `is_active` ever changes."""

    __tablename__ = "content_variant_lineage"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    ab_test_id: Mapped[str] = mapped_column(ForeignKey("experiments.id"))
    parent_variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    child_variant_id: Mapped[str] = mapped_column(ForeignKey("variants.id"))
    depth: Mapped[int]
    regeneration_event_id: Mapped[str] = mapped_column(ForeignKey("content_regeneration_events.id"))
    is_active: Mapped[bool]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("depth BETWEEN 1 AND 10", name="depth"),
        UniqueConstraint("workspace_id", "ab_test_id", "parent_variant_id", "child_variant_id"),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "parent_variant_id"),
        Index(None, "workspace_id", "child_variant_id"),
    )
