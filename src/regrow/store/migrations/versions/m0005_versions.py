"""Every version kept: lines of pieces and generations, versions of pieces, and tries that the daily limit counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0005"
down_revision = "0004"

SCOPED = ("piece_versions", "regenerating_tries")
KEPT = ("id", "piece_id", "label", "version", "content", "parent_variant_id", '"by"', "created_at", "workspace_id")
IS_CURRENT = sa.text("status <> 'superseded'")


def upgrade() -> None:
    _piece_versions()
    _tries()
    with locks.unlocked("generations", "pieces", "variants"):
        for table in ("generations", "pieces"):
            _lines(table)
        _first_versions()
    for table in SCOPED:
        locks.lock_rows(table)
    locks.only_grow("piece_versions")
    locks.keep("variants", KEPT)
    op.create_index(
        "uq_pieces_line_id_current",
        "pieces",
        ["line_id"],
        unique=True,
        sqlite_where=IS_CURRENT,
        postgresql_where=IS_CURRENT,
    )


def _lines(table: str) -> None:
    op.add_column(table, sa.Column("line_id", sa.String(length=40), nullable=False, server_default=""))
    op.execute(f"UPDATE {table} SET line_id = id")
    op.create_index(op.f(f"ix_{table}_workspace_id_line_id_id"), table, ["workspace_id", "line_id", "id"], unique=False)


def _first_versions() -> None:
    """What was written before versions were kept is each piece's first one."""
    op.execute(
        'INSERT INTO piece_versions (piece_id, version, how, "by", origin, provenance, at, workspace_id) '
        "SELECT id, version, 'written', origin, origin, provenance, created_at, workspace_id FROM pieces"
    )


def _piece_versions() -> None:
    op.create_table(
        "piece_versions",
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("provenance", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_piece_versions_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_piece_versions_workspace_id")),
        sa.PrimaryKeyConstraint("piece_id", "version", name=op.f("pk_piece_versions")),
    )
    op.create_index(
        op.f("ix_piece_versions_workspace_id_piece_id_version"),
        "piece_versions",
        ["workspace_id", "piece_id", "version"],
        unique=False,
    )


def _tries() -> None:
    op.create_table(
        "regenerating_tries",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("generation_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name=op.f("fk_regenerating_tries_generation_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["runs.id"], name=op.f("fk_regenerating_tries_task_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_regenerating_tries_workspace_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_regenerating_tries")),
    )
    op.create_index(
        op.f("ix_regenerating_tries_workspace_id_generation_id_day"),
        "regenerating_tries",
        ["workspace_id", "generation_id", "day"],
        unique=False,
    )
