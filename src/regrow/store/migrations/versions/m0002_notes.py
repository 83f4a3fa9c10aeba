"""Notes, how they link, and the topics found among them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0002"
down_revision = "0001"

SCOPED = (
    "notes",
    "note_names",
    "note_links",
    "note_tags",
    "topics",
)
ONLY_GROW = ()


def upgrade() -> None:
    _notes()
    _note_names()
    _note_links()
    _note_tags()
    _topics()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("identity", sa.String(length=1024), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("aliases", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("front_matter", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_notes_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sa.UniqueConstraint("workspace_id", "source", "identity", name=op.f("uq_notes_workspace_id_source_identity")),
    )
    op.create_index(op.f("ix_notes_workspace_id_id"), "notes", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_notes_workspace_id_source_digest"), "notes", ["workspace_id", "source", "digest"], unique=False
    )
    op.create_index(
        op.f("ix_notes_workspace_id_source_path"), "notes", ["workspace_id", "source", "path"], unique=False
    )


def _note_names() -> None:
    op.create_table(
        "note_names",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("note_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_note_names_note_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_note_names_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "name", "note_id", name=op.f("pk_note_names")),
    )
    op.create_index(op.f("ix_note_names_note_id"), "note_names", ["note_id"], unique=False)


def _note_links() -> None:
    op.create_table(
        "note_links",
        sa.Column("note_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=1024), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("heading", sa.String(length=500), nullable=True),
        sa.Column("alias", sa.String(length=500), nullable=True),
        sa.Column("to_note_id", sa.String(length=40), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_note_links_note_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["to_note_id"], ["notes.id"], name=op.f("fk_note_links_to_note_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_note_links_workspace_id")),
        sa.PrimaryKeyConstraint("note_id", "position", name=op.f("pk_note_links")),
    )
    op.create_index(op.f("ix_note_links_workspace_id_name"), "note_links", ["workspace_id", "name"], unique=False)
    op.create_index(
        op.f("ix_note_links_workspace_id_note_id_to_note_id"),
        "note_links",
        ["workspace_id", "note_id", "to_note_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_note_links_workspace_id_to_note_id_note_id"),
        "note_links",
        ["workspace_id", "to_note_id", "note_id"],
        unique=False,
    )


def _note_tags() -> None:
    op.create_table(
        "note_tags",
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.Column("tag", sa.String(length=200), nullable=False),
        sa.Column("note_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_note_tags_note_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_note_tags_workspace_id")),
        sa.PrimaryKeyConstraint("workspace_id", "tag", "note_id", name=op.f("pk_note_tags")),
    )
    op.create_index(op.f("ix_note_tags_note_id"), "note_tags", ["note_id"], unique=False)


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("seed_note_id", sa.String(length=40), nullable=True),
        sa.Column("note_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("random_seed", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["seed_note_id"], ["notes.id"], name=op.f("fk_topics_seed_note_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_topics_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_index(op.f("ix_topics_workspace_id_id"), "topics", ["workspace_id", "id"], unique=False)
