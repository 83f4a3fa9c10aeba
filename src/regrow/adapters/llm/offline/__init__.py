"""The embedded writer: drafts made of sentences taken word for word from the notes, with no model and no network."""

from __future__ import annotations

from regrow.adapters.llm.offline.writer import OfflineWriter

__all__ = ["OfflineWriter"]
