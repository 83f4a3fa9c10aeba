"""Sites, channels, and posts: one publication of one variant on one channel each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from regrow.store.migrations import locks

revision = "0011"
down_revision = "0010"

SCOPED = (
    "sites",
    "channels",
    "posts",
    "deliveries",
    "post_totals",
)
ONLY_GROW = ("deliveries", "post_totals")


def upgrade() -> None:
    _sites()
    _channels()
    _posts()
    _deliveries()
    _post_totals()
    for table in SCOPED:
        locks.lock_rows(table)
    for table in ONLY_GROW:
        locks.only_grow(table)


def _sites() -> None:
    op.create_table(
        "sites",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("tagline", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("look", sa.JSON(), nullable=False),
        sa.Column("is_served", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_sites_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
    )
    op.create_index(op.f("ix_sites_workspace_id_id"), "sites", ["workspace_id", "id"], unique=False)
    op.create_index(
        "uq_sites_workspace_id_served",
        "sites",
        ["workspace_id"],
        unique=True,
        sqlite_where=sa.text("is_served AND archived_at IS NULL"),
        postgresql_where=sa.text("is_served AND archived_at IS NULL"),
    )


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_channels_site_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_channels_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_workspace_id_id"), "channels", ["workspace_id", "id"], unique=False)


def _posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("piece_id", sa.String(length=40), nullable=False),
        sa.Column("variant_id", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=40), nullable=True),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("outside_id", sa.String(length=300), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("context_id", sa.String(length=40), nullable=True),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_posts_channel_id")),
        sa.ForeignKeyConstraint(["piece_id"], ["pieces.id"], name=op.f("fk_posts_piece_id")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_posts_variant_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_posts_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_posts_workspace_id_key")),
    )
    _posts_are_found()


def _posts_are_found() -> None:
    op.create_index(
        op.f("ix_posts_workspace_id_channel_id_slug"), "posts", ["workspace_id", "channel_id", "slug"], unique=False
    )
    op.create_index(
        op.f("ix_posts_workspace_id_channel_id_published_at"),
        "posts",
        ["workspace_id", "channel_id", "published_at"],
        unique=False,
    )
    op.create_index(op.f("ix_posts_workspace_id_id"), "posts", ["workspace_id", "id"], unique=False)
    op.create_index(
        op.f("ix_posts_workspace_id_piece_id_id"), "posts", ["workspace_id", "piece_id", "id"], unique=False
    )
    op.create_index(
        op.f("ix_posts_workspace_id_status_due_at"), "posts", ["workspace_id", "status", "due_at"], unique=False
    )
    op.create_index(op.f("ix_posts_workspace_id_updated_at"), "posts", ["workspace_id", "updated_at"], unique=False)
    op.create_index(
        "uq_posts_channel_id_variant_id_open",
        "posts",
        ["channel_id", "variant_id"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('failed', 'cancelled', 'removed')"),
        postgresql_where=sa.text("status NOT IN ('failed', 'cancelled', 'removed')"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("channel_id", sa.String(length=40), nullable=False),
        sa.Column("post_id", sa.String(length=40), nullable=True),
        sa.Column("message_id", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_deliveries_channel_id")),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_deliveries_post_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_deliveries_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        op.f("ix_deliveries_workspace_id_channel_id_id"),
        "deliveries",
        ["workspace_id", "channel_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliveries_workspace_id_post_id_id"), "deliveries", ["workspace_id", "post_id", "id"], unique=False
    )


def _post_totals() -> None:
    op.create_table(
        "post_totals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("post_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("lowered", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workspace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_totals_post_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_post_totals_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_totals")),
    )
    op.create_index(
        op.f("ix_post_totals_workspace_id_post_id_at_id"),
        "post_totals",
        ["workspace_id", "post_id", "at", "id"],
        unique=False,
    )
