"""A workspace's own prompts with every version, which of them a run is put in, and comparisons of two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0010"
down_revision = "0009"

SCOPED = ("prompt_versions", "prompt_trials")


def upgrade() -> None:
    op.add_column("runs", sa.Column("prompts", sa.JSON(none_as_null=True), nullable=False, server_default="{}"))
    _versions()
    _trials()
    for table in SCOPED:
        locks.lock_rows(table)
        locks.only_grow(table)


def _versions() -> None:
    op.create_table(
        "prompt_versions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_prompt_versions_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_versions")),
        sa.UniqueConstraint(
            "workspace_id", "template", "version", name=op.f("uq_prompt_versions_workspace_id_template_version")
        ),
    )
    op.create_index(op.f("ix_prompt_versions_workspace_id_id"), "prompt_versions", ["workspace_id", "id"], unique=False)


def _trials() -> None:
    op.create_table(
        "prompt_trials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("topic_id", sa.String(length=40), nullable=False),
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("sides", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["personas.id"], name=op.f("fk_prompt_trials_persona_id")),
        sa.ForeignKeyConstraint(["task_id"], ["runs.id"], name=op.f("fk_prompt_trials_task_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_prompt_trials_topic_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_prompt_trials_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_trials")),
        sa.UniqueConstraint("task_id", name=op.f("uq_prompt_trials_task_id")),
    )
    op.create_index(op.f("ix_prompt_trials_workspace_id_id"), "prompt_trials", ["workspace_id", "id"], unique=False)
