"""What a persona's voice was learned from, and what was learned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("personas", sa.Column("learned", sa.JSON(none_as_null=True), nullable=True))
