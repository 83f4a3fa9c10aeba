"""What people think of pieces: ratings that only grow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0006"
down_revision = "0005"

SCOPED = ("ratings",)
ONLY_GROW = ("ratings",)


def upgrade() -> None:
    _ratings()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("piece_version", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.String(length=40), nullable=False),
        sa.Column("rating", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_ratings_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_ratings_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_workspace_id_id"), "ratings", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_ratings_workspace_id_piece_id_id"), "ratings", ["workspace_id", "piece_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_ratings_workspace_id_piece_id_actor_id_id"),
        "ratings",
        ["workspace_id", "piece_id", "actor_id", "id"],
        unique=False,
    )
