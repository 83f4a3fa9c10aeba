"""Triggers: conditions on the totals of pieces, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0015"
down_revision = "0014"

ASKED = ("id", "piece_id", "metric", "comparison", "value", "prompt", "set_by", "set_at", "workspace_id")
"""What was asked of a trigger stays as it was asked."""


def upgrade() -> None:
    _triggers()
    _trigger_events()
    for table in ("triggers", "trigger_events"):
        locks.lock_rows(table)
    locks.keep("triggers", ASKED)
    locks.only_grow("trigger_events")


def _triggers() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("comparison", sa.String(length=2), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("firings", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.String(length=40), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_triggers_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_triggers_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
    )
    op.create_index(
        "uq_triggers_piece_id_stands",
        "triggers",
        ["piece_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('set', 'firing')"),
        postgresql_where=sa.text("status IN ('set', 'firing')"),
    )
    op.create_index(
        op.f("ix_triggers_workspace_id_status_id"), "triggers", ["workspace_id", "status", "id"], unique=False
    )


def _trigger_events() -> None:
    op.create_table(
        "trigger_events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("trigger_id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["trigger_id"], ["triggers.id"], name=op.f("fk_trigger_events_trigger_id")),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_trigger_events_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_trigger_events_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_events")),
    )
    op.create_index(
        op.f("ix_trigger_events_workspace_id_piece_id_id"),
        "trigger_events",
        ["workspace_id", "piece_id", "id"],
        unique=False,
    )
