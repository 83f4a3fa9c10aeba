"""Notes, the names they answer to, their links and tags."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Note(Scoped, Base):
    """`body` holds no comments, and nothing at all while a note is private: what is not here cannot leak."""

    __tablename__ = "notes"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(200))
    identity: Mapped[str] = mapped_column(String(1024))
    path: Mapped[str] = mapped_column(String(1024))
    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]]
    aliases: Mapped[list[str]]
    front_matter: Mapped[dict[str, Any]]
    warnings: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(String(64))
    word_count: Mapped[int]
    is_private: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("workspace_id", "source", "identity"),
        Index(None, "workspace_id", "id"),
        Index(None, "workspace_id", "source", "path"),
        Index(None, "workspace_id", "source", "digest"),
        Index(
            "ix_notes_private",
            "workspace_id",
            "id",
            sqlite_where=text("is_private = 1"),
            postgresql_where=text("is_private"),
        ),
    )


class NoteName(Scoped, Base):
    """A name a wikilink may use, lower case: the last part of the path, an alias, a title or an id."""

    __tablename__ = "note_names"
    workspace_id: Mapped[str] = mapped_column(String(40), ForeignKey("workspaces.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))

    __table_args__ = (Index(None, "note_id"),)


class NoteLink(Scoped, Base):
    """One link as written. `to_note_id` is empty while nothing answers to the name."""

    __tablename__ = "note_links"
    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(1024))
    name: Mapped[str] = mapped_column(String(500))
    heading: Mapped[str | None] = mapped_column(String(500))
    alias: Mapped[str | None] = mapped_column(String(500))
    to_note_id: Mapped[str | None] = mapped_column(ForeignKey("notes.id", ondelete="SET NULL"))

    __table_args__ = (
        Index(None, "workspace_id", "note_id", "to_note_id"),
        Index(None, "workspace_id", "to_note_id", "note_id"),
        Index(None, "workspace_id", "name"),
    )


class NoteTag(Scoped, Base):
    __tablename__ = "note_tags"
    workspace_id: Mapped[str] = mapped_column(String(40), ForeignKey("workspaces.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(200), primary_key=True)
    note_id: Mapped[str] = mapped_column(ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index(None, "note_id"),)
