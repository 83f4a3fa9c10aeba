"""Circuits: regenerations with what their gates found, which text came of which, and winners that nobody changes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0014"
down_revision = "0013"

EVENTS, LINEAGE = "content_regeneration_events", "content_variant_lineage"
ASKED = (
    *("id", "workspace_id", "ab_test_id", "parent_variant_id", "initiated_at", "circuit_execution_id"),
    *("termination_reason", "confidence_score", "performance_delta", "regeneration_instructions", "generated_by"),
    "created_at",
)
"""What a regeneration was asked to be; the gates fill in the rest."""
FIXED = (
    *("id", "workspace_id", "ab_test_id", "parent_variant_id", "child_variant_id", "depth"),
    *("regeneration_event_id", "created_at"),
)
"""All of a lineage row but `is_active`."""
RUNNING = ("initiated", "cx08_approved", "cx06_generated", "cx05_passed")
OVER = ("cx08_rejected", "cx05_failed", "registered", "failed")


def _one_of(names: tuple[str, ...]) -> str:
    return f"status IN ({', '.join(repr(name) for name in names)})"


def upgrade() -> None:
    _events()
    _lineage()
    for table in (EVENTS, LINEAGE):
        locks.lock_rows(table)
    locks.keep(EVENTS, ASKED)
    locks.settle(EVENTS, OVER)
    locks.keep(LINEAGE, FIXED)
    locks.crown("variants")


def _events() -> None:
    op.create_table(
        EVENTS,
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("ab_test_id", sa.String(length=40), nullable=False),
        sa.Column("parent_variant_id", sa.String(length=40), nullable=False),
        sa.Column("new_variant_id", sa.String(length=40), nullable=True),
        sa.Column("new_variant_content", sa.JSON(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("initiated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("circuit_execution_id", sa.String(length=200), nullable=False),
        sa.Column("termination_reason", sa.Text(), nullable=False),
        sa.Column("confidence_score", sa.Double(), nullable=False),
        sa.Column("performance_delta", sa.Double(), nullable=False),
        *_gates(),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure_details", sa.JSON(), nullable=True),
        sa.Column("regeneration_instructions", sa.Text(), nullable=True),
        sa.Column("generated_by", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(_one_of((*RUNNING, *OVER)), name=op.f(f"ck_{EVENTS}_status")),
        sa.CheckConstraint("generated_by IN ('automated', 'manual')", name=op.f(f"ck_{EVENTS}_generated_by")),
        sa.CheckConstraint(
            "status <> 'registered' OR new_variant_id IS NOT NULL", name=op.f(f"ck_{EVENTS}_registered")
        ),
        sa.ForeignKeyConstraint(["ab_test_id"], ["experiments.id"], name=op.f(f"fk_{EVENTS}_ab_test_id")),
        sa.ForeignKeyConstraint(["parent_variant_id"], ["variants.id"], name=op.f(f"fk_{EVENTS}_parent_variant_id")),
        sa.ForeignKeyConstraint(["new_variant_id"], ["variants.id"], name=op.f(f"fk_{EVENTS}_new_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{EVENTS}_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{EVENTS}")),
    )
    _events_indexes()


def _gates() -> list[sa.Column[Any]]:
    return [
        sa.Column("cx08_approval_signal", sa.JSON(), nullable=True),
        sa.Column("cx08_approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cx08_approved", sa.Boolean(), nullable=True),
        sa.Column("cx06_generation_result", sa.JSON(), nullable=True),
        sa.Column("cx06_generated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cx06_generated", sa.Boolean(), nullable=True),
        sa.Column("cx05_validation_result", sa.JSON(), nullable=True),
        sa.Column("cx05_validation_score", sa.Double(), nullable=True),
        sa.Column("cx05_validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cx05_validation_passed", sa.Boolean(), nullable=True),
    ]


def _events_indexes() -> None:
    for columns in (("id",), ("ab_test_id", "status"), ("parent_variant_id",), ("new_variant_id",)):
        name = f"ix_{EVENTS}_workspace_id_{'_'.join(columns)}"
        op.create_index(op.f(name), EVENTS, ["workspace_id", *columns], unique=False)
    op.create_index(
        f"uq_{EVENTS}_ab_test_id_running",
        EVENTS,
        ["ab_test_id"],
        unique=True,
        sqlite_where=sa.text(_one_of(RUNNING)),
        postgresql_where=sa.text(_one_of(RUNNING)),
    )


def _lineage() -> None:
    told = ("workspace_id", "ab_test_id", "parent_variant_id", "child_variant_id")
    op.create_table(
        LINEAGE,
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("ab_test_id", sa.String(length=40), nullable=False),
        sa.Column("parent_variant_id", sa.String(length=40), nullable=False),
        sa.Column("child_variant_id", sa.String(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("regeneration_event_id", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint("depth BETWEEN 1 AND 10", name=op.f(f"ck_{LINEAGE}_depth")),
        sa.ForeignKeyConstraint(["ab_test_id"], ["experiments.id"], name=op.f(f"fk_{LINEAGE}_ab_test_id")),
        sa.ForeignKeyConstraint(["parent_variant_id"], ["variants.id"], name=op.f(f"fk_{LINEAGE}_parent_variant_id")),
        sa.ForeignKeyConstraint(["child_variant_id"], ["variants.id"], name=op.f(f"fk_{LINEAGE}_child_variant_id")),
        sa.ForeignKeyConstraint(
            ["regeneration_event_id"], [f"{EVENTS}.id"], name=op.f(f"fk_{LINEAGE}_regeneration_event_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f(f"fk_{LINEAGE}_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{LINEAGE}")),
        sa.UniqueConstraint(*told, name=op.f(f"uq_{LINEAGE}_{'_'.join(told)}")),
    )
    for column in ("id", "parent_variant_id", "child_variant_id"):
        op.create_index(op.f(f"ix_{LINEAGE}_workspace_id_{column}"), LINEAGE, ["workspace_id", column], unique=False)
