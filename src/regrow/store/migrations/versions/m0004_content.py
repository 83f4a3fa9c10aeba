"""What is written: personas, generations, pieces and variants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0004"
down_revision = "0003"

SCOPED = (
    "personas",
    "campaigns",
    "generations",
    "pieces",
    "variants",
    "used_seeds",
)
ONLY_GROW = ()


def upgrade() -> None:
    _personas()
    _campaigns()
    _generations()
    _pieces()
    _variants()
    _used_seeds()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _personas() -> None:
    op.create_table(
        "personas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("voice", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("guidelines", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_personas_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personas")),
    )
    op.create_index(op.f("ix_personas_workspace_id_id"), "personas", ["workspace_id", "id"], unique=False)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_campaigns_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_workspace_id_id"), "campaigns", ["workspace_id", "id"], unique=False)


def _generations() -> None:
    op.create_table(
        "generations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("topic_id", sa.String(length=40), nullable=False),
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=40), nullable=True),
        sa.Column("seed_note_id", sa.String(length=40), nullable=True),
        sa.Column("cluster_note_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("topic_summary", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("regeneration_of", sa.String(length=40), nullable=True),
        sa.Column("warnings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("context_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_generations_campaign_id")),
        sa.ForeignKeyConstraint(["persona_id"], ["personas.id"], name=op.f("fk_generations_persona_id")),
        sa.ForeignKeyConstraint(["regeneration_of"], ["generations.id"], name=op.f("fk_generations_regeneration_of")),
        sa.ForeignKeyConstraint(["seed_note_id"], ["notes.id"], name=op.f("fk_generations_seed_note_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_generations_topic_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_generations_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
        sa.UniqueConstraint("task_id", name=op.f("uq_generations_task_id")),
    )
    op.create_index(op.f("ix_generations_workspace_id_id"), "generations", ["workspace_id", "id"], unique=False)


def _pieces() -> None:
    op.create_table(
        "pieces",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("generation_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=40), nullable=True),
        sa.Column("medium", sa.String(length=20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parent_piece_id", sa.String(length=40), nullable=True),
        sa.Column("meta", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("guard", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("provenance", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("context_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_pieces_campaign_id")),
        sa.ForeignKeyConstraint(["generation_id"], ["generations.id"], name=op.f("fk_pieces_generation_id")),
        sa.ForeignKeyConstraint(["parent_piece_id"], ["pieces.id"], name=op.f("fk_pieces_parent_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_pieces_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pieces")),
        sa.UniqueConstraint(
            "generation_id", "medium", "sequence", name=op.f("uq_pieces_generation_id_medium_sequence")
        ),
    )
    op.create_index(op.f("ix_pieces_campaign_id"), "pieces", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_pieces_workspace_id_id"), "pieces", ["workspace_id", "id"], unique=False)
    op.create_index(op.f("ix_pieces_workspace_id_status_id"), "pieces", ["workspace_id", "status", "id"], unique=False)


def _variants() -> None:
    op.create_table(
        "variants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=4), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("parent_variant_id", sa.String(length=40), nullable=True),
        sa.Column("experiment_id", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["parent_variant_id"], ["variants.id"], name=op.f("fk_variants_parent_variant_id")),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_variants_piece_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_variants_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("piece_id", "label", "version", name=op.f("uq_variants_piece_id_label_version")),
    )


def _used_seeds() -> None:
    op.create_table(
        "used_seeds",
        sa.Column("note_id", sa.String(length=40), nullable=False),
        sa.Column("generation_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_used_seeds_note_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_used_seeds_workspace_id")),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_used_seeds")),
    )
    op.create_index(op.f("ix_used_seeds_workspace_id_note_id"), "used_seeds", ["workspace_id", "note_id"], unique=False)
