"""Runs of functions: progress, usage, contexts and credits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0003"
down_revision = "0002"

SCOPED = (
    "contexts",
    "runs",
    "progress_events",
    "usage_rows",
    "credit_accounts",
    "credit_holds",
    "credit_entries",
)
ONLY_GROW = ("credit_entries",)


def upgrade() -> None:
    _contexts()
    _runs()
    _progress_events()
    _usage_rows()
    _credit_accounts()
    _credit_holds()
    _credit_entries()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _contexts() -> None:
    op.create_table(
        "contexts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("complexity", sa.String(length=10), nullable=False),
        sa.Column("inputs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("confidence", sa.String(length=20), nullable=False),
        sa.Column("validation", sa.String(length=30), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error_trace", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["contexts.id"], name=op.f("fk_contexts_parent_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_contexts_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contexts")),
    )
    op.create_index(
        op.f("ix_contexts_workspace_id_finished_at"), "contexts", ["workspace_id", "finished_at"], unique=False
    )
    op.create_index(op.f("ix_contexts_workspace_id_id"), "contexts", ["workspace_id", "id"], unique=False)


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("function", sa.String(length=60), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("request", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("context_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_runs_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_workspace_id_finished_at"), "runs", ["workspace_id", "finished_at"], unique=False)
    op.create_index(op.f("ix_runs_workspace_id_id"), "runs", ["workspace_id", "id"], unique=False)


def _progress_events() -> None:
    op.create_table(
        "progress_events",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["runs.id"], name=op.f("fk_progress_events_task_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_progress_events_workspace_id")),
        sa.PrimaryKeyConstraint("task_id", "sequence", name=op.f("pk_progress_events")),
    )
    op.create_index(
        op.f("ix_progress_events_workspace_id_task_id_sequence"),
        "progress_events",
        ["workspace_id", "task_id", "sequence"],
        unique=False,
    )


def _usage_rows() -> None:
    op.create_table(
        "usage_rows",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("context_id", sa.String(length=40), nullable=True),
        sa.Column("function", sa.String(length=60), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_micros", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["runs.id"], name=op.f("fk_usage_rows_task_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_usage_rows_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_rows")),
    )
    op.create_index(op.f("ix_usage_rows_workspace_id_id"), "usage_rows", ["workspace_id", "id"], unique=False)
    op.create_index(op.f("ix_usage_rows_workspace_id_task_id"), "usage_rows", ["workspace_id", "task_id"], unique=False)


def _credit_accounts() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("is_unlimited", sa.Boolean(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_credit_accounts_not_below_zero")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_credit_accounts_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_accounts")),
    )
    op.create_index(op.f("ix_credit_accounts_workspace_id"), "credit_accounts", ["workspace_id"], unique=True)


def _credit_holds() -> None:
    op.create_table(
        "credit_holds",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("is_unlimited", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_credit_holds_workspace_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_credit_holds")),
    )
    op.create_index(
        op.f("ix_credit_holds_workspace_id_status"), "credit_holds", ["workspace_id", "status"], unique=False
    )


def _credit_entries() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("what_for", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_credit_entries_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
    )
    op.create_index(op.f("ix_credit_entries_workspace_id_id"), "credit_entries", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_credit_entries_workspace_id_task_id"), "credit_entries", ["workspace_id", "task_id"], unique=False
    )
