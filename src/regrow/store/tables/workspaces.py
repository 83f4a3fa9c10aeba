"""Workspaces, and the settings of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Workspace(Base):
    """The register of tenants: it holds names only, and is the one table with no workspace of its own."""

    __tablename__ = "workspaces"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class WorkspaceSettings(Scoped, Base):
    __tablename__ = "workspace_settings"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    values: Mapped[dict[str, Any]]
    version: Mapped[int]
    updated_at: Mapped[datetime]
