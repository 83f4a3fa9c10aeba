"""Private notes are found by index: the guard looks for their titles in every new text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index(
        "ix_notes_private",
        "notes",
        ["workspace_id", "id"],
        unique=False,
        sqlite_where=sa.text("is_private = 1"),
        postgresql_where=sa.text("is_private"),
    )
