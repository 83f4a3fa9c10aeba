"""A workspace's own prompts, every version of each, and what came of comparing two."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class PromptVersion(Scoped, Base):
    """The newest one of a template is in force. Rows are added; the database itself refuses to change or remove one.

    One without a text puts the shipped template in force again; `restores` is the version whose text came back.
    """

    __tablename__ = "prompt_versions"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    template: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    how: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    restores: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500))
    by: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("workspace_id", "template", "version"), Index(None, "workspace_id", "id"))


class PromptTrial(Scoped, Base):
    """Two versions of a prompt on the same inputs: `sides` holds what came of each. Rows only grow as well."""

    __tablename__ = "prompt_trials"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), unique=True)
    template: Mapped[str] = mapped_column(String(60))
    topic_id: Mapped[str] = mapped_column(ForeignKey("topics.id"))
    persona_id: Mapped[str] = mapped_column(ForeignKey("personas.id"))
    sides: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "id"),)
