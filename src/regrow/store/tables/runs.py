"""Runs of functions, the progress of each, and what each model call used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from regrow.store.tables.base import Base, Scoped


class Run(Scoped, Base):
    """`request` is what was asked for; the durable engine itself is handed ids only.

    `prompts` names the version that a call is put in, fixed when the run began; a call that is not in it is put in
    the shipped one.
    """

    __tablename__ = "runs"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    function: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    request: Mapped[dict[str, Any]]
    prompts: Mapped[dict[str, Any]] = mapped_column(server_default="{}", default=dict)
    context_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "workspace_id", "finished_at"))


class ProgressEvent(Scoped, Base):
    __tablename__ = "progress_events"
    task_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    phase: Mapped[str] = mapped_column(String(10))
    percent: Mapped[int]
    message: Mapped[str] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(10))
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "task_id", "sequence"),)


class UsageRow(Scoped, Base):
    """One try at one model. `cost_micros` is millionths of a US dollar, empty when the price is unknown."""

    __tablename__ = "usage_rows"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    context_id: Mapped[str | None] = mapped_column(String(40))
    function: Mapped[str] = mapped_column(String(60))
    provider: Mapped[str] = mapped_column(String(60))
    model: Mapped[str] = mapped_column(String(200))
    template: Mapped[str] = mapped_column(String(100))
    template_version: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(Text)
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost_micros: Mapped[int | None]
    duration_ms: Mapped[int]
    at: Mapped[datetime]

    __table_args__ = (Index(None, "workspace_id", "id"), Index(None, "workspace_id", "task_id"))
