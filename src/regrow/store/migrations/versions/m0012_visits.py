"""What readers of the built-in site were shown and did, and what was not counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0012"
down_revision = "0011"

SCOPED = (
    "conversions",
    "uncounted",
    "exposures",
    "visit_batches",
)


def upgrade() -> None:
    _conversions()
    _uncounted()
    _exposures()
    _visit_batches()
    for table in SCOPED:
        locks.lock_rows(table)


def _conversions() -> None:
    op.create_table(
        "conversions",
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_conversions_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_conversions_workspace_id")),
        sa.PrimaryKeyConstraint("piece_id", "visitor", "metric", name=op.f("pk_conversions")),
    )


def _uncounted() -> None:
    op.create_table(
        "uncounted",
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_uncounted_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "piece_id", "hour", "reason", name=op.f("pk_uncounted")),
    )


def _exposures() -> None:
    op.create_table(
        "exposures",
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("visitor", sa.String(length=32), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_exposures_piece_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_exposures_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_exposures_workspace_id")),
        sa.PrimaryKeyConstraint("piece_id", "visitor", name=op.f("pk_exposures")),
    )
    op.create_index(op.f("ix_exposures_piece_id_at"), "exposures", ["piece_id", "at"], unique=False)


def _visit_batches() -> None:
    op.create_table(
        "visit_batches",
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("metric", sa.String(length=20), nullable=False),
        sa.Column("exposures", sa.Integer(), nullable=False),
        sa.Column("conversions", sa.Integer(), nullable=False),
        sa.Column("value_sum", sa.Integer(), nullable=False),
        sa.Column("value_squares", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_visit_batches_piece_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_visit_batches_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_visit_batches_workspace_id")),
        sa.PrimaryKeyConstraint("piece_id", "variant_id", "hour", "metric", name=op.f("pk_visit_batches")),
    )
    op.create_index(
        op.f("ix_visit_batches_workspace_id_piece_id_hour"),
        "visit_batches",
        ["workspace_id", "piece_id", "hour"],
        unique=False,
    )
