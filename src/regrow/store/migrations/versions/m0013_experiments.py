"""Experiments: variants held against one another, their counts, and every decision."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0013"
down_revision = "0012"

SCOPED = ("experiments", "experiment_arms", "experiment_shares", "experiment_batches", "experiment_decisions")
ONLY_GROW = ("experiment_shares", "experiment_batches", "experiment_decisions")


def upgrade() -> None:
    _experiments()
    _experiment_arms()
    _experiment_shares()
    _experiment_batches()
    _experiment_decisions()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _experiments() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=4), nullable=False),
        sa.Column("allocation", sa.JSON(), nullable=False),
        sa.Column("traffic", sa.String(length=20), nullable=False),
        sa.Column("minimum_seconds", sa.Double(), nullable=False),
        sa.Column("maximum_seconds", sa.Double(), nullable=False),
        sa.Column("batch_seconds", sa.Integer(), nullable=False),
        sa.Column("dispersion", sa.Double(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("random_seed", sa.Integer(), nullable=False),
        sa.Column("arms_changed", sa.Integer(), nullable=False),
        sa.Column("pulled_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_experiments_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_experiments_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    _experiments_indexes()


def _experiments_indexes() -> None:
    op.create_index(op.f("ix_experiments_workspace_id_id"), "experiments", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_experiments_workspace_id_piece_id_id"), "experiments", ["workspace_id", "piece_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_experiments_workspace_id_status_id"), "experiments", ["workspace_id", "status", "id"], unique=False
    )
    op.create_index(
        "uq_experiments_piece_id_metric_running",
        "experiments",
        ["piece_id", "metric"],
        unique=True,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "uq_experiments_piece_id_on_site",
        "experiments",
        ["piece_id"],
        unique=True,
        sqlite_where=sa.text("status = 'running' AND source = 'site'"),
        postgresql_where=sa.text("status = 'running' AND source = 'site'"),
    )


def _experiment_arms() -> None:
    op.create_table(
        "experiment_arms",
        sa.Column("experiment_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=4), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiments.id"], name=op.f("fk_experiment_arms_experiment_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_experiment_arms_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_experiment_arms_workspace_id")),
        sa.PrimaryKeyConstraint("experiment_id", "variant_id", name=op.f("pk_experiment_arms")),
        sa.UniqueConstraint("experiment_id", "number", name=op.f("uq_experiment_arms_experiment_id_number")),
    )
    op.create_index(
        op.f("ix_experiment_arms_workspace_id_variant_id"),
        "experiment_arms",
        ["workspace_id", "variant_id"],
        unique=False,
    )


def _experiment_batches() -> None:
    op.create_table(
        "experiment_batches",
        sa.Column("experiment_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_experiment_batches_experiment_id")
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_experiment_batches_workspace_id")),
        sa.PrimaryKeyConstraint("experiment_id", "number", name=op.f("pk_experiment_batches")),
        sa.UniqueConstraint("experiment_id", "batch_id", name=op.f("uq_experiment_batches_experiment_id_batch_id")),
    )


def _experiment_decisions() -> None:
    op.create_table(
        "experiment_decisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("experiment_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=False),
        sa.Column("evaluation", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=4), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        *_numbers(),
        sa.Column("srm", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("is_applied", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_experiment_decisions_experiment_id")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_experiment_decisions_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_experiment_decisions_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment_decisions")),
        sa.UniqueConstraint(
            "experiment_id",
            "evaluation",
            "variant_id",
            name=op.f("uq_experiment_decisions_experiment_id_evaluation_variant_id"),
        ),
    )
    _experiment_decisions_indexes()


def _experiment_decisions_indexes() -> None:
    op.create_index(
        op.f("ix_experiment_decisions_workspace_id_experiment_id_id"),
        "experiment_decisions",
        ["workspace_id", "experiment_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_experiment_decisions_workspace_id_variant_id_id"),
        "experiment_decisions",
        ["workspace_id", "variant_id", "id"],
        unique=False,
    )


def _experiment_shares() -> None:
    op.create_table(
        "experiment_shares",
        sa.Column("experiment_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shares", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["experiment_id"], ["experiments.id"], name=op.f("fk_experiment_shares_experiment_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_experiment_shares_workspace_id")),
        sa.PrimaryKeyConstraint("experiment_id", "number", name=op.f("pk_experiment_shares")),
    )


def _numbers() -> list[sa.Column[Any]]:
    return [
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("reached_loser", sa.Double(), nullable=False),
        sa.Column("reached_winner", sa.Double(), nullable=False),
        sa.Column("delta", sa.Double(), nullable=False),
        sa.Column("delta_low", sa.Double(), nullable=True),
        sa.Column("delta_high", sa.Double(), nullable=True),
        sa.Column("delta_shrunk", sa.Double(), nullable=True),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("conversions", sa.Double(), nullable=True),
        sa.Column("needed", sa.BigInteger(), nullable=True),
    ]
