"""Keys for model providers, sealed, per workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0009"
down_revision = "0008"

SCOPED = ("model_keys",)


def upgrade() -> None:
    op.create_table(
        "model_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_model_keys_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_keys")),
    )
    op.create_index(op.f("ix_model_keys_workspace_id_id"), "model_keys", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_model_keys_workspace_id_provider_id"), "model_keys", ["workspace_id", "provider", "id"], unique=False
    )
    for table in SCOPED:
        locks.lock_rows(table)
